local mika = player { name = "Mika", ["connection.ip"] = "192.0.2.77", ["client.brand"] = "LunarClient:v2" }

test("survival keeps reports, and nothing else that is typed", function()
  local text, how = recorded(mika, "survival", "chat.command", "report Grief at my house")
  expect(text, "report Grief at my house")
  expect(how.keep, "30d")
  expect(recorded(mika, "survival", "chat.command", "home"), nil)
  expect(recorded(mika, "survival", "chat.command", "reports"), nil)
  expect(recorded(mika, "survival", "chat.command", "msg Somebody report me"), nil)
  expect(recorded(mika, "survival", "chat.message", "hello"), nil)
end)

test("survival keeps the day of a visit, not the hour", function()
  expect(recorded(mika, "survival", "session.start", "2026-01-31T09:12:13.000Z"), "2026-01-31")
end)

test("survival is told a stand-in for the address, the same for the same address", function()
  local told = forwarded(mika, "survival", "connection.ip")
  expect(starts_with(told, "fd"), true)
  local sister = player { name = "Yuki", ["connection.ip"] = "192.0.2.77" }
  expect(forwarded(sister, "survival", "connection.ip"), told)
end)

test("survival counts clients by kind, of players who chose statistics", function()
  local fan = player { purposes = { "analytics" }, ["client.brand"] = "LunarClient:v2" }
  expect(recorded(fan, "survival", "client.brand"), "lunar")
  expect(recorded(mika, "survival", "client.brand"), nil)
end)

test("survival talks to the voice chat's mod, and to no other", function()
  expect(may("survival", "channel.to_client", "voicechat:state"), true)
  expect(may("survival", "channel.to_client", "worldedit:cui"), false)
  expect(may("survival", "resource_pack", "https://packs.example.net/spring.zip"), true)
  expect(may("survival", "resource_pack", "https://example.org/spring.zip"), false)
end)
