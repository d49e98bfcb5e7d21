// Game servers are told who a player is by every kind of forwarding, and prove it for themselves.
import test from 'node:test'
import assert from 'node:assert/strict'
import fs from 'node:fs'
import net from 'node:net'
import { scene, letIn, chatRoundTrip } from './lib/scene.mjs'
import { offlineUuid } from './lib/answered.mjs'
import { startBackend } from './lib/backend.mjs'
import { Sekisho, startSekisho } from './lib/sekisho.mjs'
import { joinAs } from './lib/player.mjs'
import { until } from './lib/wait.mjs'
import { protocolOf } from './lib/versions.mjs'
import { modern, ask, askForModern, readLegacy, canonical, startShim } from './lib/forwarding.mjs'

const fullAddress = 'forward "connection.ip" { form = full }'
const address = '127.0.0.77'

// A scene whose game server knows the secret as an operator would give it: read from the file.
async function secretScene (t, options) {
  let sekisho
  const secret = () => fs.readFileSync(sekisho.path('config/forwarding.secret'), 'utf8').trim()
  const built = await scene(t, { ...options, backend: { introduce: options.introduce?.(secret) } })
  sekisho = built.sekisho
  return { ...built, secret }
}

function assertStandIn (text) {
  assert.equal(net.isIPv6(text), true, text)
  assert.match(text, /^fd/)
}

// version, the server's request, the version of the answer
const modernCases = [['1.13.2', [1], 1], ['1.16.5', [], 1], ['1.19.2', [3], 1], ['1.20.4', [4], 4],
  ['1.20.4', [3], 1], ['1.21.4', [4], 4], ['1.21.6', [4], 4], ['26.1', [4], 4], ['26.1', [5], 4]]

for (const [version, request, answered] of modernCases) {
  test(`${version}: modern forwarding asked for as [${request}] proves who comes`, async t => {
    const { backend, sekisho, join, secret } = await secretScene(t, {
      version, server: { forwarding: 'modern' }, introduce: secret => modern(secret, request) })
    const player = await letIn(join({ address }))
    const { introduction } = await backend.joined(player.username)
    assert.equal(introduction.version, answered)
    assert.equal(introduction.name, player.username)
    assert.equal(introduction.uuid, offlineUuid(player.username))
    assert.deepEqual(introduction.properties, [])
    assertStandIn(introduction.address)
    await chatRoundTrip(player, backend)
    assert.ok(!player.packets.includes('login.login_plugin_request'), 'that is not for the client')
    assert.ok(!(sekisho.stderr + sekisho.stdout).includes(secret()), 'the secret is not in the log')
  })
}

test('modern forwarding gives the address where the rules forward it', async t => {
  const { backend, join } = await secretScene(t, {
    version: '1.20.4', rules: fullAddress, server: { forwarding: 'modern' }, introduce: modern })
  const player = await letIn(join({ address }))
  assert.equal((await backend.joined(player.username)).introduction.address, address)
})

test('a server with another secret refuses, and the player reads why', async t => {
  const { backend, join } = await secretScene(t, {
    version: '1.21.4', server: { forwarding: 'modern' }, introduce: () => modern(() => 'another') })
  const player = join()
  await player.accept()
  assert.match(await player.gone(), /Unable to verify player details/)
  assert.equal(backend.players.length, 0)
})

test('a server that lets players in without asking is not entered', async t => {
  for (const version of ['1.16.5', '1.21.6']) {
    const { backend, sekisho, join } = await secretScene(t, { version, server: { forwarding: 'modern' } })
    const player = join()
    await player.accept()
    await player.gone()
    assert.equal(backend.connections, 1)
    assert.match(sekisho.stderr, /server=game does not ask for modern forwarding/)
    assert.match(sekisho.stderr, /set it up to accept velocity forwarding/)
  }
})

for (const request of [[0], [200], [4, 4]]) {
  test(`a request for version [${request}] is refused with a word in the log`, async t => {
    const { backend, sekisho, join } = await secretScene(t, {
      version: '1.21.6', server: { forwarding: 'modern' }, introduce: secret => modern(secret, request) })
    const player = join()
    await player.accept()
    assert.notEqual(await player.gone(), '')
    assert.equal(backend.players.length, 0)
    assert.match(backend.refused.message, /hung up/)
    assert.match(sekisho.stderr, /asks for an unknown version of modern forwarding/)
  })
}

