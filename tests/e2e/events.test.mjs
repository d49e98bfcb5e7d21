// What plugins hear of a player's way: everything once, in order, and nothing reaches a server that
// they had no word in.
import test from 'node:test'
import assert from 'node:assert/strict'
import { startBackend } from './lib/backend.mjs'
import { startSekisho } from './lib/sekisho.mjs'
import { joinAs, freshName } from './lib/player.mjs'
import { scene, letIn } from './lib/scene.mjs'
import { listener, heard, said, saying } from './lib/plugins.mjs'
import { onlineScene } from './lib/accounts.mjs'
import { connectRaw, handshake, loginStart } from './lib/raw.mjs'
import { protocolOf } from './lib/versions.mjs'
import { quiet, until } from './lib/wait.mjs'

const versions = ['1.7.10', '1.8.8', '1.12.2', '1.16.5', '1.19.4', '1.20.4', '1.21.4', '1.21.11', '26.1']
const way = ['connection', 'player.login', 'consent.shown', 'consent.given', 'consent.refused', 'server.choose',
  'server.connect', 'player.join', 'server.connected', 'server.switch', 'server.kicked', 'player.disconnect']
const ends = /^player\.(login|disconnect)$/

async function two (t, version, plugin, more = {}) {
  const one = await startBackend(t, { version, ...more.one })
  const other = await startBackend(t, { version, ...more.other })
  const sekisho = await startSekisho(t, {
    files: { 'plugins/probe.lua': plugin },
    servers: { one: { address: one.address }, other: { address: other.address }, down: { address: '127.0.0.1:1' } },
    config: { try: ['one', 'other'], ...more.config }
  })
  const join = options => joinAs(t, { port: sekisho.port, version, ...options })
  return { one, other, sekisho, join }
}

for (const version of versions) {
  test(`${version}: a player's way is heard in order, each step once`, async t => {
    const plugin = listener(way, { details: '(event.server or "") .. "<" .. (event.from or "") .. " " .. (event.cause or "")' })
    const { one, other, sekisho, join } = await two(t, version, plugin)
    const player = await letIn(join())
    await saying(sekisho, /heard server.connected one/)
    player.type('/server other')
    await other.joined(player.username)
    await saying(sekisho, /heard server.switch other<one/)
    other.kick(other.players[0].client, 'out')
    await saying(sekisho, /heard server.switch one<other/)
    player.leave()
    await saying(sekisho, /player.disconnect/)
    assert.deepEqual(said(sekisho).filter(line => /^heard/.test(line)).map(line => line.trim()), [
      'heard connection <', 'heard player.login <', 'heard consent.shown <', 'heard consent.given <',
      'heard server.choose one<', 'heard server.connect one<', 'heard player.join one<', 'heard server.connected one<',
      'heard server.connect other<one', 'heard server.connected other<one', 'heard server.switch other<one',
      'heard server.kicked other< kicked', 'heard server.connect one<', 'heard server.connected one<other',
      'heard server.switch one<other', 'heard player.disconnect one< left'])
    assert.equal(one.players.length, 2)
  })
}

test('a release that is not known yet is heard as far as it is read', async t => {
  const { sekisho, join } = await scene(t, {
    version: '26.1', files: { 'plugins/probe.lua': listener(way) }
  })
  const player = join({ protocol: 999 })
  await letIn(player)
  player.leave()
  await saying(sekisho, /player.disconnect/)
  assert.deepEqual(heard(sekisho), ['connection', 'player.login', 'consent.shown', 'consent.given', 'server.choose',
    'server.connect', 'player.join', 'server.connected', 'player.disconnect'])
})

const loginDenied = `plugin { name = "deny", version = "1.0.0" }
on("player.login", function(player, event) event:deny("not you") end)`

const out = (event, handler) => `plugin { name = "out", version = "1.0.0" }\non("${event}", ${handler})`

