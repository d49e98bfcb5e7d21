local child = player {
  name = "Mika",
  purposes = { "analytics" },   -- even with every purpose chosen
  ["player.skin"] = "a skin",
  ["connection.ip"] = "192.0.2.77",
  ["client.locale"] = "ja_jp",
  ["client.brand"] = "fabric",
  ["client.text_filtering"] = true,
  ["client.server_listing"] = true,
}

test("nothing that a child brings is kept", function()
  for _, field in ipairs { "player.uuid", "player.name", "connection.ip", "client.locale", "client.brand" } do
    expect(recorded(child, "children", field), nil)
  end
  expect(recorded(child, "children", "chat.message", "hello"), nil)
  expect(recorded(child, "children", "session.duration", 600), nil)
end)

test("visits are counted, with nobody attached", function()
  local server, how = recorded(child, "children", "session.server")
  expect(server, "children")
  expect(how.counted, true)
end)

test("the filter of bad words is on where the child's client has it on", function()
  expect(forwarded(child, "children", "client.text_filtering"), 1)
end)

test("a child stands in no list, and looks and speaks like everybody", function()
  expect(forwarded(child, "children", "client.server_listing"), 0)
  expect(forwarded(child, "children", "client.locale"), "en_us")
  expect(forwarded(child, "children", "player.skin"), "")
end)
