-- What the lobby may learn, and what is kept of it. Everything that is not named here is neither
-- kept nor told to the server; docs/rules.md explains the words.

collect "player.uuid"     { purpose = "service",   keep = "30d" }
collect "connection.ip"   { purpose = "service",   keep = "7d", form = truncate(24, 48) }
collect "client.protocol" { purpose = "service",   keep = "90d", form = count }

forward "client.locale"     { form = full }   -- the server speaks the player's language
forward "player.skin"       { form = full }   -- others see the skin of the account
forward "client.skin_parts" { form = full }   -- others see the skin as its owner chose it
forward "client.main_hand"  { form = full }
forward "client.chat_mode"  { form = full }
forward "client.chat_colors" { form = full }
forward "client.particles"  { form = full }
