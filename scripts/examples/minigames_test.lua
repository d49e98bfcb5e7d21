local mika = player { name = "Mika", ["connection.ip"] = "192.0.2.77", ["client.brand"] = "fabric",
                      ["client.locale"] = "de_ch" }

test("those who run the minigames do not learn who plays", function()
  local name = forwarded(mika, "minigames", "player.name")
  expect(starts_with(name, "p_"), true)
  expect(contains(lower(name), "mika"), false)
  expect(forwarded(mika, "minigames", "player.uuid") == forwarded(mika, "survival", "player.uuid"), false)
  expect(forwarded(mika, "minigames", "player.skin", "a skin"), "")
  expect(contains(forwarded(mika, "minigames", "connection.ip"), "192.0.2"), false)
  expect(forwarded(mika, "minigames", "client.brand"), "vanilla")
end)

test("a player who comes again is the same to them", function()
  local again = player { name = "Mika" }
  expect(forwarded(again, "minigames", "player.name"), forwarded(mika, "minigames", "player.name"))
end)

test("they learn the language where they speak it", function()
  expect(forwarded(mika, "minigames", "client.locale"), "de_ch")
  expect(forwarded(mika, "minigames", "client.locale", "fi_fi"), "en_us")
end)

test("no person is kept, and only counts of those who chose it", function()
  expect(recorded(mika, "minigames", "player.uuid"), nil)
  expect(recorded(mika, "minigames", "session.duration", 400), nil)
  local fan = player { purposes = { "analytics" } }
  local time, how = recorded(fan, "minigames", "session.duration", 400)
  expect(time, "5 to 30 minutes")
  expect(how.counted, true)
end)

test("they can neither send players away nor leave anything with them", function()
  expect(may("minigames", "transfer", "games.example.net"), false)
  expect(may("minigames", "cookie.store", "minigames:rank"), false)
end)
