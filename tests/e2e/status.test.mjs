// The server list: every client gets an answer from Sekisho itself.
import test from 'node:test'
import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import { startSekisho } from './lib/sekisho.mjs'
import { scene, letIn } from './lib/scene.mjs'
import { connectRaw, frame, handshake } from './lib/raw.mjs'
import { until } from './lib/wait.mjs'
import { plain } from './lib/text.mjs'
import { favicon } from './lib/png.mjs'
import { protocolOf } from './lib/versions.mjs'

const mc = createRequire(import.meta.url)('minecraft-protocol')

function ping (sekisho, version) {
  return mc.ping({ host: '127.0.0.1', port: sekisho.port, version })
}

for (const version of ['1.7', '1.8.8', '1.12.2', '1.16.5', '1.20.4', '1.21.4', '1.21.11', '26.1']) {
  test(`${version} sees the description, players and its own version`, async t => {
    const sekisho = await startSekisho(t)
    const status = await ping(sekisho, version)
    assert.notEqual(plain(status.description).trim(), '')
    assert.equal(status.players.online, 0)
    assert.ok(status.players.max > 0)
    assert.equal(status.version.protocol, protocolOf(version), 'no "outdated" mark for a version we serve')
    assert.notEqual(status.version.name, '')
    assert.ok(Number.isFinite(status.latency))
    assert.equal(status.favicon, undefined)
  })
}

test('the favicon is shown when config/favicon.png is there', async t => {
  const image = favicon()
  const sekisho = await startSekisho(t, { files: { 'config/favicon.png': image } })
  const status = await ping(sekisho, '1.20.4')
  assert.equal(status.favicon, `data:image/png;base64,${image.toString('base64')}`)
})

test('the list is answered while the game server is down', async t => {
  const sekisho = await startSekisho(t, { servers: { game: { address: '127.0.0.1:1' } } })
  assert.notEqual(plain((await ping(sekisho, '1.20.4')).description), '')
})

test('the list counts who plays, and asking makes no record and dials no game server', async t => {
  const { backend, sekisho, join } = await scene(t, { version: '1.16.5' })
  await ping(sekisho, '1.16.5')
  assert.equal(backend.connections, 0)
  assert.deepEqual(sekisho.records(), [])
  await letIn(join())
  assert.equal((await ping(sekisho, '1.16.5')).players.online, 1)
})

test('an unknown newer protocol is told that it is served', async t => {
  const sekisho = await startSekisho(t)
  const raw = connectRaw(t, sekisho.port)
  raw.send(handshake(999, 1), frame([0]))
  const json = await until(raw, 'the status', () => {
    const text = raw.received.toString()
    return text.endsWith('}') && text.slice(text.indexOf('{'))
  })
  assert.equal(JSON.parse(json).version.protocol, 999)
  const before = raw.received.length
  raw.send(frame([1], Buffer.from('0102030405060708', 'hex')))
  await until(raw, 'the pong', () => raw.received.length >= before + 10)
  assert.equal(raw.received.subarray(before).toString('hex'), '09010102030405060708')
})

// The three forms of the ping before 1.7.
function pingHost () {
  const utf16 = text => Buffer.from(text, 'utf16le').swap16()
  const host = 'localhost'
  const rest = Buffer.concat([Buffer.from([74, 0, host.length]), utf16(host), Buffer.from([0, 0, 99, 221])])
  return Buffer.concat([Buffer.from([0xfe, 0x01, 0xfa, 0, 11]), utf16('MC|PingHost'),
    Buffer.from([rest.length >> 8, rest.length & 255]), rest])
}

async function legacyPing (t, bytes) {
  const sekisho = await startSekisho(t)
  const raw = connectRaw(t, sekisho.port)
  raw.send(bytes)
  await raw.untilClosed()
  assert.equal(raw.received[0], 0xff)
  const units = raw.received.readUInt16BE(1)
  assert.equal(raw.received.length, 3 + 2 * units)
  return Buffer.from(raw.received.subarray(3)).swap16().toString('utf16le')
}

test('a ping of before 1.4 is answered', async t => {
  const [description, online, max] = (await legacyPing(t, [0xfe])).split('\u00a7')
  assert.notEqual(description, '')
  assert.equal(online, '0')
  assert.ok(Number(max) > 0)
})

for (const [name, bytes] of [['1.4', Buffer.from([0xfe, 0x01])], ['1.6', pingHost()]]) {
  test(`a ping of ${name} is answered`, async t => {
    const [mark, protocol, version, description, online, max] = (await legacyPing(t, bytes)).split('\0')
    assert.equal(mark, '\u00a71')
    assert.match(protocol, /^\d+$/)
    assert.notEqual(version, '')
    assert.notEqual(description, '')
    assert.equal(online, '0')
    assert.ok(Number(max) > 0)
  })
}
