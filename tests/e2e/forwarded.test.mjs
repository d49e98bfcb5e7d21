// auth = "forwarded": a proxy in front, as Velocity, vouches for its players.
import test from 'node:test'
import assert from 'node:assert/strict'
import fs from 'node:fs'
import { randomUUID } from 'node:crypto'
import { scene, letIn, records } from './lib/scene.mjs'
import { Sekisho } from './lib/sekisho.mjs'
import { startBackend } from './lib/backend.mjs'
import { connectRaw, frame, handshake, loginStart, string } from './lib/raw.mjs'
import { readVarint, varint } from './lib/release777.mjs'
import { chosenVersion, forwardedData, signed } from './lib/velocity.mjs'
import { until } from './lib/wait.mjs'
import { protocolOf } from './lib/versions.mjs'

const secret = 'the-shared-secret-of-the-test'
const file = 'config/forwarding.secret'

function behind (t, options) {
  return scene(t, {
    version: '1.16.5',
    rules: 'forward "connection.ip" { form = full }\n',
    server: { forwarding: 'legacy' },
    ...options,
    config: { auth: 'forwarded', ...options.config },
    files: { [file]: { text: secret + '\n', mode: 0o600 }, ...options.files }
  })
}

function identity (more) {
  return {
    address: '203.0.113.7',
    uuid: randomUUID(),
    name: `Fwd_${randomUUID().slice(0, 6)}`,
    properties: [{ name: 'textures', value: 'dGV4dHVyZXM=', signature: 'c2lnbmF0dXJl' }],
    key: { expires: 1893456000000, der: Buffer.alloc(294, 7), signature: Buffer.alloc(512, 9), holder: randomUUID() },
    ...more
  }
}

// Lets Velocity answer in the player's place. `answer` gets { id, requested } and returns
// { id, data }, data undefined for "not understood".
function vouched (player, answer) {
  player.asked = []
  player.client.removeAllListeners('login_plugin_request')
  player.client.on('login_plugin_request', ({ messageId, channel, data }) => {
    const request = { id: messageId, channel, requested: data[0], size: data.length }
    player.asked.push(request)
    const said = answer(request)
    player.client.write('login_plugin_response', { messageId: said.id ?? messageId, data: said.data })
  })
  return player
}

function joinVouched (join, protocol, who, options = {}) {
  const player = join({ username: options.typed ?? who.name, ...options })
  return vouched(player, ({ requested }) => ({
    data: signed(options.secret ?? secret, forwardedData(chosenVersion(protocol, requested, options.withKey), who))
  }))
}

const plainUuid = uuid => uuid.replaceAll('-', '')

for (const [version, withKey] of [['1.13.2'], ['1.16.5'], ['1.19', true], ['1.19.2', true], ['1.19.2'], ['1.20.4'], ['1.21.6'], ['26.1']]) {
  test(`${version}${withKey ? ' with a chat key' : ''}: who the proxy says it is, is recorded and told`, async t => {
    const protocol = protocolOf(version)
    const { backend, sekisho, join } = await behind(t, { version })
    const who = identity({ address: version === '1.20.4' ? '2001:db8::7' : '203.0.113.7' })
    // The name in login start is not what counts.
    const player = await letIn(joinVouched(join, protocol, who, { typed: 'Somebody', withKey }))
    assert.equal(player.asked.length, 1)
    assert.deepEqual({ channel: player.asked[0].channel, requested: player.asked[0].requested, size: player.asked[0].size },
      { channel: 'velocity:player_info', requested: 4, size: 1 })
    assert.equal(player.client.uuid, who.uuid)
    const seen = await backend.joined(who.name)
    const [, address, uuid] = seen.handshake.serverHost.split('\0')
    assert.equal(address, who.address)
    assert.equal(uuid, plainUuid(who.uuid))
    const [record] = await records(sekisho, 1)
    assert.equal(record.identity, 'forwarded')
    assert.equal(record.player_uuid, who.uuid)
    assert.equal(record.player_name, who.name)
    for (const personal of [who.name, who.address, who.uuid, secret]) {
      assert.ok(!sekisho.stderr.includes(personal) && !sekisho.stdout.includes(personal), 'nothing personal in the log')
    }
  })
}