test('a server without modern forwarding that asks for it gets none, and the log says what to do', async t => {
  const { backend, sekisho, join } = await secretScene(t, {
    version: '1.20.4', introduce: () => async client => ({ answer: await askForModern(client) }) })
  const player = await letIn(join())
  assert.deepEqual((await backend.joined(player.username)).introduction, { answer: undefined })
  assert.match(sekisho.stderr, /server=game asks for modern forwarding.*forwarding = "modern"/)
  assert.ok(!fs.existsSync(sekisho.path('config/forwarding.secret')), 'no secret where none is needed')
})

test('players from before 1.13 are kept out of a modern server, before a word', async t => {
  for (const version of ['1.8.8', '1.12.2']) {
    const { backend, sekisho, join } = await secretScene(t, { version, server: { forwarding: 'modern' } })
    const player = join()
    await player.accept()
    assert.notEqual(await player.gone(), '')
    assert.equal(backend.players.length, 0)
    assert.equal(backend.lastProtocol, undefined, 'not even a handshake')
    assert.match(sekisho.stderr, /modern forwarding, which Minecraft before 1\.13 cannot carry/)
  }
})

// Between a mod loader and its server messages pass; the one about forwarding does not.
for (const [version, marker] of [['1.16.5', '\0FML2\0'], ['1.20.1', '\0FML3\0']]) {
  test(`${version}: Forge shakes hands with a server that takes modern forwarding`, async t => {
    const { backend, join } = await secretScene(t, {
      version,
      server: { forwarding: 'modern' },
      introduce: secret => async client => {
        const introduction = await modern(secret)(client)
        await ask(client, 'fml:loginwrapper', [1, 2, 3])
        return introduction
      }
    })
    const first = await letIn(join())
    first.leave()
    const player = await join({ username: first.username, host: `localhost${marker}` }).playing()
    await until(backend, 'both', () => backend.players.length === 2)
    assert.equal(backend.players[1].introduction.name, first.username)
    assert.ok(backend.players[1].handshake.serverHost.endsWith(marker))
    assert.equal(player.packets.filter(name => name === 'login.login_plugin_request').length, 1)
  })
}

for (const version of ['1.8.8', '1.13.2', '1.21.4']) {
  for (const forwarding of ['legacy', 'bungeeguard']) {
    test(`${version}: ${forwarding} forwarding has the identity in the host name`, async t => {
      const { backend, join, secret, sekisho } = await secretScene(t, {
        version, rules: fullAddress, server: { forwarding } })
      const player = await letIn(join({ address, host: 'play.example.net\x00127.6.6.6\x00forged' }))
      const seen = await backend.joined(player.username)
      const told = readLegacy(seen.handshake.serverHost)
      assert.equal(told.host, 'localhost')
      assert.equal(told.address, address)
      assert.equal(told.uuid, offlineUuid(player.username))
      assert.equal(seen.username, player.username)
      assert.equal(told.token, forwarding === 'bungeeguard' ? secret() : undefined)
      if (forwarding === 'bungeeguard') assert.ok(!sekisho.stderr.includes(secret()))
      await chatRoundTrip(player, backend)
    })
  }
}

for (const [version, marker, property] of [['1.8.8', '\0FML\0', { name: 'forgeClient', value: 'true' }],
  ['1.16.5', '\0FML2\0', { name: 'extraData', value: '\x01FML2\x01' }]]) {
  test(`${version}: the marker of Forge is a property of legacy forwarding`, async t => {
    const { backend, join } = await scene(t, { version, server: { forwarding: 'legacy' } })
    const first = await letIn(join())
    first.leave()
    await join({ username: first.username, host: `localhost${marker}` }).playing()
    await until(backend, 'both', () => backend.players.length === 2)
    const { properties } = readLegacy(backend.players[1].handshake.serverHost)
    assert.deepEqual(properties, [{ ...property, signature: '' }])
  })
}