const waysOut = {
  'a refused login': { denied: true, files: { 'plugins/deny.lua': loginDenied }, async act ({ player }) { await player.gone() } },
  declining: { async act ({ player }) { await player.decline(); await player.gone() } },
  'no answer': { config: { gate: { timeout: '1s' } }, async act ({ player }) { await player.gone() } },
  'leaving at the gate': { cause: 'left', async act ({ player }) { await player.gate(); player.leave() } },
  'leaving the game': { cause: 'left', async act ({ player }) { await letIn(player); player.leave() } },
  'a lost server': { async act ({ player, backend }) { await letIn(player); backend.crash(); await player.gone() } },
  'no server': { server: { address: '127.0.0.1:1' }, async act ({ player }) { await player.accept(); await player.gone() } },
  'being put out by a plugin': {
    files: { 'plugins/out.lua': out('player.join', 'function(player) player:disconnect("out") end') },
    async act ({ player }) { await player.accept(); assert.equal(await player.gone(), 'out') }
  },
  'being put out while logging in': {
    cause: 'nil',
    files: { 'plugins/out.lua': out('player.login', 'function(player) player:disconnect("out") end') },
    async act ({ player }) { assert.equal(await player.gone(), 'out') }
  },
  'a denied server': {
    files: { 'plugins/out.lua': out('server.connect', 'function(player, event) event:deny("full") end') },
    async act ({ player, backend }) {
      await player.accept()
      assert.equal(await player.gone(), 'full')
      assert.equal(backend.connections, 0)
    }
  },
  'a second login': {
    twice: true,
    cause: 'replaced',
    async act ({ player, join }) {
      await letIn(player)
      const second = join({ username: player.username })
      await player.gone()
      await second.playing()
      second.leave()
    }
  },
  erasure: {
    async act ({ player, sekisho }) {
      await letIn(player)
      assert.equal(sekisho.command('player', 'erase', '-c', 'config/sekisho.lua', player.username).status, 0)
      await player.gone()
    }
  },
  'the end of Sekisho': {
    cause: 'stopped',
    async act ({ player, sekisho }) { await letIn(player); sekisho.child.kill('SIGTERM'); await sekisho.exited() }
  }
}

for (const version of ['1.12.2', '1.20.4', '26.1']) {
  for (const [what, { act, files, denied, twice, cause = 'put out', ...more }] of Object.entries(waysOut)) {
    test(`${version}: ${what} is one player.disconnect for one player.login`, async t => {
      const plugin = listener(way, { details: 'event.cause' })
      const made = await scene(t, { version, files: { 'plugins/probe.lua': plugin, ...files }, ...more })
      const player = made.join()
      await act({ ...made, player })
      const once = denied ? ['player.login'] : ['player.login', 'player.disconnect']
      const all = twice ? [...once, ...once] : once
      await until(made.sekisho, 'the end', () => heard(made.sekisho, ends).length >= all.length || made.sekisho.exit)
      await quiet(50)
      assert.deepEqual(heard(made.sekisho, ends), all)
      if (!denied) assert.equal(said(made.sekisho).find(line => /player.disconnect/.test(line)), `heard player.disconnect ${cause}`)
    })
  }
}

test('a login that a plugin still thinks about when the player leaves has an end as well', async t => {
  const slow = `plugin { name = "slow", version = "1.0.0" }
on("player.login", function(player, event) log.info("thinks"); sleep(0.5) end)`
  const { sekisho, join } = await scene(t, { version: '1.16.5', files: { 'plugins/probe.lua': listener(way,
    { details: 'player and #player:hash() or ""' }), 'plugins/slow.lua': slow } })
  const player = join()
  await saying(sekisho, /thinks/, 'slow')
  player.leave()
  await saying(sekisho, /player.disconnect 64/)
  assert.deepEqual(heard(sekisho, ends), ['player.login', 'player.disconnect'])
})

test('who leaves while a handler waits is heard of in order, and what it still does is harmless', async t => {
  const slow = `plugin { name = "slow", version = "1.0.0", reads = { ["player.name"] = "service" } }
on("player.chat", function(player, event)
  log.info("thinks")
  sleep(0.5)
  log.info("online " .. tostring(player.online) .. " " .. tostring(player.name))
  player:send("hello")
  player:connect("game")
  event:deny("no")
end)
on("player.disconnect", function(player) log.info("gone " .. tostring(player.online) .. #player:hash()) end)`
  const { sekisho, join, backend } = await scene(t, { version: '1.16.5', files: { 'plugins/slow.lua': slow } })
  const player = await letIn(join())
  player.type('hello')
  await saying(sekisho, /thinks/, 'slow')
  player.leave()
  await saying(sekisho, /gone false64/, 'slow')
  assert.deepEqual(said(sekisho, 'slow').slice(-3), ['thinks', 'online false nil', 'gone false64'])
  assert.deepEqual(backend.players[0].chats, [])
})

const thoughtful = event => listener(['player.login', 'player.disconnect'], {
  more: `on("server.choose", function() end)
on("${event}", function() log.info("thinks"); sleep(0.4); log.info("answers") end)`
})

test('what happens to a player while a handler waits is heard behind it, whatever led to it', async t => {
  const { sekisho, join } = await scene(t, { version: '1.20.4', files: { 'plugins/probe.lua': thoughtful('server.connect') } })
  const player = join()
  await player.accept()
  await saying(sekisho, /thinks/)
  player.leave()
  await saying(sekisho, /player.disconnect/)
  assert.deepEqual(said(sekisho).slice(1).map(line => line.trim()), ['heard player.login', 'thinks', 'answers', 'heard player.disconnect'])
})