test('the skin comes to the client', async t => {
  const { join } = await behind(t, { version: '1.21.6' })
  const who = identity()
  const player = join({ username: who.name })
  let success
  player.client.on('success', packet => { success = packet })
  vouched(player, () => ({ data: signed(secret, forwardedData(4, who)) }))
  await until(player, 'login success', () => success)
  assert.deepEqual(success.properties.map(({ name, value, signature }) => ({ name, value, signature })), who.properties)
})

const valid = who => forwardedData(1, who)
const refused = {
  'of another secret': who => signed('another secret', valid(who)),
  'without a signature': who => valid(who),
  'whose signature is cut': who => signed(secret, valid(who)).subarray(0, 31),
  'that is empty': () => Buffer.alloc(0),
  'that is truncated': who => signed(secret, valid(who).subarray(0, -3)),
  'with more at its end': who => signed(secret, Buffer.concat([valid(who), Buffer.from([0])])),
  'of a version that is not known': who => signed(secret, forwardedData(5, who)),
  'with an address that is none': who => signed(secret, valid({ ...who, address: 'localhost' })),
  'with a name that is none': who => signed(secret, valid({ ...who, name: 'a b' })),
  'with a thousand properties': who => signed(secret, valid({ ...who, properties: Array(1000).fill(who.properties[0]) }))
}

test('a wrong word of the proxy lets nobody in, and the operator is told why without saying who', async t => {
  const { backend, sekisho, join } = await behind(t, {})
  for (const [name, answer] of Object.entries(refused)) {
    const who = identity()
    const player = vouched(join({ username: who.name }), () => ({ data: answer(who) }))
    assert.match(await player.gone(), /could not prove who you are/, name)
    assert.equal(player.books.length, 0)
    assert.ok(!sekisho.stderr.includes(who.name) && !sekisho.stderr.includes(who.address), name)
  }
  assert.equal(backend.connections, 0)
  assert.deepEqual(sekisho.records(), [])
  assert.equal(sekisho.stderr.match(/refused with auth = "forwarded"/g).length, 1, 'told once a minute')
  assert.match(sekisho.stderr, /forwarding_secret_file/)
  await joinVouched(join, 754, identity()).gate()
})

test('who comes directly is told where to join', async t => {
  for (const version of ['1.13.2', '1.21.6']) {
    const { backend, sekisho, join } = await behind(t, { version })
    const player = vouched(join(), () => ({ data: undefined }))
    assert.match(await player.gone(), /join by our usual address/)
    assert.equal(backend.connections, 0)
    assert.match(sekisho.stderr, /player-info-forwarding-mode/)
  }
})

test('a player of 1.12.2 is told that 1.13 is needed', async t => {
  const { join } = await behind(t, { version: '1.12.2' })
  assert.match(await join().gone(), /1\.13/)
})

test('an answer with another number, a replayed one, or one before the question ends the connection', async t => {
  const { backend, sekisho } = await behind(t, {})
  const data = signed(secret, valid(identity()))
  const answerTo = id => frame([2], varint(id), [1], data)
  const begin = () => connectRaw(t, sekisho.port).send(handshake(754, 2), loginStart(754, 'Raw'))
  const asked = async raw => {
    await until(raw, 'the question', () => raw.received.includes('velocity:player_info'))
    return readVarint(raw.received, 2).value
  }
  const first = begin()
  const id = await asked(first)
  assert.ok(first.received.subarray(-1).equals(Buffer.from([4])))
  await first.send(answerTo(id ^ 1)).untilClosed()
  // What was said on another connection counts for nothing on this one.
  const second = begin()
  assert.notEqual(await asked(second), id)
  await second.send(answerTo(id)).untilClosed()
  const early = connectRaw(t, sekisho.port).send(handshake(754, 2), answerTo(id))
  await early.untilClosed()
  // Said twice: the first counts, the second comes where nothing was asked.
  const twice = begin()
  const own = await asked(twice)
  twice.send(answerTo(own), answerTo(own))
  await until(twice, 'an end or the gate', () => twice.closed || twice.received.length > 400)
  assert.equal(backend.connections, 0)
  assert.deepEqual(sekisho.records().filter(({ decision }) => decision === 'accepted'), [])
})

