-- The lobby: everybody comes through, nobody stays. Enough to stop an attack, and to know which
-- versions of the game to support.
include "common.lua"

collect "player.uuid"     { purpose = "service", keep = "30d" }
collect "connection.ip"   { purpose = "service", keep = "7d", form = truncate(24, 48) }
collect "client.protocol" { purpose = "analytics", keep = "90d", form = count(category) }

forward "client.locale" { form = language }
forward "player.skin"   { form = full }

-- From here players may be sent on to the community's other machine.
transfer "*.example.net"
