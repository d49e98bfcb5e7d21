test("who is banned is put out, and does not come in again", function()
    local staff = join { name = "Sora", permissions = { "bans.edit" } }
    local player = join { name = "Mika", locale = "ja_jp" }

    staff:command("/ban Mika cheating 3")
    player:sees("このサーバーへの参加は禁止されています。")
    expect(player.online, false)
    join { name = "Mika" }:sees("Days left: 3")
    staff:command("/unban Mika")
    staff:sees("The ban is lifted.")
    expect(join { name = "Mika" }.online, true)
end)

test("for a time, which the policy bounds, and also of who was never here", function()
    local staff = join { name = "Sora", permissions = { "bans.edit" } }

    staff:command("/ban Mika griefing")
    staff:sees("Nobody of this name has been here")
    staff:command("/ban 1c9f3a52-7d0e-4b86-9a41-5e2f80c6d713 griefing 12h")
    staff:sees("Banned. Code: ")
    staff:command("/ban 1c9f3a52-7d0e-4b86-9a41-5e2f80c6d713 griefing soon")
    staff:sees("Write the time as 30m, 12h or 7d.")
    staff:command("/ban 1c9f3a52-7d0e-4b86-9a41-5e2f80c6d713 griefing 99999d")
    staff:sees("The policy lets a ban last so many days at most: ")
    staff:command("/bans")
    staff:sees("Reason: griefing  Hours left: 12")
    staff:sees("Bans in all: 1")
    staff:command("/unban 1c9f3a52-7d0e-4b86-9a41-5e2f80c6d713")
    staff:command("/bans")
    staff:sees("Nobody is banned.")
end)

test("only those who may ban", function()
    local player = join { name = "Mika" }

    join { name = "Ken" }:command("/ban Mika cheating")
    expect(player.online, true)
end)
