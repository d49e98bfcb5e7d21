-- Five servers, each with rules that a community could start from, and tests of these rules:
--
--   sekisho check -c scripts/examples/sekisho.lua     what each server is told, and what is kept
--   sekisho test  -c scripts/examples/sekisho.lua     runs the *_test.lua beside the rule files
return {
  listen = "0.0.0.0:25565",
  auth = "online",
  servers = {
    lobby     = { address = "127.0.0.1:25566", rules = "scripts/examples/lobby.lua" },
    survival  = { address = "127.0.0.1:25567", rules = "scripts/examples/survival.lua", forwarding = "modern" },
    children  = { address = "127.0.0.1:25568", rules = "scripts/examples/creative_children.lua" },
    modded    = { address = "127.0.0.1:25569", rules = "scripts/examples/modded.lua" },
    -- Others run this one: it knows the players by pseudonym.
    minigames = { address = "games.example.net:25565", rules = "scripts/examples/minigames.lua", third_party = true },
  },
  try = { "lobby" },
  policy = "config/policy",
}
