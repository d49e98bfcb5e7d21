// Hostile and broken peers: each is turned away, everybody else plays on.
import test from 'node:test'
import assert from 'node:assert/strict'
import { startBackend } from './lib/backend.mjs'
import { joinAs } from './lib/player.mjs'
import { scene, letIn, chatRoundTrip } from './lib/scene.mjs'
import { startSekisho } from './lib/sekisho.mjs'
import { connectRaw, frame, handshake, loginStart, string } from './lib/raw.mjs'
import { until } from './lib/wait.mjs'

const version = '1.16.5'
const protocol = 754

// Sekisho with a player in the game, who must still be able to play after `attack`.
async function survives (t, options, attack) {
  const all = await scene(t, { version, ...options })
  const bystander = await letIn(all.join({ address: '127.0.0.9' }))
  await attack(all)
  await chatRoundTrip(bystander, all.backend, 'still here')
  await all.join({ username: bystander.username + 'b', address: '127.0.0.10' }).gate()
  assert.equal(all.sekisho.exit, null)
}

function limits (more) {
  return {
    config: {
      limits: { connections_per_ip: 100, logins_per_ip: '1000/10s', login_timeout: '30s', ...more }
    }
  }
}

test('one address may hold only so many connections', async t => {
  await survives(t, limits({ connections_per_ip: 3 }), async ({ sekisho, join }) => {
    const held = []
    for (let i = 0; i < 3; i++) {
      held.push(join())
      await held[i].gate()
    }
    const fourth = connectRaw(t, sekisho.port)
    await fourth.send(handshake(protocol, 2)).untilClosed()
    fourth.destroy()
    held[0].leave()
    // Room again once one has left; Sekisho learns that a moment later than we do.
    for (let tries = 0; ; tries++) {
      const next = join()
      if (await next.gate().then(() => true, () => false)) break
      assert.ok(tries < 50, 'the place of who left is free again')
    }
  })
})

test('one address may log in only so often, and is told so', async t => {
  await survives(t, limits({ logins_per_ip: '2/60s' }), async ({ join }) => {
    for (let i = 0; i < 2; i++) {
      const player = join()
      await player.gate()
      player.leave()
    }
    const third = join()
    assert.notEqual(await third.gone(), '')
    assert.equal(third.books.length, 0)
  })
})

for (const [name, bytes] of [
  ['nothing', []],
  ['half a handshake', handshake(protocol, 2).subarray(0, 5)],
  ['a handshake and no login', handshake(protocol, 2)],
  ['the announcement of a long packet', [0xff, 0x01, 0x00]]
]) {
  test(`who sends ${name} is let go after the login time-out`, async t => {
    await survives(t, limits({ login_timeout: '1s' }), async ({ sekisho }) => {
      await connectRaw(t, sekisho.port).send(bytes).untilClosed(15000)
    })
  })
}

test('a login that drips in byte by byte does not get more time', async t => {
  await survives(t, limits({ login_timeout: '1s' }), async ({ sekisho }) => {
    const raw = connectRaw(t, sekisho.port)
    const bytes = Buffer.concat([handshake(protocol, 2), loginStart(protocol, 'Drip')])
    let at = 0
    const drip = setInterval(() => { if (at < 8) raw.send(bytes.subarray(at, ++at)) }, 400)
    t.after(() => clearInterval(drip))
    await raw.untilClosed(15000)
  })
})

const nasty = {
  'a length of five bytes': [0xff, 0xff, 0xff, 0xff, 0x0f, 0x00],
  'an endless VarInt': Array(64).fill(0xff),
  'a negative length': [0xff, 0xff, 0xff, 0xff, 0x08],
  'an empty frame': [0x00, 0x00, 0x00],
  'a handshake of 2 MiB': [0xff, 0xff, 0x7f],
  'a packet id that is negative': frame([0xff, 0xff, 0xff, 0xff, 0x0f], string('x')),
  'a host name length that is negative': frame([0x00], [0xf2, 0x05], [0xff, 0xff, 0xff, 0xff, 0x0f]),
  'a host name longer than the packet': frame([0x00], [0xf2, 0x05], [0x80, 0x02], Buffer.from('short')),
  'a host name of 2000 bytes': handshake(protocol, 2, { host: 'h'.repeat(2000) }),
  'a next state that does not exist': handshake(protocol, 9),
  'bytes after the handshake\'s end': frame([0x00], [0xf2, 0x05], string('h'), [99, 221], [2], [1, 2, 3]),
  'a name of 17 letters': Buffer.concat([handshake(protocol, 2), loginStart(protocol, 'n'.repeat(17))]),
  'an empty name': Buffer.concat([handshake(protocol, 2), loginStart(protocol, '')]),
  'a name with a line break': Buffer.concat([handshake(protocol, 2), loginStart(protocol, 'a\nb')]),
  'a name of bad UTF-8': Buffer.concat([handshake(protocol, 2), frame([0], [2, 0xff, 0xfe])]),
  'an unknown packet in login': Buffer.concat([handshake(protocol, 2), frame([0x55], [1, 2, 3])]),
  'an unknown packet in status': Buffer.concat([handshake(protocol, 1), frame([0x55], [1, 2, 3])]),
  'a web request': Buffer.from('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n'),
  'a TLS hello': Buffer.from('16030100c8010000c40303', 'hex')
}

