-- Survival: people build here for years, and things are stolen. What is kept answers "who was it",
-- for half a year, and what players report.
include "common.lua"

collect "player.uuid"      { purpose = "service", keep = "180d" }
collect "player.name"      { purpose = "service", keep = "180d" }
collect "connection.ip"    { purpose = "service", keep = "7d", form = truncate(24, 48) }
collect "session.start"    { purpose = "service", keep = "30d", form = category }   -- the day alone
collect "session.duration" { purpose = "analytics", keep = "90d", form = count(category) }
collect "client.brand"     { purpose = "analytics", keep = "90d", form = count(category) }

-- What is typed behind /report, and no other command.
collect "chat.command" { purpose = "service", keep = "30d",
  when = function(ctx) return starts_with(ctx.value, "report ") end }

-- A stand-in made from the address: bans by address go on working.
forward "connection.ip" { form = pseudonym }
forward "client.locale" { form = full }
forward "player.skin"   { form = full }

channel "voicechat:*"         { to_server = true, to_client = true }
resource_pack "packs.example.net"
