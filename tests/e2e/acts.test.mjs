// What a game server does to a client goes as far as its rules allow it; what is refused is answered
// as the game wants, and the client never learns of it.
import test from 'node:test'
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { startBackend } from './lib/backend.mjs'
import { startSekisho } from './lib/sekisho.mjs'
import { joinAs } from './lib/player.mjs'
import { scene, letIn, chatRoundTrip } from './lib/scene.mjs'
import { until } from './lib/wait.mjs'
import { protocolOf } from './lib/versions.mjs'
import { varint } from './lib/release777.mjs'

const rules = `
channel "mod:both"  { to_server = true, to_client = true }
channel "mod:up*"   { to_server = true }
channel "mod:down"  { to_client = true }
channel "mod:*"     { to_server = false }
cookie "game:*"     { store = true, request = true }
cookie "game:read"  { request = true }
transfer { "play.example.net", "*.example.org:25566" }
resource_pack "cdn.example.net"
resource_pack "*.packs.example.net:8443"
`
const channels = ['mod:both', 'mod:up1', 'mod:down', 'mod:no', 'other:mod', 'BungeeCord']
const uuid = '01234567-89ab-cdef-0123-456789abcdef'

// Everything of these names that a library's connection got, as it came.
function collect (emitter, client, ...names) {
  const seen = []
  client.on('packet', (data, { name, state }) => {
    if (names.includes(name)) seen.push({ name, state, ...data })
    emitter.emit('change')
  })
  return seen
}

async function play (t, version, options) {
  const set = await scene(t, { version, rules, ...options })
  const player = set.join(options?.player)
  const heard = collect(player, player.client, 'custom_payload', 'transfer', 'store_cookie', 'cookie_request',
    'add_resource_pack', 'resource_pack_send')
  await letIn(player)
  const seen = await set.backend.joined()
  await until(seen, 'the settings', () => seen.settings)
  return { ...set, player, heard, seen }
}

const named = messages => messages.map(({ channel }) => channel).filter(channel => channels.includes(channel))
const registerOf = version => protocolOf(version) < 393 ? 'REGISTER' : 'minecraft:register'
const namesIn = data => Buffer.from(data).toString().split('\0').filter(Boolean)

for (const version of ['1.7.10', '1.12.2', '1.16.5', '1.20.4', '1.21.4', '26.1']) {
  test(`${version}: plugin messages pass on the channels and in the directions of the rules`, async t => {
    const { backend, sekisho, player, heard, seen } = await play(t, version)
    const data = Buffer.from('to the mod')
    for (const channel of channels) player.client.write('custom_payload', { channel, data })
    await chatRoundTrip(player, backend, 'sent')
    assert.deepEqual(named(seen.all('custom_payload')), ['mod:both', 'mod:up1'])
    for (const channel of channels) seen.client.write('custom_payload', { channel, data })
    await chatRoundTrip(player, backend, 'answered')
    assert.deepEqual(named(heard), ['mod:both', 'mod:down'])
    assert.deepEqual(player.errors, [])
    assert.match(sekisho.stderr, /server=game refused=1 kind="message to the server"/)
    assert.match(sekisho.stderr, /server=game refused=1 kind="message to the client"/)
    assert.doesNotMatch(sekisho.stderr, /mod:|BungeeCord/, 'no name of a channel in the log')
  })

  test(`${version}: lists of channels name those alone that may be used`, async t => {
    const { backend, player, heard, seen } = await play(t, version)
    const channel = registerOf(version)
    const data = Buffer.from(channels.join('\0'))
    player.client.write('custom_payload', { channel, data })
    await chatRoundTrip(player, backend, 'registered')
    const told = seen.all('custom_payload').filter(message => message.channel === channel)
    assert.deepEqual(told.map(message => namesIn(message.data)), [['mod:both', 'mod:down']])
    seen.client.write('custom_payload', { channel, data })
    seen.client.write('custom_payload', { channel, data: Buffer.from('mod:no') })
    await chatRoundTrip(player, backend, 'answered')
    const shown = heard.filter(message => message.channel === channel)
    assert.deepEqual(shown.map(message => namesIn(message.data)), [['mod:both', 'mod:up1']])
  })

  test(`${version}: channels of the game and of a loader's handshake need no rule`, async t => {
    const { backend, player, heard, seen } = await play(t, version, { rules: '' })
    const old = protocolOf(version) < 393
    const free = old ? ['FML|HS', 'MC|BEdit', 'FORGE'] : ['neoforge:network', 'fabric:registry/sync', 'fml:handshake']
    const brand = old ? 'MC|Brand' : 'minecraft:brand'
    const data = Buffer.from([3, 97, 98, 99])
    for (const channel of free) player.client.write('custom_payload', { channel, data })
    for (const channel of [brand, ...free]) seen.client.write('custom_payload', { channel, data })
    await chatRoundTrip(player, backend)
    assert.deepEqual(seen.all('custom_payload').map(({ channel }) => channel).filter(channel => free.includes(channel)), free)
    assert.deepEqual(heard.map(({ channel }) => channel).filter(channel => [brand, ...free].includes(channel)), [brand, ...free])
  })

  for (const compression of protocolOf(version) < 47 ? [false] : [false, 256]) {
    test(`${version}: a message that may not pass is dropped as it comes, however long it is, compression ${compression}`, async t => {
      const { backend, player, heard, seen } = await play(t, version, { backend: { compression } })
      const data = randomBytes(protocolOf(version) < 47 ? 30_000 : 1_000_000)
      seen.client.write('custom_payload', { channel: 'mod:no', data })
      await chatRoundTrip(player, backend, 'after a long one')
      seen.client.write('custom_payload', { channel: 'mod:both', data })
      await player.until('the one that may', () => heard.some(({ channel }) => channel === 'mod:both'))
      assert.deepEqual(Buffer.from(heard.find(({ channel }) => channel === 'mod:both').data), data)
      assert.deepEqual(named(heard), ['mod:both'])
    })
  }
}

