// MC-272506: from 1.20.2 to 1.21.1 a client that is called back into configuration before it told its
// chat key disconnects itself. It tells it behind each join game, some time later, or never.
import test from 'node:test'
import assert from 'node:assert/strict'
import { onlineScene } from './lib/accounts.mjs'
import { chatRoundTrip } from './lib/scene.mjs'
import { until } from './lib/wait.mjs'

const PATIENCE_MS = 5000
const key = {
  sessionUUID: '12345678-1234-1234-1234-123456789abc',
  expireTime: [0, 0],
  publicKey: Buffer.alloc(294, 1),
  signature: Buffer.alloc(512, 2)
}

// When the client joined the limbo, told its key, and was called back.
function watch (player) {
  const times = {}
  const note = name => { times[name] ??= performance.now() }
  player.client.on('login', () => note('joined'))
  player.client.on('start_configuration', () => note('called'))
  return { times, note }
}

for (const version of ['1.20.2', '1.20.4', '1.20.6', '1.21.1']) {
  for (const tells of [true, false]) {
    test(`${version}: a client that ${tells ? 'tells a' : 'has no'} chat key is called back ` +
      (tells ? 'after it' : 'in the end'), async t => {
      const { accounts, backend, joinWith } = await onlineScene(t, { version })
      const player = joinWith(accounts.create('Keyed'))
      const { times, note } = watch(player)
      await player.accept()
      if (tells) {
        await until(backend, 'the server to be dialled', () => backend.connections === 1)
        note('told')
        player.client.write('chat_session_update', key)
      }
      await player.playing()
      const waited = times.called - times.joined > PATIENCE_MS - 500
      assert.ok(waited || times.told < times.called, JSON.stringify(times))
      await chatRoundTrip(player, backend)
      assert.deepEqual(player.errors, [])
    })
  }
}
