with_servers { "lobby", "survival" }

test("/hub and /lobby lead back to the lobby", function()
    local player = join { name = "Mika", server = "survival" }

    player:command("/hub")
    expect(player.server, "lobby")
    player:command("/lobby")
    player:sees("You are in the lobby already.")
end)