function offerPack (client, protocol, url) {
  if (protocol < 47) client.write('custom_payload', { channel: 'MC|RPack', data: Buffer.from(url) })
  else if (protocol < 765) client.write('resource_pack_send', { url, hash: 'abc', forced: false })
  else client.write('add_resource_pack', { uuid, url, hash: 'abc', forced: false })
}

const urlOf = offer => offer.url ?? Buffer.from(offer.data).toString()
const declined = protocol => protocol < 47
  ? []
  : [protocol >= 765 ? { uuid, result: 1 } : protocol < 210 ? { hash: 'abc', result: 1 } : { result: 1 }]

for (const version of ['1.7.10', '1.8.8', '1.12.2', '1.16.5', '1.19.4', '1.20.4', '1.21.4', '26.1']) {
  test(`${version}: a resource pack of another host is declined for the client, who never sees it`, async t => {
    const { backend, sekisho, player, heard, seen } = await play(t, version)
    const protocol = protocolOf(version)
    const offered = url => heard.filter(offer => offer.url || offer.channel === 'MC|RPack').map(urlOf).includes(url)
    const elsewhere = ['http://cdn.example.net.example.com/a.zip', 'http://cdn.example.net@example.com/a.zip',
      'http://example.com\\@cdn.example.net/a.zip', 'https://a.packs.example.net/a.zip', 'https://packs.example.net:8443/a.zip',
      'level://world/resources.zip', '']
    for (const url of elsewhere) {
      const before = seen.all('resource_pack_receive').length
      offerPack(seen.client, protocol, url)
      await chatRoundTrip(player, backend, `after ${elsewhere.indexOf(url)}`)
      const answers = seen.all('resource_pack_receive').slice(before)
      assert.deepEqual(answers.map(answer => ({ ...answer })), declined(protocol))
    }
    assert.match(sekisho.stderr, /server=game refused=1 kind="resource pack"/)
    assert.doesNotMatch(sekisho.stderr, /cdn\.|http/)
    assert.equal(heard.filter(offer => offer.url !== undefined || offer.channel === 'MC|RPack').length, 0)
    for (const url of ['https://CDN.Example.Net/a.zip', 'http://b.a.packs.example.net:8443/pack?x=1']) {
      offerPack(seen.client, protocol, url)
      await player.until(`the pack ${url}`, () => offered(url))
    }
    if (protocol < 47) return
    const before = seen.all('resource_pack_receive').length
    player.client.write('resource_pack_receive', { uuid, hash: 'abc', result: 3 })
    await until(seen, 'the client\'s own answer', () => seen.all('resource_pack_receive').length > before)
  })
}

