// Without game servers, who accepted stands in Sekisho's own limbo, and is told so.
import test from 'node:test'
import assert from 'node:assert/strict'
import { startSekisho } from './lib/sekisho.mjs'
import { joinAs } from './lib/player.mjs'
import { scene, letIn, records } from './lib/scene.mjs'
import { supportedVersions, protocolOf } from './lib/versions.mjs'

const versions = ['1.7', '1.8.8', '1.12.2', '1.16.5', '1.19.4', '1.20.4', '1.21.4', '1.21.6', '26.1']

async function waits (t, version, locale) {
  const sekisho = await startSekisho(t)
  const player = joinAs(t, { port: sekisho.port, version, locale })
  await player.gate()
  const before = player.shown.length
  await player.accept()
  const said = locale === 'ja_jp' ? /待合室/ : /waiting room/
  await player.until('words after the answer', () => said.test(player.shown.slice(before)))
  const [record] = await records(sekisho, 1)
  assert.equal(record.decision, 'accepted')
  const beats = player.packets.filter(name => name.endsWith('.keep_alive')).length
  await player.until('a keep-alive', () =>
    player.packets.filter(name => name.endsWith('.keep_alive')).length > beats, 30000)
  assert.equal(player.ended, false)
  assert.deepEqual(player.errors, [])
}

// All at once, since each waits for a keep-alive; an error names the player and so the version.
for (const locale of ['en_us', 'ja_jp']) {
  test(`every version: the limbo says in ${locale} that there is no game server`, async t => {
    await Promise.all(versions.map(version => waits(t, version, locale)))
  })
}

test('who comes back to a proxy without game servers stands in the limbo at once', async t => {
  const sekisho = await startSekisho(t)
  const first = joinAs(t, { port: sekisho.port, version: '1.16.5' })
  await first.accept()
  await records(sekisho, 1)
  first.leave()
  const again = joinAs(t, { port: sekisho.port, version: '1.16.5', username: first.username })
  await again.until('a word', () => again.chats.length > 0)
  assert.equal(again.books.length, 0)
})

// Vanilla servers list everybody, and clients of 1.16.4 and 1.16.5 were seen to crash where nobody is.
for (const version of supportedVersions.filter(version => protocolOf(version) >= 47 && protocolOf(version) < 771)) {
  test(`${version}: the player is on the list of players in the limbo, and off it behind it`, async t => {
    const { join } = await scene(t, { version })
    const player = join()
    const listed = new Map()
    player.client.on('player_info', ({ action, data }) => {
      for (const { uuid, name, player } of data) {
        if (action === 'remove_player') listed.delete(uuid)
        else listed.set(uuid, name ?? player.name)
      }
    })
    player.client.on('player_remove', ({ players }) => players.forEach(uuid => listed.delete(uuid)))
    await player.gate()
    assert.deepEqual([...listed], [[player.client.uuid, player.username]])
    await letIn(player)
    if (protocolOf(version) < 764) assert.equal(listed.size, 0) // later clients forget it by themselves
    assert.deepEqual(player.errors, [])
  })
}

async function readsForLong (t, version) {
  const sekisho = await startSekisho(t)
  const player = joinAs(t, { port: sekisho.port, version })
  await player.gate()
  await player.until('keep-alives', () =>
    player.packets.filter(name => name.endsWith('.keep_alive')).length >= 2, 45000)
  player.leave()
}

test('who reads for long is kept alive', async t => {
  await Promise.all(['1.8.8', '1.16.5', '1.20.4', '1.21.6'].map(version => readsForLong(t, version)))
})
