// Where a player comes from, when something stands in front: the PROXY header.
import test from 'node:test'
import assert from 'node:assert/strict'
import net from 'node:net'
import { scene, letIn } from './lib/scene.mjs'
import { connectRaw, frame, handshake } from './lib/raw.mjs'
import { until } from './lib/wait.mjs'

const version = '1.16.5'
const protocol = 754
const forwardIp = 'forward "connection.ip" { form = full }\n'

function headerV1 (source, destination = '192.0.2.1') {
  return Buffer.from(`PROXY TCP${net.isIP(source)} ${source} ${destination} 51234 25565\r\n`)
}

function ipv6Bytes (address) {
  const [head, tail = ''] = address.split('::').map(part => part.split(':').filter(Boolean))
  const groups = [...head, ...Array(8 - head.length - tail.length).fill('0'), ...tail]
  return Buffer.from(groups.map(group => group.padStart(4, '0')).join(''), 'hex')
}

function headerV2 (source, { command = 1, tlvs = Buffer.alloc(0) } = {}) {
  const signature = Buffer.from('0d0a0d0a000d0a515549540a', 'hex')
  const four = net.isIP(source) === 4
  const host = four ? Buffer.from(source.split('.').map(Number)) : ipv6Bytes(source)
  const block = Buffer.concat([host, host, Buffer.from([0xc8, 0x22, 0x63, 0xdd]), tlvs])
  return Buffer.concat([signature, Buffer.from([0x20 | command, four ? 0x11 : 0x21, block.length >> 8, block.length & 255]), block])
}

const listen = { address: '127.0.0.1:0', proxy_protocol: true }
const legacy = { forwarding: 'legacy' }

function proxied (t, more = {}) {
  return scene(t, {
    version, rules: forwardIp, server: legacy, ...more, config: { listen: { ...listen, ...more.listen }, ...more.config }
  })
}

function addressTold (seen) {
  return seen.handshake.serverHost.split('\0')[1]
}

const told = {
  'version 1': [headerV1('203.0.113.7'), '203.0.113.7'],
  'version 1 of IPv6': [headerV1('2001:db8::7', '2001:db8::1'), '2001:db8::7'],
  'version 1 UNKNOWN': [Buffer.from('PROXY UNKNOWN\r\n'), '127.0.0.1'],
  'version 2': [headerV2('203.0.113.8'), '203.0.113.8'],
  'version 2 of IPv6': [headerV2('2001:db8::8'), '2001:db8::8'],
  'version 2 with TLVs': [headerV2('203.0.113.9', { tlvs: Buffer.from([0x04, 0, 3, 1, 2, 3]) }), '203.0.113.9'],
  'version 2 LOCAL': [headerV2('203.0.113.10', { command: 0 }), '127.0.0.1']
}

for (const [name, [header, address]] of Object.entries(told)) {
  test(`${name}: the server is told the address of the header`, async t => {
    const { backend, sekisho, join } = await proxied(t)
    const player = await letIn(join({ header }))
    const seen = await backend.joined(player.username)
    assert.equal(addressTold(seen), address)
    assert.ok(!sekisho.stderr.includes('203.0.113.'), 'no address in the log')
  })
}

test('a header that comes byte by byte is understood', async t => {
  const { sekisho } = await proxied(t)
  const raw = connectRaw(t, sekisho.port, { noDelay: true })
  for (const byte of headerV2('203.0.113.7')) raw.send([byte])
  raw.send(handshake(protocol, 1), frame([0]))
  await until(raw, 'the status', () => raw.received.includes('"version"'))
})

test('a ping of before 1.7 behind a header is answered', async t => {
  const { sekisho } = await proxied(t)
  const raw = connectRaw(t, sekisho.port)
  await raw.send(headerV1('203.0.113.7'), [0xfe, 0x01]).untilClosed()
  assert.equal(raw.received[0], 0xff)
})

test('who is not in a trusted network is closed at once, and told of once in the log', async t => {
  const { sekisho, backend, join } = await proxied(t, { listen: { trusted: ['127.0.0.5', '2001:db8::/32'] } })
  for (let i = 0; i < 20; i++) {
    const raw = connectRaw(t, sekisho.port, { localAddress: '127.0.0.66' })
    await raw.send(headerV1('203.0.113.7'), handshake(protocol, 1), frame([0])).untilClosed()
    assert.equal(raw.received.length, 0)
  }
  const player = await letIn(join({ address: '127.0.0.5', header: headerV1('203.0.113.7') }))
  await until(sekisho, 'the player in the log', () => / linked server=/.test(sekisho.stderr))
  assert.equal(sekisho.stderr.match(/outside of its trusted networks/g).length, 1)
  assert.doesNotMatch(sekisho.stderr, /127\.0\.0\.66|203\.0\.113\.7/)
  assert.equal(new Set(sekisho.stderr.match(/session=\d+/g)).size, 1, 'no line of a session of theirs')
  assert.equal(addressTold(await backend.joined(player.username)), '203.0.113.7')
})

