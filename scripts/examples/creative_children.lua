-- A creative server for children: the least. Nothing about a child is kept; how full the server is
-- shows in counts. It is told the name that the others see in the game, and what the game itself
-- needs.
collect "session.server" { purpose = "service", keep = "30d", form = count }

-- The client's filter of bad words works only when the server is told that it is on.
forward "client.text_filtering" { form = full }
forward "client.main_hand"      { form = full }
