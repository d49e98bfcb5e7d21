// player:connect, which waits until the player stands there or does not, and says which.
import test from 'node:test'
import assert from 'node:assert/strict'
import { startBackend } from './lib/backend.mjs'
import { startSekisho } from './lib/sekisho.mjs'
import { joinAs } from './lib/player.mjs'
import { letIn } from './lib/scene.mjs'
import { saying } from './lib/plugins.mjs'

const probe = `plugin { name = "probe", version = "1.0.0" }
local function go(player, ...)
  local ok, why = player:connect(...)
  log.info("came " .. tostring(ok) .. " " .. tostring(why) .. " " .. tostring(player.server))
end
command("go", { arguments = { { "where", "server" } } }, function(player, arguments) go(player, arguments.where) end)
command("both", function(player)
  after(0, function() go(player, "full") end)
  after(0, function() go(player, "one") end)
end)
on("player.login", { priority = 1 }, function(player)
  after(0, function() go(player, "other") end)
end)
on("server.connect", function(player, event)
  if event.server == "closed" then event:deny("closed today") end
  if event.server == "elsewhere" then event:redirect("other") end
end)
on("player.chat", function(player) go(player, "other") end)
on("player.disconnect", function(player) go(player, "one") end)
`

for (const version of ['1.20.4', '26.1']) {
  test(`${version}: who is put out on the way from one server to another reads why`, async t => {
    const one = await startBackend(t, { version })
    const other = await startBackend(t, { version })
    // While a handler waits the client is not heard: it is called back, and has not answered.
    const sekisho = await startSekisho(t, { files: { 'plugins/probe.lua': `plugin { name = "probe", version = "1.0.0" }
      on("player.chat", function(player)
        after(0, function() player:connect("other") end)
        after(0.3, function() player:disconnect("away with you") end)
        sleep(0.6)
      end)` }, servers: { one: { address: one.address }, other: { address: other.address } }, config: { try: ['one'] } })
    const player = await letIn(joinAs(t, { port: sekisho.port, version }))
    player.type('hello')
    await player.until('the words', () => player.disconnect)
    assert.equal(player.disconnect.text, 'away with you')
    assert.match(player.packets.slice(-2).join(' '), /play.start_configuration configuration.disconnect/)
    assert.deepEqual(player.errors, [])
  })
}

for (const version of ['1.8.8', '1.20.4', '26.1']) {
  test(`${version}: player:connect waits, and says what came of it`, async t => {
    const one = await startBackend(t, { version })
    const other = await startBackend(t, { version, x: 99.5 })
    const full = await startBackend(t, { version, refuse: 'full' })
    const sekisho = await startSekisho(t, {
      files: { 'plugins/probe.lua': probe },
      servers: Object.fromEntries(Object.entries({ one, other, full, closed: one, elsewhere: one })
        .map(([name, { address }]) => [name, { address }])),
      config: { try: ['one'] }
    })
    const player = joinAs(t, { port: sekisho.port, version })
    const says = words => saying(sekisho, new RegExp(`^came ${words}$`))
    await says('nil the player is at the gate, or between two servers nil')
    await letIn(player)
    player.type('/go one')
    await says('true nil one')
    player.type('/go other')
    await says('true nil other')
    player.type('/go full')
    await says('nil the server did not take the player other')
    player.type('/go closed')
    await says('nil the player was kept from the server, or sent elsewhere other')
    player.type('/go elsewhere')
    await says('nil the player was kept from the server, or sent elsewhere other')
    player.type('/both')
    await says('nil the player was wanted elsewhere meanwhile other')
    await player.playing()
    player.type('in a handler of an event of theirs it is only begun')
    await says('true nil one')
    await player.playing(99.5)
    player.leave()
    await says('nil the player has left nil')
    assert.deepEqual(player.errors, [])
    assert.doesNotMatch(sekisho.stderr, / error /)
  })
}