const headless = {
  'no header': handshake(protocol, 2),
  'an old ping without a header': [0xfe, 0x01],
  'a line that never ends': Buffer.from('PROXY TCP4 ' + '1'.repeat(200)),
  'an address that is none': Buffer.from('PROXY TCP4 203.0.113.300 192.0.2.1 1 2\r\n'),
  'a header of 64 KiB': Buffer.concat([headerV2('203.0.113.7').subarray(0, 14), Buffer.from([255, 255])]),
  'a header of version 3': Buffer.from(headerV2('203.0.113.7')).fill(0x31, 12, 13)
}

for (const [name, bytes] of Object.entries(headless)) {
  test(`a trusted peer with ${name} is refused`, async t => {
    const { sekisho, join } = await proxied(t)
    const raw = connectRaw(t, sekisho.port)
    await raw.send(bytes).untilClosed()
    assert.equal(raw.received.length, 0)
    await until(sekisho, 'the log', () => /without a PROXY header/.test(sekisho.stderr))
    await join({ header: headerV1('203.0.113.7') }).gate()
  })
}

test('who sends half a header and no more is closed after the login\'s time', async t => {
  const { sekisho } = await proxied(t, {
    config: { listen, limits: { connections_per_ip: 10, logins_per_ip: '100/10s', login_timeout: '1s' } }
  })
  await connectRaw(t, sekisho.port).send(headerV1('203.0.113.7').subarray(0, 9)).untilClosed()
})

test('health checks leave no line in the log', async t => {
  const { sekisho, join } = await proxied(t)
  for (const header of [Buffer.alloc(0), headerV1('203.0.113.7'), headerV2('203.0.113.7'),
    headerV2('203.0.113.7', { command: 0 }), Buffer.from('PROXY UNKNOWN\r\n')]) {
    const raw = connectRaw(t, sekisho.port)
    await until(raw, 'connect', () => raw.connected)
    raw.socket.end(header)
    await raw.untilClosed()
    const reset = connectRaw(t, sekisho.port)
    await until(reset, 'connect', () => reset.connected)
    reset.socket.write(header, () => reset.socket.resetAndDestroy())
    await reset.untilClosed()
  }
  // Whoever comes later is logged later.
  await join({ header: headerV1('203.0.113.7') }).decline()
  await until(sekisho, 'a line of the player', () => /session=\d+ /.test(sekisho.stderr))
  assert.doesNotMatch(sekisho.stderr, /state=(proxy-header|handshake)|PROXY header/)
})

test('limits count the address of the header, not the balancer\'s', async t => {
  const { sekisho, join } = await proxied(t, {
    config: { listen, limits: { connections_per_ip: 2, logins_per_ip: '3/60s', login_timeout: '30s' } }
  })
  const hold = []
  for (const last of [1, 1, 2, 2]) {
    const raw = connectRaw(t, sekisho.port)
    raw.send(headerV2(`203.0.113.${last}`), handshake(protocol, 1), frame([0]))
    await until(raw, 'the status', () => raw.received.includes('"version"'))
    hold.push(raw)
  }
  const third = connectRaw(t, sekisho.port)
  await third.send(headerV2('203.0.113.1'), handshake(protocol, 1), frame([0])).untilClosed()
  assert.equal(third.received.length, 0)
  for (let i = 0; i < 3; i++) {
    const player = join({ header: headerV1('203.0.113.50') })
    await player.gate()
    player.leave()
    await player.gone()
  }
  const fourth = join({ header: headerV1('203.0.113.50') })
  assert.match(await fourth.gone(), /too often/)
  await join({ header: headerV1('203.0.113.51') }).gate()
})

test('a listener without PROXY headers stands beside one with them', async t => {
  const { backend, sekisho, join } = await proxied(t, { config: { listen: ['127.0.0.1:0', listen] } })
  const direct = await letIn(join({ address: '127.0.0.12' }))
  assert.equal(addressTold(await backend.joined(direct.username)), '127.0.0.12')
  const behind = await letIn(join({ port: sekisho.addresses[1].port, header: headerV1('203.0.113.7') }))
  assert.equal(addressTold(await backend.joined(behind.username)), '203.0.113.7')
  const forged = connectRaw(t, sekisho.port)
  // Its first letter is taken for the length of a frame.
  await forged.send(headerV1('203.0.113.7'), Buffer.alloc(80, 1)).untilClosed()
})