// 777 moves the numbers of these packets.
for (const [version, protocol] of [['1.20.6', 766], ['1.21.4', 769], ['26.1', 775], ['26.1', 777]]) {
  test(`${protocol}: a transfer goes to the hosts of the rules alone, and else the player stays`, async t => {
    const { backend, sekisho, player, heard, seen } = await play(t, version, { player: { protocol } })
    for (const [host, port] of [['evil.example.com', 25565], ['play.example.net.evil.com', 25565], ['a.example.org', 25565],
      ['play.example.net\0', 1], ['play.example.net///x', 1], ['play.example.net:1', 1], ['', 25565]]) {
      seen.client.write('transfer', { host, port })
    }
    await chatRoundTrip(player, backend, 'still here')
    assert.deepEqual(heard.filter(({ name }) => name === 'transfer'), [])
    assert.match(sekisho.stderr, /server=game refused=1 kind="transfer"/)
    assert.doesNotMatch(sekisho.stderr, /evil/)
    seen.client.write('transfer', { host: 'a.example.org', port: 25566 })
    seen.client.write('transfer', { host: 'Play.Example.Net.', port: 1234 })
    await player.until('both transfers', () => heard.filter(({ name }) => name === 'transfer').length === 2)
  })

  test(`${protocol}: cookies are stored and given out as the rules allow`, async t => {
    const { backend, player, heard, seen } = await play(t, version, { player: { protocol } })
    const value = Buffer.alloc(5120, 7)
    for (const key of ['game:a', 'game:read', 'evil:a', 'a']) seen.client.write('store_cookie', { key, value })
    await chatRoundTrip(player, backend, 'stored')
    assert.deepEqual(heard.filter(({ name }) => name === 'store_cookie').map(({ key }) => key), ['game:a'])
    for (const cookie of ['evil:a', 'game:read', 'b']) seen.client.write('cookie_request', { cookie })
    await until(seen, 'two refusals', () => seen.all('cookie_response').length === 2)
    assert.deepEqual(seen.all('cookie_response').map(({ key, value }) => [key, value]), [['evil:a', undefined], ['b', undefined]])
    await player.until('the request', () => heard.some(({ name }) => name === 'cookie_request'))
    assert.deepEqual(heard.filter(({ name }) => name === 'cookie_request').map(({ cookie }) => cookie), ['game:read'])
    player.client.write('cookie_response', { key: 'evil:b', value })
    player.client.write('cookie_response', { key: 'game:read', value })
    await until(seen, 'the cookie', () => seen.all('cookie_response').length === 3)
    assert.deepEqual(seen.all('cookie_response')[2], { key: 'game:read', value })
  })
}

// A release that is not known yet is read as the newest in this phase, and not in play.
for (const [version, protocol] of [['1.20.6', 766], ['1.21.4', 769], ['26.1', 775], ['26.1', 777], ['26.1', 778]]) {
  test(`${protocol}: in the configuration phase the same holds`, async t => {
    const backend = await startBackend(t, { version })
    const answers = []
    backend.server.on('connection', client => {
      client.on('state', state => {
        if (state !== 'configuration') return
        const value = Buffer.from('x')
        for (const key of ['evil:a', 'game:a']) client.write('store_cookie', { key, value })
        client.write('cookie_request', { cookie: 'evil:a' })
        client.write('transfer', { host: 'evil.example.com', port: 1 })
        for (const channel of channels) client.write('custom_payload', { channel, data: value })
        offerPack(client, protocol, 'http://evil.example.com/x')
        offerPack(client, protocol, 'http://cdn.example.net/x')
      })
      for (const name of ['cookie_response', 'resource_pack_receive']) client.on(name, data => answers.push({ name, ...data }))
    })
    const sekisho = await startSekisho(t, {
      files: { 'scripts/game.lua': rules },
      servers: { game: { address: backend.address, rules: 'scripts/game.lua' } }
    })
    const player = joinAs(t, { port: sekisho.port, version, protocol })
    const heard = collect(player, player.client, 'custom_payload', 'transfer', 'store_cookie', 'cookie_request', 'add_resource_pack')
    await letIn(player)
    const configured = heard.filter(({ state }) => state === 'configuration')
    assert.deepEqual(configured.map(({ key, channel, url, name }) => key ?? channel ?? url ?? name),
      ['game:a', 'mod:both', 'mod:down', 'http://cdn.example.net/x'])
    assert.deepEqual(answers, [{ name: 'cookie_response', key: 'evil:a', value: undefined },
      { name: 'resource_pack_receive', uuid, result: 1 }])
  })
}

