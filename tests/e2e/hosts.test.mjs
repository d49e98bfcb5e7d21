// Which server a host name leads to, what the record says of it, and who comes by transfer.
import test from 'node:test'
import assert from 'node:assert/strict'
import { startBackend } from './lib/backend.mjs'
import { Sekisho, startSekisho } from './lib/sekisho.mjs'
import { joinAs } from './lib/player.mjs'
import { records } from './lib/scene.mjs'
import { connectRaw, handshake, loginStart } from './lib/raw.mjs'

const version = '1.16.5'
const hosts = {
  'nowhere.example.org': 'lobby',
  'play.example.net': 'wide',
  'deep.games.example.net': 'games',
  'GAMES.example.net.': 'lobby',
  'old.games.example.net': 'exact',
  '_minecraft._tcp.old.games.example.net': 'exact',
  'other.example.net': 'wide',
  'old.games.example.net\0FML\0': 'exact',
  'old.games.example.net\x001.2.3.4\x0000000000000000000000000000000000': 'exact'
}

test('a host name leads to the server whose pattern fits it best, and the record names that server', async t => {
  const backend = await startBackend(t, { version })
  const { address } = backend
  const sekisho = await startSekisho(t, {
    servers: {
      lobby: { address, hosts: ['games.example.net'] },
      wide: { address, hosts: ['*.example.net'] },
      games: { address, hosts: ['*.games.example.net'] },
      exact: { address, hosts: ['old.games.example.net'] }
    },
    config: { try: ['lobby'] }
  })
  let count = 0
  for (const [host, server] of Object.entries(hosts)) {
    const player = joinAs(t, { port: sekisho.port, version, host })
    await player.gate()
    player.leave()
    const found = await records(sekisho, ++count)
    assert.equal(found.at(-1).server, server, JSON.stringify(host))
  }
})

for (const [host, reason] of [['play.example.net:25565', /without port/], ['play.example.net.', /last dot/],
  ['a.*.example.net', /no host name/], ['関所.example.net', /in ASCII.*xn--/]]) {
  test(`hosts = { "${host}" } would lead nobody anywhere, and is refused`, t => {
    const sekisho = new Sekisho({ servers: { game: { address: '127.0.0.1:25566', hosts: [host] } } })
    t.after(() => sekisho.dispose())
    const { status, stderr } = sekisho.command('check', '-c', 'config/sekisho.lua')
    assert.equal(status, 1)
    assert.match(stderr, /config\/sekisho\.lua:\d+: servers\.game\.hosts/)
    assert.match(stderr, reason)
  })
}

for (const [accepts, words] of [[false, /sent you here/], [true, null]]) {
  test(`a transfer is ${accepts ? 'taken over' : 'refused in words'} with accept_transfers = ${accepts}`, async t => {
    const backend = await startBackend(t, { version: '1.21.6' })
    const sekisho = await startSekisho(t,
      { servers: { game: { address: backend.address } }, config: { accept_transfers: accepts } })
    const raw = connectRaw(t, sekisho.port).send(handshake(771, 3), loginStart(771, 'Wanderer'))
    if (words) {
      await raw.untilClosed()
      assert.match(raw.received.toString(), words)
    } else {
      await new Promise(resolve => raw.on('change', () => raw.received.includes('Wanderer') && resolve()))
    }
  })
}

test('a transfer of a version that has none is a broken handshake', async t => {
  const sekisho = await startSekisho(t, {})
  const raw = connectRaw(t, sekisho.port).send(handshake(765, 3))
  await raw.untilClosed()
})
