-- The way back: /hub and /lobby lead to the lobby from everywhere.
plugin { name = "hub", version = "1.0.0", optional = true }

local own = settings({ server = "lobby" }, { server = "server" })

local here = translated { en = "You are in the lobby already.", ja = "すでにロビーにいます。" }

command("hub", { description = "back to the lobby", aliases = { "lobby" } }, function(player)
    if player.server == own.server then
        return here
    end
    player:connect(own.server)
end)