for (const version of ['1.8.8', '1.21.6']) {
  for (const kind of ['v1', 'v2']) {
    test(`${version}: a PROXY header ${kind} stands in front of everything else`, async t => {
      const backend = await startBackend(t, { version })
      const shim = await startShim(t, backend)
      const to = `127.0.0.1:${shim.port}`
      const sekisho = await startSekisho(t, {
        files: { 'scripts/open.lua': fullAddress },
        servers: { closed: { address: to, proxy_protocol: kind },
          open: { address: to, proxy_protocol: kind, rules: 'scripts/open.lua' } },
        config: { try: ['closed'] }
      })
      const player = await letIn(joinAs(t, { port: sekisho.port, version, address }))
      player.type('/server open')
      await until(shim, 'two headers', () => shim.headers.length === 2)
      const [closed, open] = shim.headers
      const ports = { sourcePort: closed.sourcePort, destinationPort: shim.port, version: Number(kind[1]) }
      assertStandIn(closed.source)
      assert.deepEqual({ ...closed, length: 0, source: '' }, { ...ports, family: 'TCP6', source: '', length: 0,
        destination: kind === 'v1' ? '::ffff:127.0.0.1' : canonical('::ffff:127.0.0.1') })
      assert.deepEqual({ ...open, length: 0 }, { ...ports, family: 'TCP4', source: address, length: 0,
        destination: '127.0.0.1' })
      assert.notEqual(closed.sourcePort, player.client.socket.localPort)
      assert.deepEqual(shim.errors, [])
    })
  }
}

// ---- third parties ----

// Everything by which a server could know the player again elsewhere.
function traces (player) {
  const uuid = offlineUuid(player.username)
  const hex = uuid.replaceAll('-', '')
  const raw = Buffer.from(hex, 'hex')
  return { name: player.username, 'name in lower case': player.username.toLowerCase(), uuid, hex,
    'upper-case uuid': uuid.toUpperCase(), 'raw uuid': raw, address, 'raw address': Buffer.from([127, 0, 0, 77]) }
}

function identityOf (seen, forwarding, version) {
  if (forwarding === 'modern') return seen.introduction
  if (forwarding !== 'none') return { ...readLegacy(seen.handshake.serverHost), name: seen.username }
  return { name: seen.username, uuid: protocolOf(version) >= 761 ? seen.all('login_start')[0].playerUUID : null }
}

