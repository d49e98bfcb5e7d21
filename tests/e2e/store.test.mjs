// Trouble with the disk: newcomers are told and wait outside, known players play on.
import test from 'node:test'
import assert from 'node:assert/strict'
import fs from 'node:fs'
import { spawnSync } from 'node:child_process'
import { startBackend } from './lib/backend.mjs'
import { startSekisho } from './lib/sekisho.mjs'
import { joinAs } from './lib/player.mjs'
import { letIn, chatRoundTrip } from './lib/scene.mjs'

// A small disk of its own, in a mount namespace that ends with the process.
const mount = 'mkdir -p data && mount -t tmpfs -o size=1m tmpfs data && exec "$0" "$@"'
const wrapper = ['unshare', '--mount', '--user', '--map-root-user', 'sh', '-c', mount]
const possible = spawnSync(wrapper[0], [...wrapper.slice(1, -1),
  'mount -t tmpfs -o size=64k tmpfs /mnt'], { encoding: 'utf8' }).status === 0
const skip = possible ? false : 'needs user and mount namespaces'

async function small (t, version) {
  const backend = await startBackend(t, { version })
  const sekisho = await startSekisho(t, { servers: { game: { address: backend.address } }, wrapper })
  const join = more => joinAs(t, { port: sekisho.port, version, ...more })
  const disk = `/proc/${sekisho.child.pid}/root${sekisho.folder}/data`
  return { backend, sekisho, join, disk }
}

function fill (disk) {
  const file = fs.openSync(`${disk}/filler`, 'w')
  try {
    for (let size = 65536; size > 0;) {
      try {
        fs.writeSync(file, Buffer.alloc(size))
      } catch (error) {
        if (error.code !== 'ENOSPC') throw error
        size >>= 1
      }
    }
  } finally {
    fs.closeSync(file)
  }
}

for (const version of ['1.16.5', '1.21.6']) {
  test(`${version}: on a full disk newcomers are told, and known players play on`, { skip }, async t => {
    const { backend, join, disk, sekisho } = await small(t, version)
    const known = await letIn(join())
    fill(disk)
    // The database may still have some room of its own: go on until it is used up.
    let turnedAway
    for (let tries = 0; tries < 400 && !turnedAway; tries++) {
      const newcomer = join({ locale: 'ja_jp' })
      await newcomer.accept()
      if (await newcomer.playing().then(() => false, () => true)) turnedAway = newcomer
      else newcomer.leave()
    }
    assert.ok(turnedAway, 'nobody is let in without a record')
    assert.match(await turnedAway.gone(), /[\u3040-\u30ff\u4e00-\u9fff]/)
    await chatRoundTrip(known, backend)
    known.leave()
    await join({ username: known.username }).playing()
    fs.rmSync(`${disk}/filler`)
    await letIn(join())
    assert.equal(sekisho.exit, null)
  })
}

test('on a read-only database newcomers are told, and known players play on', { skip }, async t => {
  const { backend, join, sekisho } = await small(t, '1.16.5')
  const known = await letIn(join())
  const remount = spawnSync('nsenter', ['-t', String(sekisho.child.pid), '-U', '-m', '--preserve-credentials',
    'mount', '-o', 'remount,ro', `${sekisho.folder}/data`], { encoding: 'utf8' })
  if (remount.status !== 0) {
    // Open for writing files hold the mount: the machine cannot make this case.
    t.skip(remount.stderr.trim())
    return
  }
  const newcomer = join()
  await newcomer.accept()
  assert.notEqual(await newcomer.gone(), '')
  await chatRoundTrip(known, backend)
})

test('on a disk that is read-only from the start, known players play, and the log says what to mend', { skip }, async t => {
  const version = '1.16.5'
  const backend = await startBackend(t, { version })
  const sekisho = await startSekisho(t, { servers: { game: { address: backend.address } } })
  const join = more => joinAs(t, { port: sekisho.port, version, ...more })
  const known = await letIn(join())
  known.leave()
  await sekisho.stop()
  sekisho.wrapper = [...wrapper.slice(0, -1), 'mount --bind data data && mount -o remount,bind,ro data && exec "$0" "$@"']
  await sekisho.start()
  await join({ username: known.username }).playing()
  const newcomer = join()
  await newcomer.accept()
  assert.match(await newcomer.gone(), /could not be recorded/)
  assert.match(sekisho.stderr, /cannot be written: this user may not write .*read-only. Start again when that is mended/)
})