// A server that asks the client's mods in its login, on one channel after the other.
function askingMods (answers) {
  return async client => {
    for (const channel of ['fml:loginwrapper', 'mod:both', 'mod:down', 'other:mod']) {
      client.write('login_plugin_request', { messageId: answers.length, channel, data: Buffer.from('question') })
      const { data } = await new Promise(resolve => client.once('login_plugin_response', resolve))
      answers.push([channel, data?.toString()])
    }
  }
}

for (const [version, loader] of [['1.13.2', 'FML2'], ['1.16.5', 'FML2'], ['1.20.1', 'FML3']]) {
  test(`${version}: in the login a server asks those mods alone that its rules let it talk with`, async t => {
    const answers = []
    const { backend, sekisho, join } = await scene(t, { version, rules, backend: { introduce: askingMods(answers) } })
    const first = await letIn(join({ username: 'Modded' }))
    first.leave()
    await until(sekisho, 'the end of the session', () => /closed in state=/.test(sekisho.stderr))
    answers.length = 0
    const asked = []
    const again = join({ username: 'Modded', host: `localhost\0${loader}\0` })
    again.client.removeAllListeners('login_plugin_request')
    again.client.on('login_plugin_request', ({ messageId, channel }) => {
      asked.push(channel)
      again.client.write('login_plugin_response', { messageId, data: Buffer.from('answer') })
    })
    await again.playing()
    await until(backend, 'the player again', () => backend.players.length === 2)
    assert.deepEqual(asked, ['fml:loginwrapper', 'mod:both'])
    assert.deepEqual(answers, [['fml:loginwrapper', 'answer'], ['mod:both', 'answer'], ['mod:down', undefined], ['other:mod', undefined]])
    assert.match(sekisho.stderr, /server=game refused=1 kind="message to the client"/)
  })
}

// What a game server asks for in its login, where the client is past its own.
function askingInLogin (cookies) {
  return async client => {
    const answers = []
    for (const cookie of cookies) {
      client.write('cookie_request', { cookie })
      answers.push(await new Promise(resolve => client.once('cookie_response', resolve)))
    }
    return answers.map(({ key, value }) => [key, value && Buffer.from(value).toString()])
  }
}

for (const version of ['1.20.6', '1.21.4', '26.1']) {
  test(`${version}: a cookie that a game server asks for in its login is the client's, where the rules allow it`, async t => {
    const introduce = askingInLogin(['evil:a', 'game:a', 'b'])
    const one = await startBackend(t, { version, introduce })
    const two = await startBackend(t, { version, introduce, x: 777.5 })
    const sekisho = await startSekisho(t, {
      files: { 'scripts/game.lua': rules },
      servers: {
        one: { address: one.address, rules: 'scripts/game.lua' },
        two: { address: two.address, rules: 'scripts/game.lua' }
      }
    })
    const player = joinAs(t, { port: sekisho.port, version })
    const asked = []
    player.client.on('cookie_request', ({ cookie }) => {
      asked.push(cookie)
      player.client.write('cookie_response', { key: cookie, value: Buffer.from(`of ${player.username}`) })
    })
    await letIn(player)
    const expected = [['evil:a', undefined], ['game:a', `of ${player.username}`], ['b', undefined]]
    assert.deepEqual((await one.joined()).introduction, expected)
    player.type('/server two')
    await player.playing(777.5)
    assert.deepEqual((await two.joined()).introduction, expected)
    assert.deepEqual(asked, ['game:a', 'game:a'])
    assert.deepEqual((await one.joined()).all('cookie_response').length, 3, 'none of the other login\'s')
    await chatRoundTrip(player, two)
  })
}

// The list that Fabric and NeoForge share: version, phase, names.
const string = text => Buffer.concat([Buffer.from([text.length]), Buffer.from(text)])
const commonList = names => Buffer.concat([Buffer.from([1]), string('play'), Buffer.from([names.length]), ...names.map(string)])

