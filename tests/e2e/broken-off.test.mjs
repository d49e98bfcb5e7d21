// A frame to the player that breaks off, by the end of its server or of Sekisho: the player is told.
import test from 'node:test'
import assert from 'node:assert/strict'
import { deflateSync } from 'node:zlib'
import { randomBytes } from 'node:crypto'
import { startBackend } from './lib/backend.mjs'
import { startSekisho } from './lib/sekisho.mjs'
import { joinAs } from './lib/player.mjs'
import { scene, letIn, chatRoundTrip } from './lib/scene.mjs'
import { varint } from './lib/release777.mjs'

const versions = ['1.7', '1.8.8', '1.16.5', '1.20.4', '26.1']
const japanese = /[\u3040-\u30ff\u4e00-\u9fff]/
const unread = Buffer.from([0xfe, 0x01]) // the number of a packet that nobody reads

// How a frame may look between the two; 1.7 knows the first alone.
const forms = {
  plain: { compression: false, frame: packet => Buffer.concat([varint(packet.length), packet]) },
  compressed: {
    compression: 256,
    frame: packet => {
      const inner = Buffer.concat([varint(packet.length), deflateSync(packet)])
      return Buffer.concat([varint(inner.length), inner])
    }
  }
}

const cases = versions.flatMap(version => Object.entries(forms)
  .filter(([name]) => version !== '1.7' || name === 'plain')
  .flatMap(([name, form]) => [500, 300_000].map(size => ({ version, name, form, size }))))

// Some words, and right behind them the beginning of a frame that never ends.
function breakOff (backend, seen, form, size) {
  const whole = form.frame(Buffer.concat([unread, randomBytes(size)]))
  seen.client.socket.cork()
  backend.say(seen.client, 'the last words')
  return new Promise(resolve => setImmediate(() => {
    seen.client.socket.write(whole.subarray(0, Math.floor(whole.length * 0.8)))
    seen.client.socket.uncork()
    resolve()
  }))
}

for (const { version, name, form, size } of cases) {
  const frame = `a frame of ${size} bytes, ${name}`

  test(`${version}: a server that dies within ${frame}, is followed by the next of try`, async t => {
    const one = await startBackend(t, { version, compression: form.compression })
    const two = await startBackend(t, { version, x: 777.5 })
    const sekisho = await startSekisho(t, {
      servers: { one: { address: one.address }, two: { address: two.address } }, config: { try: ['one', 'two'] }
    })
    const player = await letIn(joinAs(t, { port: sekisho.port, version }))
    const seen = await one.joined()
    await breakOff(one, seen, form, size)
    seen.client.socket.destroySoon()
    await player.playing(777.5)
    await chatRoundTrip(player, two, 'moved on')
    assert.deepEqual(player.errors, [])
    assert.match(player.chatText, /the last words[^]*moved on/)
  })

  test(`${version}: with nowhere else to go, the player is told when it breaks off in ${frame}`, async t => {
    const { backend, join } = await scene(t, { version, backend: { compression: form.compression } })
    const player = await letIn(join({ locale: 'ja_jp' }))
    const seen = await backend.joined()
    await breakOff(backend, seen, form, size)
    seen.client.socket.destroySoon()
    assert.match(await player.gone(), japanese)
  })

  test(`${version}: SIGTERM within ${frame}, is told`, async t => {
    const { backend, sekisho, join } = await scene(t, { version, backend: { compression: form.compression } })
    const player = await letIn(join({ locale: 'ja_jp' }))
    await breakOff(backend, await backend.joined(), form, size)
    await player.hears('the last words')
    await sekisho.stop()
    assert.match(await player.gone(), japanese)
  })
}

for (const version of ['1.8.8', '1.20.4', '26.1']) {
  test(`${version}: a frame of more than a megabyte passes as it is`, async t => {
    const { backend, join } = await scene(t, { version, rules: 'channel "test:large" { to_client = true }' })
    const player = await letIn(join())
    const sent = randomBytes(1_500_000)
    const received = []
    player.client.on('custom_payload', ({ channel, data }) => {
      if (channel === 'test:large') received.push(data)
      player.emit('change')
    })
    const { client } = await backend.joined()
    client.write('custom_payload', { channel: 'test:large', data: sent })
    await player.until('the large message', () => received.length > 0)
    assert.ok(sent.equals(received[0]))
    await chatRoundTrip(player, backend)
  })
}