test('who logs in anew is heard to go before they are heard to come, also where a handler still waits', async t => {
  const { sekisho, join } = await scene(t, { version: '1.20.4', files: { 'plugins/probe.lua': thoughtful('player.chat') } })
  const player = await letIn(join())
  player.type('hello')
  await saying(sekisho, /thinks/)
  await join({ username: player.username }).playing()
  assert.deepEqual(said(sekisho).slice(1).map(line => line.trim()),
    ['heard player.login', 'thinks', 'answers', 'heard player.disconnect', 'heard player.login'])
})

test('at the end of Sekisho no disconnect is lost behind a handler that waits', async t => {
  const slow = `plugin { name = "slow", version = "1.0.0" }
on("player.chat", function() log.info("thinks"); sleep(3600) end)
on("player.disconnect", function() log.info("gone") sleep(3600) end)`
  const { sekisho, join } = await scene(t, { version: '1.16.5', files: { 'plugins/slow.lua': slow,
    'plugins/probe.lua': listener(['player.disconnect']) } })
  const player = await letIn(join())
  player.type('hello')
  await saying(sekisho, /thinks/, 'slow')
  await sekisho.stop()
  assert.equal(said(sekisho, 'slow').at(-1), 'gone')
  assert.deepEqual(heard(sekisho), ['player.disconnect'])
})

test('at the end of Sekisho handlers may still store what they have to', async t => {
  const saver = `plugin { name = "saver", version = "1.0.0" }
local function save(key)
  store.put(key, 1)
  sleep(0.1)
  log.info(key .. " " .. tostring(store.get(key)))
end
on("proxy.stop", function() save("stopped") end)
on("player.disconnect", function() save("left") end)`
  const { sekisho, join } = await scene(t, { version: '1.16.5', files: { 'plugins/saver.lua': saver } })
  await letIn(join())
  await sekisho.stop()
  assert.deepEqual(said(sekisho, 'saver').slice(1).sort(), ['left 1', 'stopped 1'])
})

// Each server.connect is answered only some time after it was asked: no server may be dialled before.
const hesitant = listener(['server.connected'], {
  details: 'event.server',
  more: `on("server.connect", function(player, event)
    log.info("asked " .. event.server)
    sleep(0.3)
    log.info("answered " .. event.server)
    if event.server == "down" then event:redirect("other", "over there") end
  end)`
})

for (const version of ['1.8.8', '1.19.4', '1.20.4', '26.1']) {
  test(`${version}: no server is dialled before server.connect is answered`, async t => {
    const { one, other, sekisho, join } = await two(t, version, hesitant)
    const dials = [] // who was dialled, and how many answers there were by then
    const answers = server => said(sekisho).filter(line => line === `answered ${server}`).length
    one.on('change', () => { if (one.connections !== one.noted) { one.noted = one.connections; dials.push(['one', answers('one')]) } })
    other.on('change', () => { if (other.connections !== other.noted) { other.noted = other.connections; dials.push(['other',
      answers('other')]) } })
    const player = await letIn(join())
    player.type('/server down') // redirected to the other
    await saying(sekisho, /heard server.connected other/)
    await player.hears('over there')
    player.type('/server one')
    await until(sekisho, 'one again', () => said(sekisho).filter(line => line === 'heard server.connected one').length === 2)
    await until(one, 'the second visit', () => one.players.length === 2)
    one.kick(one.players[1].client, 'out') // falls back to the other
    await until(sekisho, 'the other again', () => said(sekisho).filter(line => line === 'heard server.connected other').length === 2)
    assert.deepEqual(dials, [['one', 1], ['other', 1], ['one', 2], ['other', 2]])
  })
}

for (const version of ['1.16.5', '1.20.4']) {
  test(`${version}: plugins that send a player in circles are ended`, async t => {
    const circle = listener(['server.connected'], {
      details: 'event.server',
      more: `on("server.connect", function(player, event) event:redirect(event.server == "one" and "other" or "one") end)`
    })
    const { sekisho, join } = await two(t, version, circle)
    const player = await letIn(join())
    player.type('/server down')
    await until(sekisho, 'the warning', () => /was sent elsewhere 32 times/.test(sekisho.stderr))
    assert.ok(!player.ended)
    const again = listener([], { name: 'again',
      more: `on("server.connect", function(player, event) player:connect("other"); player:connect("one"); event:deny() end)` })
    const second = await two(t, version, again)
    const stuck = second.join()
    await stuck.accept()
    await stuck.gone()
    assert.match((await letIn(second.join()).catch(error => error)).message, /never saw/)
  })
}

