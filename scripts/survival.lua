-- What the survival server may learn, and what is kept of it. docs/rules.md explains the words.

collect "player.uuid"   { purpose = "service",   keep = "180d" }
collect "connection.ip" { purpose = "service",   keep = "7d", form = truncate(24, 48) }
collect "client.brand"  { purpose = "analytics", keep = "90d", form = count }

-- A stand-in for the address, the same for everybody behind it: bans by address go on working,
-- and the server never learns the address.
forward "connection.ip"      { form = pseudonym }
forward "client.locale"      { form = full }
forward "player.skin"        { form = full }
forward "client.skin_parts"  { form = full }
forward "client.main_hand"   { form = full }
forward "client.chat_mode"   { form = full }
forward "client.chat_colors" { form = full }
forward "client.particles"   { form = full }

-- What the server may do to a client needs a rule, too, as soon as it is wanted:
-- channel "voicechat:*" { to_server = true, to_client = true }
-- resource_pack "cdn.example.net"
