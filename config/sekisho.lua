-- The operator's configuration. `sekisho check` reads it and says what is wrong; docs/ explains it.
return {
  listen = "0.0.0.0:25565",

  -- "online" before you open the port: the account service vouches for who a player is. In offline
  -- mode anybody can claim any name, and records say so: identity = "offline".
  auth = "offline",

  -- Your game servers, each behind a rule file that says what it may learn. Without any, players
  -- who accepted wait in Sekisho's own limbo, so that this file works as it is.
  --
  --   servers = {
  --     lobby    = { address = "127.0.0.1:25566", rules = "scripts/lobby.lua" },
  --     survival = { address = "127.0.0.1:25567", rules = "scripts/survival.lua" },
  --   },
  --   try = { "lobby", "survival" },   -- who joins goes to the first that answers

  policy = "config/policy",
  store = "sqlite:data/sekisho.db",

  gate = { timeout = "10m" },           -- so long may a newcomer read
  limits = { connections_per_ip = 8, logins_per_ip = "5/10s", login_timeout = "30s" },
  status = { description = "A Minecraft community", max_players = 100 },
}
