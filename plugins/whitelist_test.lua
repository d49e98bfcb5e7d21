test("who is not listed reads a code", function()
    local player = join { name = "Mika" }

    player:sees("Give its staff this code: ")
    expect(player.online, false)
end)

test("staff come in, list others by name, and take them off again", function()
    local staff = join { name = "Sora", permissions = { "whitelist.skip", "whitelist.edit" } }

    join { name = "Mika" }:sees("Give its staff this code: ")
    staff:command("/whitelist add nonsense")
    staff:sees("That is no code, and nobody of this name has been here.")
    staff:command("/whitelist add Mika")
    staff:sees("On the list now: ")
    staff:command("/whitelist count")
    staff:sees("Players on the list: 1")
    local player = join { name = "Mika" }
    expect(player.online, true)
    staff:command("/whitelist remove Mika")
    player:sees("You are not on the list of this server any more.")
    staff:command("/whitelist remove Mika")
    staff:sees("Not on the list: ")
end)