for (const [version, forwarding] of [['1.8.8', 'legacy'], ['1.12.2', 'none'], ['1.16.5', 'bungeeguard'],
  ['1.19.2', 'modern'], ['1.20.4', 'modern'], ['1.21.6', 'none'], ['26.1', 'modern']]) {
  test(`${version}, ${forwarding}: third parties know a player by pseudonyms that cannot be linked`, async t => {
    let sekisho
    const hasSecret = forwarding === 'modern' || forwarding === 'bungeeguard'
    const secret = name => fs.readFileSync(sekisho.path(`config/${name}.secret`), 'utf8')
    const introduce = name => forwarding === 'modern' ? modern(() => secret(name)) : undefined
    const one = await startBackend(t, { version, introduce: introduce('one') })
    const two = await startBackend(t, { version, introduce: introduce('two'), x: 77.5 })
    const server = (name, { address }) => ({ address, forwarding, third_party: true,
      forwarding_secret_file: hasSecret ? `config/${name}.secret` : undefined })
    sekisho = await startSekisho(t, { servers: { one: server('one', one), two: server('two', two) } })
    const join = more => joinAs(t, { port: sekisho.port, version, address, ...more })
    const player = await letIn(join())
    const seenByOne = await one.joined()
    await until(seenByOne, 'settings', () => seenByOne.settings)
    player.type('who am I')
    await player.hears(`<${seenByOne.username}> who am I`)
    player.type('/server two')
    await player.playing(77.5)
    const seenByTwo = await two.joined()
    player.type('and here')
    await player.hears(`<${seenByTwo.username}> and here`)
    player.leave()
    await join({ username: player.username }).playing()
    await until(one, 'the player again', () => one.players.length === 2)

    const [first, again] = one.players.map(seen => identityOf(seen, forwarding, version))
    const elsewhere = identityOf(seenByTwo, forwarding, version)
    assert.match(first.name, /^[a-z0-9_]{3,16}$/)
    assert.equal(again.name, first.name)
    assert.equal(again.uuid, first.uuid)
    assert.equal(again.address, first.address)
    assert.notEqual(elsewhere.name, first.name)
    if (first.uuid) {
      assert.match(first.uuid, /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
      assert.notEqual(elsewhere.uuid, first.uuid)
    }
    if (first.address) assert.notEqual(elsewhere.address, first.address)
    assert.deepEqual(first.properties?.filter(({ name }) => name !== 'bungeeguard-token') ?? [], [])
    if (forwarding === 'bungeeguard') {
      assert.deepEqual([first.token, elsewhere.token], ['one', 'two'].map(secret))
      assert.notEqual(first.token, elsewhere.token)
    }
    for (const seen of [...one.players, ...two.players]) {
      for (const [what, bytes] of Object.entries(traces(player))) {
        assert.ok(!seen.holds(bytes), `${what} reached the game server`)
      }
    }
    assert.equal(player.client.uuid, offlineUuid(player.username), 'the player keeps their own')
  })
}

test('a third party is told in full what its rules say, with a purpose', async t => {
  const { backend, join } = await scene(t, {
    version: '1.20.4',
    server: { forwarding: 'legacy', third_party: true },
    rules: 'forward "player.uuid" { purpose = "service" }\nforward "player.name" { purpose = "service" }\n'
  })
  const player = await letIn(join())
  const seen = await backend.joined(player.username)
  assert.equal(readLegacy(seen.handshake.serverHost).uuid, offlineUuid(player.username))
})

test('an own server is told pseudonyms where its rules say so', async t => {
  const { backend, join } = await scene(t, {
    version: '1.21.6',
    server: { forwarding: 'legacy' },
    rules: 'forward "player.uuid" { form = pseudonym }\nforward "player.name" { form = pseudonym }\n'
  })
  const player = await letIn(join())
  const seen = await backend.joined()
  assert.notEqual(seen.username, player.username)
  for (const [what, bytes] of Object.entries(traces(player))) assert.ok(!seen.holds(bytes), what)
})

// What a client with a key says in each version; `seen` is what it counts or lists as seen.
const key = Buffer.from('a key that the account service signed')
const signature = Buffer.alloc(256, 'S')
const common = { timestamp: BigInt(1700000000000), salt: BigInt(7) }
const listed = { previousMessages: [{ messageSender: offlineUuid('Somebody'), messageSignature: signature }],
  lastRejectedMessage: { sender: offlineUuid('Somebody'), signature } }
const counted = { offset: 3, messageCount: 3, acknowledged: Buffer.from([1, 2, 3]), checksum: 9 }

for (const version of ['1.19', '1.19.2', '1.19.4', '1.20.4', '1.21.4', '1.21.6', '26.1']) {
  test(`${version}: a signed chat reaches a third party without key and signature`, async t => {
    const { backend, join } = await scene(t, { version, server: { third_party: true } })
    const protocol = protocolOf(version)
    const player = await letIn(join())
    const seen = await backend.joined()
    seen.client.removeAllListeners('message_acknowledgement') // the library's breaks without a key
    const { client } = player
    if (protocol >= 761) {
      client.write('chat_session_update', { sessionUUID: offlineUuid('session'), expireTime: common.timestamp,
        publicKey: key, signature })
    } else if (protocol === 760) {
      client.write('message_acknowledgement', listed)
    }
    const tail = protocol < 761 ? { signedPreview: true, ...listed } : counted
    client.write('chat_message', { message: 'signed words', ...common, signature, ...tail })
    client.write(protocol >= 766 ? 'chat_command_signed' : 'chat_command', { command: 'msg all hello', ...common,
      argumentSignatures: [{ argumentName: 'message', signature }], ...tail })
    client.write(protocol >= 761 ? 'message_acknowledgement' : 'held_item_slot', { count: 5, slotId: 1 })
    await until(seen, 'the last word', () => protocol >= 761
      ? seen.all('message_acknowledgement').length > 0
      : seen.all('held_item_slot').length > 0)
    const [message] = seen.all('chat_message')
    const [command] = [...seen.all('chat_command_signed'), ...seen.all('chat_command')]
    assert.equal(message.message, 'signed words')
    assert.equal(BigInt(message.timestamp), common.timestamp)
    assert.equal(message.signature?.length ?? 0, 0)
    assert.equal(command.command, 'msg all hello')
    assert.equal(command.argumentSignatures.length, 0)
    assert.equal(seen.all('chat_session_update').length, 0)
    for (const bytes of [key, signature.subarray(0, 32), Buffer.from(offlineUuid('Somebody').replaceAll('-', ''), 'hex')]) {
      assert.ok(!seen.holds(bytes))
    }
    if (protocol >= 761) {
      assert.equal(message.offset, 3)
      assert.equal(command.messageCount, 3)
      assert.deepEqual(Buffer.from(message.acknowledged), counted.acknowledged)
      assert.deepEqual(Buffer.from(command.acknowledged), counted.acknowledged)
      assert.equal(seen.all('message_acknowledgement')[0].count, 5)
    }
    if (protocol >= 770) assert.deepEqual([message.checksum, command.checksum], [9, 9])
    assert.deepEqual(backend.errors, [])
  })
}

test('to an own server the chat stays signed', async t => {
  const { backend, join } = await scene(t, { version: '1.20.4' })
  const player = await letIn(join())
  const seen = await backend.joined()
  player.client.write('chat_message', { message: 'signed words', ...common, signature, ...counted })
  await until(seen, 'the words', () => seen.chats.includes('signed words'))
  assert.ok(seen.holds(signature))
})

// ---- the secret's file, and what check says ----

const withForwarding = { servers: { game: { address: '127.0.0.1:25566', forwarding: 'modern' } } }

function prepared (t, options) {
  const sekisho = new Sekisho({ ...withForwarding, ...options })
  t.after(() => sekisho.dispose())
  return sekisho
}

test('the secret is made at the first start, for its owner alone, and kept', async t => {
  const sekisho = prepared(t)
  const file = sekisho.path('config/forwarding.secret')
  const checked = sekisho.command('check', '-c', 'config/sekisho.lua')
  assert.equal(checked.status, 0, checked.stderr)
  assert.match(checked.stdout, /config\/forwarding\.secret: not there yet; sekisho run creates it/)
  assert.ok(!fs.existsSync(file), 'check creates nothing')
  await sekisho.start()
  assert.equal(fs.statSync(file).mode & 0o7777, 0o600)
  const secret = fs.readFileSync(file, 'utf8')
  assert.match(secret, /^[!-~]{32,}$/)
  await sekisho.stop()
  await sekisho.start()
  assert.equal(fs.readFileSync(file, 'utf8'), secret)
  assert.ok(!sekisho.stderr.includes(secret))
})

for (const [name, text, mode] of [['that others may read', 'a secret', 0o644],
  ['that the group may write', 'a secret', 0o620], ['that is empty', ' \n', 0o600],
  ['over 1 KiB', 'x'.repeat(1025), 0o600]]) {
  test(`a secret ${name} is refused with its file`, t => {
    const sekisho = prepared(t)
    sekisho.write('config/forwarding.secret', text)
    fs.chmodSync(sekisho.path('config/forwarding.secret'), mode)
    for (const subcommand of ['check', 'run']) {
      const { status, stderr, stdout } = sekisho.command(subcommand, '-c', 'config/sekisho.lua')
      assert.equal(status, 1, stdout + stderr)
      assert.match(stderr, /config\/forwarding\.secret:.* the forwarding secret/)
      assert.ok(!(stdout + stderr).includes('a secret\n'))
    }
  })
}

test('a secret in a folder that is not there is an error, not a folder', t => {
  const sekisho = prepared(t, { config: { forwarding_secret_file: 'nowhere/forwarding.secret' } })
  const { status, stderr } = sekisho.command('run', '-c', 'config/sekisho.lua')
  assert.equal(status, 1)
  assert.match(stderr, /nowhere\/forwarding\.secret:.*forwarding secret has no folder to be created in/)
  assert.ok(!fs.existsSync(sekisho.path('nowhere')))
})

const proving = { address: '127.0.0.1:25566', forwarding: 'modern' }
const strangers = { ...proving, third_party: true }

for (const [name, servers, config, files, reason] of [
  ['has it in common with an own server', { lobby: proving, games: strangers }, {}, {}, /servers\.games: .* that of lobby/],
  ['has it in common with another third party', { arena: strangers, games: strangers }, {}, {},
    /servers\.arena: .* that of games.*[^]*servers\.games: .* that of arena/],
  ['has the one of the proxy in front', { games: strangers }, { auth: 'forwarded' }, {}, /that of the proxy in front/],
  ['has the same text in a file of its own', { lobby: proving, games: { ...strangers, forwarding: 'bungeeguard',
    forwarding_secret_file: 'config/games.secret' } }, {},
  { 'config/forwarding.secret': { text: 'one and the same', mode: 0o600 },
    'config/games.secret': { text: 'one and the same\n', mode: 0o600 } }, /servers\.games: .* that of lobby/]]) {
  test(`a third party's secret opens no other door: one that ${name} is refused`, t => {
    const sekisho = prepared(t, { servers, config, files })
    for (const subcommand of ['check', 'run']) {
      const { status, stderr } = sekisho.command(subcommand, '-c', 'config/sekisho.lua')
      assert.equal(status, 1)
      assert.match(stderr, /config\/sekisho\.lua:\d+: servers\.games: .*forwarding_secret_file = "config\/games\.secret"/)
      assert.match(stderr, reason)
      assert.ok(!stderr.includes('one and the same'))
    }
  })
}

test('servers that whoever reaches them can enter under any name are named by check and at the start', async t => {
  const away = (forwarding, address = '192.0.2.1:25565') => ({ address, forwarding })
  const sekisho = prepared(t, { servers: { plain: away('none'), old: away('legacy', '[2001:db8::1]:25565'), guarded: away('bungeeguard'),
    proven: away('modern'), here: away('none', '127.0.0.1:25565'), local: away('legacy', 'localhost:25565') } })
  const { status, stdout } = sekisho.command('check', '-c', 'config/sekisho.lua')
  assert.equal(status, 0)
  assert.deepEqual(stdout.match(/whoever reaches \S+/g), ['whoever reaches [2001:db8::1]:25565', 'whoever reaches 192.0.2.1:25565'])
  await sekisho.start()
  assert.deepEqual(sekisho.stderr.match(/warn server=\S+/g), ['warn server=old', 'warn server=plain'])
})

test('a server becomes no third party by a reload while it has the secret of others', async t => {
  const sekisho = prepared(t, { servers: { lobby: proving, games: proving } })
  await sekisho.start()
  const file = sekisho.path('config/sekisho.lua')
  fs.writeFileSync(file, fs.readFileSync(file, 'utf8').replace(/\["games"\] = \{/, '$& third_party = true,'))
  const { status, stderr } = sekisho.command('reload', '-c', 'config/sekisho.lua')
  assert.equal(status, 1)
  assert.match(stderr, /servers\.games: others run it.* that of lobby/)
})

test('a secret of one server is kept in its own file; where nothing needs it, it is a mistake', async t => {
  const own = { forwarding_secret_file: 'config/games.secret' }
  const sekisho = prepared(t, { servers: { lobby: proving, games: { ...strangers, ...own } } })
  await sekisho.start()
  const texts = ['forwarding', 'games'].map(name => fs.readFileSync(sekisho.path(`config/${name}.secret`), 'utf8'))
  assert.notEqual(texts[0], texts[1])
  assert.equal(fs.statSync(sekisho.path('config/games.secret')).mode & 0o7777, 0o600)
  const useless = prepared(t, { servers: { games: { address: '127.0.0.1:25566', forwarding: 'legacy', ...own } } })
  const { status, stderr } = useless.command('check', '-c', 'config/sekisho.lua')
  assert.equal(status, 1)
  assert.match(stderr, /servers\.games: forwarding_secret_file has no use without forwarding = "modern"/)
})

for (const [name, rules, line, reason] of [
  ['a hidden UUID beside a name', 'forward "player.uuid" { form = pseudonym, purpose = "service" }\n' +
    'forward "player.name" { form = full, purpose = "service" }\n', 1, /the name leads to the UUID/],
  ['a hidden name beside a UUID', 'forward "player.name" { form = pseudonym, purpose = "service" }\n' +
    'forward "player.uuid" { form = full, purpose = "service" }\n', 2, /the UUID leads to the name/],
  ['a skin beside pseudonyms', '\nforward "player.skin" { form = full, purpose = "service" }\n' +
    'forward "player.name" { form = pseudonym, purpose = "service" }\n', 2, /skin's property carries/]]) {
  test(`${name} is refused by check, with the reason`, t => {
    for (const third of [false, true]) {
      const sekisho = prepared(t, {
        files: { 'scripts/game.lua': rules },
        servers: { game: { address: '127.0.0.1:25566', rules: 'scripts/game.lua', third_party: third } }
      })
      const { status, stderr } = sekisho.command('check', '-c', 'config/sekisho.lua')
      assert.equal(status, 1)
      assert.match(stderr, new RegExp(`scripts/game\\.lua:${line}: `))
      assert.match(stderr, reason)
    }
  })
}

test('check and explain say that a third party knows pseudonyms', t => {
  const sekisho = prepared(t, { servers: { game: { address: '127.0.0.1:25566', third_party: true } } })
  const checked = sekisho.command('check', '-c', 'config/sekisho.lua')
  assert.equal(checked.status, 0, checked.stderr)
  assert.match(checked.stdout, /player\.uuid .*pseudonym/)
  const told = sekisho.command('explain', '-c', 'config/sekisho.lua', 'game', 'player.name')
  assert.match(told.stdout, /forwarded: pseudonym/)
})
