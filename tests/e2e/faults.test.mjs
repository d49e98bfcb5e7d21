// Servers, clients and files that fail at the worst moment. Each was a fault once.
import test from 'node:test'
import assert from 'node:assert/strict'
import fs from 'node:fs'
import net from 'node:net'
import { startBackend } from './lib/backend.mjs'
import { startSekisho } from './lib/sekisho.mjs'
import { joinAs } from './lib/player.mjs'
import { scene, records, letIn, chatRoundTrip } from './lib/scene.mjs'
import { connectRaw, frame, handshake } from './lib/raw.mjs'
import { until } from './lib/wait.mjs'

async function pingMs (t, port) {
  const started = performance.now()
  const raw = connectRaw(t, port).send(handshake(754, 1), frame([0]))
  await until(raw, 'the status', () => raw.received.length > 0)
  raw.destroy()
  return performance.now() - started
}

async function twoServers (t, version) {
  const one = await startBackend(t, { version })
  const two = await startBackend(t, { version })
  const sekisho = await startSekisho(t, {
    servers: { one: { address: one.address }, two: { address: two.address } }, config: { try: ['one', 'two'] }
  })
  const player = await letIn(joinAs(t, { port: sekisho.port, version }))
  return { one, two, sekisho, player, seen: await one.joined(player.username) }
}

for (const [version, flood] of [['1.16.5', '/choose analytics'], ['1.7', '/policy 1'], ['1.16.5', 'hello']]) {
  test(`${version}: a newcomer who floods "${flood}" does not hold up anybody else`, async t => {
    const { sekisho, join } = await scene(t, { version, config: { status: { description: 'here' } } })
    const player = join()
    await player.gate()
    const done = new Promise(resolve => {
      let rounds = 0
      const round = () => {
        for (let i = 0; i < 2000 && !player.ended; i++) player.client.write('chat', { message: flood })
        if (++rounds < 10 && !player.ended) setImmediate(round)
        else resolve()
      }
      round()
    })
    await done
    const slowest = Math.max(await pingMs(t, sekisho.port), await pingMs(t, sekisho.port))
    assert.ok(slowest < 2000, `a ping took ${slowest} ms`)
  })
}

for (const version of ['1.20.4', '1.21.6']) {
  test(`${version}: a server that dies while it calls the client back into configuration is passed over`, async t => {
    const { two, player, seen } = await twoServers(t, version)
    seen.client.write('start_configuration', {})
    seen.client.socket.destroySoon()
    await until(two, 'the player', () => two.players.length > 0)
    await chatRoundTrip(player, two, 'moved on')
  })
}

test('who leaves a server that has stopped reading is heard by the next one', async t => {
  const { one, two, player, seen } = await twoServers(t, '1.16.5')
  seen.client.socket.unpipe()
  seen.client.socket.pause()
  const data = Buffer.alloc(30000, 120)
  for (let i = 0; i < 3000; i++) player.client.write('custom_payload', { channel: 'mod:noise', data })
  player.type('/server two')
  assert.equal(one.players.length, 1)
  seen.client.socket.resume() // reads again, so that the command gets through
  await until(two, 'the player', () => two.players.length > 0, 60000)
  await chatRoundTrip(player, two, 'heard')
})

test('an answer is not accepted into a database that was deleted', async t => {
  const { backend, sekisho, join } = await scene(t, { version: '1.16.5' })
  const known = await letIn(join())
  await records(sekisho, 1)
  fs.rmSync(sekisho.path('data'), { recursive: true })
  const player = join()
  await player.accept()
  assert.match(await player.gone(), /could not be recorded/)
  assert.equal(backend.players.length, 1)
  await chatRoundTrip(known, backend, 'still here')
})

test('a database that can no longer be read is an error in the log, and who plays, plays on', async t => {
  const { backend, sekisho, join } = await scene(t, { version: '1.16.5' })
  const known = await letIn(join())
  await records(sekisho, 1)
  for (const file of ['data/sekisho.db', 'data/sekisho.db-wal']) fs.truncateSync(sekisho.path(file), 0)
  assert.match(await join().gone(), /records cannot be read just now/)
  await until(sekisho, 'the error in the log', () => /error store: records cannot be read \(damaged\): .*backup/.test(sekisho.stderr))
  await chatRoundTrip(known, backend, 'still here')
})

test('a known player joins while another program holds the database', async t => {
  const { backend, sekisho, join } = await scene(t, { version: '1.16.5' })
  const known = await letIn(join())
  known.leave()
  await records(sekisho, 1)
  const { spawn } = await import('node:child_process')
  const holder = spawn('sqlite3', [sekisho.path('data/sekisho.db')], { stdio: ['pipe', 'pipe', 'ignore'] })
  t.after(() => holder.kill())
  holder.stdin.write("BEGIN IMMEDIATE; SELECT 'held';\n")
  await new Promise(resolve => holder.stdout.once('data', resolve))
  const newcomers = Array.from({ length: 4 }, () => join())
  for (const newcomer of newcomers) await newcomer.accept()
  await join({ username: known.username }).playing()
  for (const newcomer of newcomers) assert.match(await newcomer.gone(), /could not be recorded/)
  assert.equal(backend.players.length, 2)
})

test('a server that says nothing after it let the player in is given up', async t => {
  const two = await startBackend(t, { version: '1.16.5' })
  const mute = net.createServer(socket => {
    socket.on('error', () => {})
    socket.once('data', () => socket.write(frame([2], Buffer.alloc(16, 1), [1, 97])))
  })
  await new Promise(resolve => mute.listen(0, '127.0.0.1', resolve))
  t.after(() => mute.close())
  const sekisho = await startSekisho(t, {
    servers: { mute: { address: `127.0.0.1:${mute.address().port}` }, two: { address: two.address } },
    config: { try: ['mute', 'two'] }
  })
  const player = joinAs(t, { port: sekisho.port, version: '1.16.5' })
  await player.accept()
  await until(two, 'the player', () => two.players.length > 0, 45000)
  await player.playing()
})
