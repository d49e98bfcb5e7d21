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

test("only those who may ban", function()
    local player = join { name = "Mika" }

    join { name = "Ken" }:command("/ban Mika cheating")
    expect(player.online, true)
end)
