test("who is not listed reads a code", function()
    local player = join { name = "Mika" }

    player:sees("Give its staff this code: ")
    expect(player.online, false)
end)

test("staff come in, and list others", function()
    local staff = join { name = "Sora", permissions = { "whitelist.skip", "whitelist.edit" } }

    staff:command("/whitelist add nonsense")
    staff:sees("That is no code.")
end)
