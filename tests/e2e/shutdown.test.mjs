// Starting and ending.
import test from 'node:test'
import assert from 'node:assert/strict'
import { scene, letIn } from './lib/scene.mjs'
import { Sekisho, startSekisho } from './lib/sekisho.mjs'
import { connectRaw } from './lib/raw.mjs'
import { until } from './lib/wait.mjs'

test('there is a ready line for each listener', async t => {
  const sekisho = await startSekisho(t, { config: { listen: ['127.0.0.1:0', { address: '127.0.0.1:0' }] } })
  assert.equal(sekisho.addresses.length, 2)
  assert.equal(new Set(sekisho.addresses.map(({ port }) => port)).size, 2)
})

test('an address that is taken is named, and the program ends', async t => {
  const first = await startSekisho(t)
  const second = new Sekisho({ config: { listen: `127.0.0.1:${first.port}` } })
  t.after(() => second.dispose())
  const { status, signal, stderr, stdout } = second.command('run', '-c', 'config/sekisho.lua')
  assert.equal(signal, null)
  assert.notEqual(status, 0)
  assert.match(stderr + stdout, new RegExp(`127\\.0\\.0\\.1:${first.port}`))
})

for (const version of ['1.8.8', '1.16.5', '1.20.4', '1.21.6']) {
  test(`${version}: SIGTERM tells players and readers, and ends in exit 0`, async t => {
    const { sekisho, join } = await scene(t, { version })
    const player = await letIn(join())
    const reader = join()
    await reader.gate()
    connectRaw(t, sekisho.port)
    await sekisho.stop()
    assert.notEqual(await player.gone(), '', 'the player is told')
    assert.notEqual(await reader.gone(), '', 'the reader is told')
  })
}

test('a second SIGTERM ends at once', async t => {
  const { sekisho, join } = await scene(t, { version: '1.16.5' })
  const player = await letIn(join())
  // A player who reads nothing would have to be waited for.
  player.client.socket.unpipe()
  player.client.socket.pause()
  sekisho.child.kill('SIGTERM')
  // Two signals at once would be one.
  await until(sekisho, 'the end to begin', () => sekisho.stderr.includes('stopping'))
  sekisho.child.kill('SIGTERM')
  await sekisho.exited(3000)
})

test('SIGTERM in the middle of nothing ends in exit 0', async t => {
  const sekisho = await startSekisho(t)
  await sekisho.stop()
})