test('who never answers is sent away after the login\'s time', async t => {
  const { sekisho } = await behind(t, {
    config: { limits: { connections_per_ip: 10, logins_per_ip: '100/10s', login_timeout: '1s' } }
  })
  const raw = connectRaw(t, sekisho.port).send(handshake(754, 2), loginStart(754, 'Mute'))
  await raw.untilClosed()
  assert.ok(raw.received.includes('took too long'))
})

test('limits count the address that the proxy tells, not the proxy\'s', async t => {
  const { join } = await behind(t, {
    config: { limits: { connections_per_ip: 2, logins_per_ip: '3/60s', login_timeout: '30s' } }
  })
  const from = address => joinVouched(join, 754, identity({ address }))
  for (const last of [1, 1, 2, 2, 3, 4]) await from(`203.0.113.${last}`).gate()
  assert.match(await from('203.0.113.1').gone(), /too many connections/)
  for (let i = 0; i < 3; i++) {
    const player = from('2001:db8::1')
    await player.gate()
    player.leave()
    await player.gone()
  }
  assert.match(await from('2001:db8::2').gone(), /too often/)
})

test('behind a PROXY header and a proxy that vouches, the latter\'s address counts', async t => {
  const { backend, join } = await behind(t, { config: { listen: { address: '127.0.0.1:0', proxy_protocol: true } } })
  const who = identity()
  const header = Buffer.from('PROXY TCP4 198.51.100.9 192.0.2.1 1 2\r\n')
  await letIn(joinVouched(join, 754, who, { header }))
  assert.equal((await backend.joined(who.name)).handshake.serverHost.split('\0')[1], who.address)
})

test('a server that asks for the identity itself does not get it from the proxy in front', async t => {
  const { backend, sekisho, join } = await behind(t, {})
  const who = identity()
  await letIn(joinVouched(join, 754, who))
  // Known from here on: the login of FML3 passes between client and server.
  const answers = []
  backend.server.on('connection', client => {
    client.on('login_plugin_response', packet => {
      answers.push(packet)
      backend.emit('change')
    })
    client.removeAllListeners('login_start')
    client.once('login_start', () => {
      client.write('login_plugin_request', { messageId: 9, channel: 'velocity:player_info', data: Buffer.from([4]) })
    })
  })
  const again = joinVouched(join, 754, who, { host: 'play.example.org\0FML2\0' })
  await until(backend, 'an answer', () => answers.length > 0)
  assert.equal(answers[0].messageId, 9)
  assert.equal(answers[0].data, undefined)
  assert.equal(again.asked.length, 1, 'Sekisho\'s own question alone')
  assert.equal(sekisho.exit, null)
})

test('the secret is made with mode 0600, and refused when others can read it', async t => {
  const backend = await startBackend(t, { version: '1.16.5' })
  const sekisho = new Sekisho({ servers: { game: { address: backend.address } }, config: { auth: 'forwarded' } })
  t.after(() => sekisho.dispose())
  assert.equal(sekisho.command('check', '-c', 'config/sekisho.lua').status, 0)
  assert.ok(!fs.existsSync(sekisho.path(file)), 'check makes nothing')
  await sekisho.start()
  assert.equal(fs.statSync(sekisho.path(file)).mode & 0o7777, 0o600)
  const made = fs.readFileSync(sekisho.path(file), 'utf8').trim()
  assert.match(made, /^[0-9a-f]{48}$/)
  assert.ok(!sekisho.stderr.includes(made))
  await sekisho.stop()
  fs.chmodSync(sekisho.path(file), 0o640)
  for (const command of ['check', 'run']) {
    const { status, stderr } = sekisho.command(command, '-c', 'config/sekisho.lua')
    assert.equal(status, 1)
    assert.match(stderr, /forwarding\.secret.*chmod 600/)
    assert.ok(!stderr.includes(made))
  }
})