test('a server that does not take a player is told of, and a plugin may say where they go', async t => {
  const kicked = answer => listener(['server.kicked'], {
    details: 'event.server .. "<" .. (event.from or "") .. " " .. event.cause',
    more: `on("server.kicked", function(player, event) ${answer} end)`
  })
  const redirected = await two(t, '1.16.5', kicked('event:redirect("other", "go there")'))
  const first = await letIn(redirected.join())
  first.type('/server down')
  await saying(redirected.sekisho, /heard server.kicked down<one lost/)
  await first.hears('go there')
  await redirected.other.joined(first.username)

  const allowed = await two(t, '1.20.4', kicked('event:allow("stay here")'))
  const second = await letIn(allowed.join())
  second.type('/server down')
  await second.hears('stay here')
  assert.ok(!second.ended)

  const denied = await two(t, '1.20.4', kicked('event:deny("then leave")'))
  const third = await letIn(denied.join())
  third.type('/server down')
  assert.equal(await third.gone(), 'then leave')
})

test('a mistake in on() is told with its place', async t => {
  for (const [text, message] of [
    ['on("player.jion", function() end)', /there is no event "player.jion"; did you mean "player.join"\?/],
    ['on("player.join", { stops = true }, function() end)', /stops is for player.chat and player.command/],
    ['on("player.join", { priorty = 1 }, function() end)', /there is no "priorty"; did you mean "priority"\?/]
  ]) {
    const sekisho = await startSekisho(t, { files: { 'plugins/zz.lua': `plugin { name = "zz", version = "1.0.0" }\n${text}\n` } })
      .catch(error => ({ stderr: error.message }))
    assert.match(sekisho.stderr, message)
    assert.match(sekisho.stderr, /plugins\/zz\.lua:2: /)
  }
})

test('connection can be refused, and is told what for and by which name', async t => {
  const plugin = listener(['connection'], {
    details: '(event.intent or "") .. " " .. (event.host or "none")',
    more: 'on("connection", function(event) if event.host == "closed.example.net" then event:deny("closed for today") end end)'
  })
  const { sekisho, join } = await scene(t, {
    version: '1.16.5', files: { 'plugins/probe.lua': plugin }, server: { hosts: ['closed.example.net', '*.wild.example.net'] }
  })
  const refused = join({ host: 'Closed.Example.net.' })
  assert.equal(await refused.gone(), 'closed for today')
  const list = connectRaw(t, sekisho.port)
  list.send(handshake(754, 1, { host: 'closed.example.net' }))
  await list.untilClosed()
  assert.equal(list.received.length, 0)
  await join({ host: 'alice-private.wild.example.net' }).gate()
  await join({ host: 'elsewhere.example.org' }).gate()
  assert.deepEqual(said(sekisho).filter(line => /^heard/.test(line)), ['heard connection login closed.example.net',
    'heard connection status closed.example.net', 'heard connection login *.wild.example.net', 'heard connection login none'])
  assert.ok(!sekisho.stderr.includes('alice-private'))
})

test('a login that is sent ahead waits until connection is answered', async t => {
  const plugin = listener(['player.login'],
    { more: 'on("connection", function(event) log.info("thinks"); sleep(0.3); log.info("answers") end)' })
  const { sekisho } = await scene(t, { version: '1.16.5', files: { 'plugins/probe.lua': plugin } })
  const protocol = protocolOf('1.16.5')
  connectRaw(t, sekisho.port).send(handshake(protocol, 2), loginStart(protocol, freshName()))
  await saying(sekisho, /heard player.login/)
  assert.deepEqual(said(sekisho).slice(-3), ['thinks', 'answers', 'heard player.login '])
})

test('requests are heard, whoever made them, and reloads', async t => {
  const plugin = listener(['player.request', 'proxy.reload'], {
    details: 'player and event.request .. " " .. tostring(player.online) .. " " .. #player:hash() or ""'
  })
  const { accounts, sekisho, joinWith } = await onlineScene(t, { version: '1.16.5', files: { 'plugins/probe.lua': plugin } })
  const sekishoDoes = (...words) => assert.equal(sekisho.command(...words, '-c', 'config/sekisho.lua').status, 0)
  const player = await letIn(joinWith(accounts.create('Alice')))
  player.type('/privacy export')
  await saying(sekisho, /heard player.request disclosure true 64/)
  player.type('/privacy export') // is open already, and told again
  await until(sekisho, 'the second', () => sekisho.stderr.split('request recorded=yes').length === 3)
  sekishoDoes('request', 'add', 'disclosure', 'Alice')
  sekishoDoes('request', 'add', 'stop', 'Alice')
  await saying(sekisho, /heard player.request stop true 64/)
  player.leave()
  await until(sekisho, 'the end', () => /closed in state/.test(sekisho.stderr))
  sekishoDoes('request', 'add', 'erasure', 'Alice')
  await saying(sekisho, /heard player.request erasure false 64/)
  sekishoDoes('reload')
  await saying(sekisho, /heard proxy.reload/)
  assert.equal(heard(sekisho).length, 4)
})
