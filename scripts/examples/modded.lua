-- A server with mods: loaders shake hands without a rule, the mods' own messages need one. Of the
-- list of mods only what the rules of the game forbid is kept.
include "common.lua"

local forbidden = pattern "(^|,)(xray|killaura|baritone)(,|$)"

collect "player.uuid" { purpose = "service", keep = "180d" }
collect "client.mods" { purpose = "service", keep = "30d", form = function(ctx)
  if forbidden(lower(ctx.value)) then return "has a forbidden mod" end
end }
collect "session.ping" { purpose = "analytics", keep = "90d", form = count(bucket(50)) }

forward "client.locale" { form = full }
forward "client.brand"  { form = category }   -- which loader, not which of its builds
forward "player.skin"   { form = full }

channel "*" { to_server = true, to_client = true }
channel "worldmap:*" { to_server = false, to_client = false }   -- but not where others are
