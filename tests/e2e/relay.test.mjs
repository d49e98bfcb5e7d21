// The game goes through as it is; what goes wrong with a game server is told in words.
import test from 'node:test'
import assert from 'node:assert/strict'
import fs from 'node:fs'
import { randomBytes } from 'node:crypto'
import { startBackend } from './lib/backend.mjs'
import { startSekisho } from './lib/sekisho.mjs'
import { joinAs } from './lib/player.mjs'
import { scene, letIn, chatRoundTrip } from './lib/scene.mjs'
import { until, quiet } from './lib/wait.mjs'
import { protocolOf } from './lib/versions.mjs'

const versions = ['1.8.8', '1.12.2', '1.16.5', '1.19.4', '1.20.4', '1.21.4', '1.21.6', '26.1']
const japanese = /[\u3040-\u30ff\u4e00-\u9fff]/

for (const version of ['1.8.8', '1.16.5', '1.20.4', '1.21.6']) {
  for (const compression of [false, 0, 64, 256]) {
    test(`${version}: packets of all sizes pass, compression ${compression}`, async t => {
      const { backend, join } = await scene(t, { version, backend: { compression } })
      const player = await letIn(join())
      const seen = await backend.joined()
      // In NBT, which chat is from 1.20.3 on, a text has at most 65535 bytes.
      const largest = protocolOf(version) < 765 ? 150_000 : 60_000
      const texts = [1, 63, 64, 65, 255, 256, 257, 4096, largest]
        .map(size => randomBytes(size).toString('hex').slice(0, size) + ';')
      for (const text of texts) backend.say(seen.client, text)
      for (const text of texts) {
        await player.until(`a text of ${text.length}`, () => player.chats.some(chat => chat.text === text))
      }
      const words = Array.from({ length: 300 }, (_, i) => `${i}:${randomBytes(60).toString('hex')}`)
      for (const word of words) player.type(word)
      await until(seen, 'all words', () => seen.chats.length >= words.length)
      assert.deepEqual(seen.chats, words, 'in order, none lost')
      assert.deepEqual(player.errors, [])
    })
  }
}

// What the kernel may hold of hex digits between a game server and a player: in the first connection
// as they are, in the second at half their size.
function socketBufferBytes () {
  const most = name => Number(fs.readFileSync(`/proc/sys/net/ipv4/${name}`, 'utf8').trim().split(/\s+/)[2])
  return 3 * (most('tcp_rmem') + most('tcp_wmem'))
}

test('a player who stops reading holds the game server back, not memory; others play on', async t => {
  const { backend, sekisho, join } = await scene(t, { version: '1.16.5', backend: { compression: false } })
  const other = await letIn(join())
  const slow = await letIn(join())
  const seen = await backend.joined(slow.username)
  const before = sekisho.memoryKib()
  slow.client.socket.unpipe()
  slow.client.socket.pause()
  const text = randomBytes(50_000).toString('hex')
  const total = socketBufferBytes() + 64_000_000
  for (let sent = 0; sent < total; sent += text.length) backend.say(seen.client, text)
  backend.say(seen.client, 'the last words')
  const { socket } = seen.client
  let left = -1
  while (left !== socket.bytesWritten - socket.writableLength) {
    left = socket.bytesWritten - socket.writableLength
    await quiet(1000)
  }
  assert.ok(left < total - 32_000_000, `the game server is held back, ${left} bytes left it`)
  const grown = sekisho.memoryKib() - before
  assert.ok(grown < 24 * 1024, `memory grew by ${grown} KiB for one slow reader`)
  await chatRoundTrip(other, backend)
  slow.client.socket.pipe(slow.client.splitter)
  await slow.until('the last words', () => slow.chats.at(-1).text === 'the last words', 60000)
})

for (const version of versions) {
  test(`${version}: a game server that is down is passed over for the next of try`, async t => {
    const backend = await startBackend(t, { version })
    const sekisho = await startSekisho(t,
      { servers: { down: { address: '127.0.0.1:1' }, up: { address: backend.address } } })
    await letIn(joinAs(t, { port: sekisho.port, version }))
  })

  test(`${version}: with every game server down the player is told, in their language`, async t => {
    const sekisho = await startSekisho(t, { servers: { down: { address: '127.0.0.1:1' } } })
    const player = joinAs(t, { port: sekisho.port, version, locale: 'ja_jp' })
    await player.accept()
    assert.match(await player.gone(), japanese)
  })

  test(`${version}: the words of a game server that refuses the login reach the player`, async t => {
    const { join } = await scene(t, { version, backend: { refuse: 'you are on the list' } })
    const player = join()
    await player.accept()
    assert.match(await player.gone(), /you are on the list/)
  })

  test(`${version}: the words of a kick reach the player when there is nowhere else`, async t => {
    const { backend, join } = await scene(t, { version })
    const player = await letIn(join())
    backend.kick((await backend.joined()).client, 'no flying here')
    assert.match(await player.gone(), /no flying here/)
  })

  test(`${version}: a game server that dies mid-game is told in the player's language`, async t => {
    const { backend, join } = await scene(t, { version })
    const player = await letIn(join({ locale: 'ja_jp' }))
    backend.crash()
    assert.match(await player.gone(), japanese)
  })

  for (const [how, end] of [
    ['kicks', (backend, player) => backend.kick(player.client, 'restarting now')],
    ['dies', backend => backend.crash()]
  ]) {
    test(`${version}: a player whose game server ${how} goes on at the next of try`, async t => {
      const one = await startBackend(t, { version })
      const two = await startBackend(t, { version, x: 777.5 })
      const sekisho = await startSekisho(t,
        { servers: { one: { address: one.address }, two: { address: two.address } } })
      const player = await letIn(joinAs(t, { port: sekisho.port, version }))
      end(one, await one.joined())
      await player.playing(777.5)
      await chatRoundTrip(player, two)
      if (how === 'kicks') await player.hears('restarting now')
      const second = await two.joined()
      assert.equal(second.username, player.username)
      assert.ok(second.settings, 'the client\'s settings are told to the second server, too')
      assert.deepEqual(player.errors, [])
    })
  }

  test(`${version}: leaving the game closes the connection to the game server`, async t => {
    const { backend, join } = await scene(t, { version })
    const player = await letIn(join())
    player.leave()
    const seen = await backend.joined()
    await until(seen, 'the end', () => seen.ended)
  })
}

test('a host name of a server\'s hosts leads there first', async t => {
  const lobby = await startBackend(t, { version: '1.16.5' })
  const other = await startBackend(t, { version: '1.16.5', x: 555.5 })
  const sekisho = await startSekisho(t, {
    servers: {
      lobby: { address: lobby.address },
      survival: { address: other.address, hosts: ['survival.example.net'] }
    },
    config: { try: ['lobby'] }
  })
  const player = joinAs(t, { port: sekisho.port, version: '1.16.5', host: 'Survival.Example.Net' })
  await player.accept()
  await player.playing(555.5)
  assert.equal(lobby.connections, 0)
})
