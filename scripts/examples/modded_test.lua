local mika = player { name = "Mika", ["client.mods"] = "jei,create,voicechat", ["client.brand"] = "forge 47.2.0" }

test("of the mods only a forbidden one is kept, and not which", function()
  expect(recorded(mika, "modded", "client.mods"), nil)
  expect(recorded(mika, "modded", "client.mods", "jei,XRay"), "has a forbidden mod")
  expect(recorded(mika, "modded", "client.mods", "notxray"), nil)
end)

test("the server is told the loader, and not its build", function()
  expect(forwarded(mika, "modded", "client.brand"), "forge")
end)

test("round trips are counted in steps of 50 ms, for statistics alone", function()
  expect(recorded(mika, "modded", "session.ping", 120), nil)
  local fan = player { purposes = { "analytics" } }
  expect(recorded(fan, "modded", "session.ping", 120), "100-149")
end)

test("mods talk to their server, but for the map that shows other players", function()
  expect(may("modded", "channel.to_client", "create:main"), true)
  expect(may("modded", "channel.to_client", "worldmap:players"), false)
end)