for (const [name, bytes] of Object.entries(nasty)) {
  test(`${name} ends that connection alone`, async t => {
    await survives(t, limits({ login_timeout: '1s' }), async ({ sekisho }) => {
      await connectRaw(t, sekisho.port).send(bytes).untilClosed(30000)
    })
  })
}

// A small generator, so that a failing run can be repeated.
function noise (seed) {
  let state = seed
  return size => Buffer.from(Array.from({ length: size }, () => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0
    return state >>> 24
  }))
}

test('random bytes at any point of a login end that connection alone', async t => {
  await survives(t, limits({ connections_per_ip: 1000, login_timeout: '2s' }), async ({ sekisho }) => {
    const next = noise(20260131)
    const starts = [[], handshake(protocol, 2), handshake(774, 2), handshake(47, 1),
      Buffer.concat([handshake(774, 2), loginStart(774, 'Noise'), frame([3])])]
    const raws = Array.from({ length: 40 }, (_, round) => starts.map(start =>
      connectRaw(t, sekisho.port).send(start, next(1 + round * 7)))).flat()
    await Promise.all(raws.map(raw => raw.untilClosed(30000)))
  })
})

test('random bytes from a player in the gate end that connection alone', async t => {
  const next = noise(4711)
  for (const gateVersion of ['1.16.5', '1.21.6']) {
    await survives(t, {}, async ({ join }) => {
      for (let round = 0; round < 15; round++) {
        const player = join({ version: gateVersion })
        await player.gate()
        player.client.socket.write(Buffer.concat([Buffer.from([0xff, 0xff, 0xff, 0xff]), next(300)]))
        await player.gone()
      }
    })
  }
})

test('half-open connections are closed, not kept', async t => {
  await survives(t, limits({ login_timeout: '1s' }), async ({ sekisho, join }) => {
    const raw = connectRaw(t, sekisho.port)
    raw.socket.end(handshake(protocol, 2))
    await raw.untilClosed(15000)
    const player = join()
    await player.gate()
    player.client.socket.end()
    await until(player, 'the end of the half-open connection', () => player.ended)
  })
})

test('many connections that say nothing do not keep newcomers out', async t => {
  await survives(t, limits({ connections_per_ip: 1000, login_timeout: '20s' }), async ({ sekisho, join }) => {
    const raws = Array.from({ length: 300 }, () => connectRaw(t, sekisho.port))
    await Promise.all(raws.map(raw => until(raw, 'connect', () => raw.connected)))
    await letIn(join())
  })
})

test('with more silent connections than there may be files, players and newcomers get through', async t => {
  const backend = await startBackend(t, { version })
  const wrapper = ['sh', '-c', 'ulimit -n 128; exec "$0" "$@"']
  const sekisho = await startSekisho(t, { servers: { game: { address: backend.address } }, wrapper, ...limits() })
  const join = more => joinAs(t, { port: sekisho.port, version, ...more })
  const bystander = await letIn(join())
  const known = await letIn(join())
  known.leave()
  const raws = Array.from({ length: 300 }, (_, i) => connectRaw(t, sekisho.port, { localAddress: `127.0.1.${1 + i % 100}` }))
  await Promise.all(raws.map(raw => until(raw, 'connect', () => raw.connected)))
  await join({ username: known.username }).playing()
  await letIn(join())
  await chatRoundTrip(bystander, backend, 'still here')
  assert.match(sekisho.stderr, /connections=\d+ closed before their login: .*128 .*LimitNOFILE/)
})
