-- Minigames that others run (third_party = true): they learn no account, no name and no address, and
-- meet a player under the same pseudonym for a month, so that ranking lists can work.
include "common.lua"

forward "player.uuid" { form = pseudonym("30d"), purpose = "service" }
forward "player.name" { form = pseudonym("30d"), purpose = "service" }
forward "client.locale" { form = language, purpose = "service" }

-- Kept here, for the contract with them: how long people play, with no person attached.
collect "session.duration" { purpose = "analytics", keep = "90d", form = count(category) }