test('1.21.4: the list of channels that loaders share names those alone that may be used', async t => {
  const { backend, player, heard, seen } = await play(t, '1.21.4')
  const message = { channel: 'c:register', data: commonList(channels.map(name => name.toLowerCase())) }
  player.client.write('custom_payload', message)
  seen.client.write('custom_payload', message)
  await chatRoundTrip(player, backend)
  const told = seen.all('custom_payload').find(({ channel }) => channel === 'c:register')
  assert.deepEqual(Buffer.from(told.data), commonList(['mod:both', 'mod:down']))
  assert.deepEqual(Buffer.from(heard.find(({ channel }) => channel === 'c:register').data), commonList(['mod:both', 'mod:up1']))
})

// The answer to NeoForge's query: one channel of "canary" in configuration, as its releases 21 write it.
const word = text => [...varint(text.length), ...Buffer.from(text)]
const query = Buffer.from([1, 4, 1, ...word('canary:main'), ...word('1'), 0, 1])

for (const version of ['1.21.4', '26.1']) {
  for (const [kind, rule, told] of [['is told', '', 1], ['is kept back by a rule', 'channel "neoforge:*" { to_client = true }\n', 0]]) {
    test(`${version}: the list of mods in NeoForge's handshake ${kind}, and kept either way`, async t => {
      const { backend, sekisho, join } = await scene(t, {
        version, rules: rule + 'collect "client.mods" { purpose = "service", keep = "7d" }\n'
      })
      const player = join()
      let sent = 0
      player.client.on('registry_data', () => {
        if (backend.connections > 0 && sent++ === 0) {
          player.client.write('custom_payload', { channel: 'neoforge:register', data: query })
        }
      })
      await letIn(player)
      const seen = await backend.joined()
      await chatRoundTrip(player, backend)
      assert.equal(seen.all('custom_payload').filter(({ channel }) => channel === 'neoforge:register').length, told)
      player.leave()
      await until(sekisho, 'the end of the session', () => /closed in state=/.test(sekisho.stderr))
      await sekisho.stop()
      assert.deepEqual(sekisho.rowsWith('client.mods').map(({ value }) => value), ['canary'])
    })
  }
}

for (const version of ['1.7.10', '1.12.2']) {
  test(`${version}: Forge's handshake is kept back where a rule says so`, async t => {
    const { backend, player, seen } = await play(t, version, { rules: 'channel "FML|HS" { to_client = true }' })
    player.client.write('custom_payload', { channel: 'FML|HS', data: Buffer.from([1, 2]) })
    await chatRoundTrip(player, backend)
    assert.ok(!seen.all('custom_payload').some(({ channel }) => channel === 'FML|HS'))
  })
}

test('1.16.5: what a client says to its mods before the server stands there is judged by that server\'s rules', async t => {
  const { join, backend } = await scene(t, { version: '1.16.5', rules })
  const player = join()
  await player.gate()
  for (const channel of channels) player.client.write('custom_payload', { channel, data: Buffer.from('early') })
  player.client.write('custom_payload', { channel: 'register', data: Buffer.from('mod:canary') })
  player.client.write('custom_payload', { channel: 'brand', data: Buffer.from('\x06canary') })
  await player.accept()
  await player.playing()
  await chatRoundTrip(player, backend)
  const seen = await backend.joined()
  assert.deepEqual(named(seen.all('custom_payload')), ['mod:both', 'mod:up1'])
  player.client.write('custom_payload', { channel: 'brand', data: Buffer.from('\x06canary') })
  await chatRoundTrip(player, backend, 'again')
  assert.ok(!seen.holds('canary'), 'a shortened name is no way around')
})

test('1.16.5: the next server has rules of its own', async t => {
  const version = '1.16.5'
  const one = await startBackend(t, { version })
  const two = await startBackend(t, { version, x: 777.5 })
  const sekisho = await startSekisho(t, {
    files: { 'scripts/one.lua': rules, 'scripts/two.lua': 'channel "other:*" { to_server = true, to_client = true }' },
    servers: {
      one: { address: one.address, rules: 'scripts/one.lua' },
      two: { address: two.address, rules: 'scripts/two.lua' }
    }
  })
  const player = await letIn(joinAs(t, { port: sekisho.port, version }))
  const channel = registerOf(version)
  player.client.write('custom_payload', { channel, data: Buffer.from(channels.join('\0')) })
  await chatRoundTrip(player, one)
  player.type('/server two')
  await player.playing(777.5)
  await chatRoundTrip(player, two)
  const seen = await two.joined()
  const lists = seen.all('custom_payload').filter(message => message.channel === channel)
  assert.deepEqual(lists.map(({ data }) => namesIn(data)), [['other:mod']])
})
