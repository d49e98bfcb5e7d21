local mika = player {
  name = "Mika",
  ["connection.ip"] = "192.0.2.77",
  ["client.protocol"] = 776,
  ["client.locale"] = "ja_jp",
  ["client.brand"] = "fabric",
}

test("the lobby keeps no whole address", function()
  local address, how = recorded(mika, "lobby", "connection.ip")
  expect(address, "192.0.2.0")
  expect(how.purpose, "service")
  expect(how.keep, "7d")
  expect(recorded(mika, "lobby", "connection.ip", "2001:db8:1:2:3::4"), "2001:db8:1::")
end)

test("the lobby counts releases, of players who chose statistics", function()
  expect(recorded(mika, "lobby", "client.protocol"), nil)
  local fan = player { purposes = { "analytics" }, ["client.protocol"] = 776 }
  local release, how = recorded(fan, "lobby", "client.protocol")
  expect(release, "26")
  expect(how.counted, true)
end)

test("the lobby is not told the address, nor which client it is", function()
  expect(contains(forwarded(mika, "lobby", "connection.ip"), "192.0.2"), false)
  expect(forwarded(mika, "lobby", "client.brand"), "vanilla")
end)

test("the lobby is told the languages that it speaks, and of others English", function()
  expect(forwarded(mika, "lobby", "client.locale"), "ja_jp")
  expect(forwarded(mika, "lobby", "client.locale", "is_is"), "en_us")
end)

test("the lobby sends players to the community's own machines alone", function()
  expect(may("lobby", "transfer", "eu.example.net"), true)
  expect(may("lobby", "transfer", "play.example.org"), false)
end)
