// What a newer client or a newer mod loader brings along.
import test from 'node:test'
import assert from 'node:assert/strict'
import { scene, letIn, records, chatRoundTrip } from './lib/scene.mjs'
import { until } from './lib/wait.mjs'

// Its settings end in bytes that no release so far has.
function addToSettings (client, tail) {
  const write = client.write.bind(client)
  client.write = (name, params) => {
    if (name !== 'settings') return write(name, params)
    client.writeRaw(Buffer.concat([client.serializer.createPacketBuffer({ name, params }), tail]))
  }
}

test('settings that grew in a release to come keep nobody out, and what is unknown in them stays here', async t => {
  const { backend, sekisho, join } = await scene(t, { version: '26.1' })
  const player = join({ protocol: 778, locale: 'ja_jp' })
  addToSettings(player.client, Buffer.from('CANARY'))
  await player.accept()
  await until(backend, 'the game server to be dialled', () => backend.connections === 1)
  assert.equal((await records(sekisho, 1))[0].language, 'ja')
  const seen = Object.values(backend.server.clients)[0].sekishoPlayer
  await until(seen, 'the settings', () => seen.bytes.some(chunk => chunk.includes(Buffer.alloc(6))))
  assert.ok(!seen.holds('CANARY'))
})

test('settings that are too long are an error in every release that is known', async t => {
  const { join } = await scene(t, { version: '1.21.6' })
  const player = join()
  addToSettings(player.client, Buffer.from([1]))
  await player.gone()
})

for (const open of [false, true]) {
  test(`a third party's server is ${open ? 'open to' : 'closed for'} a release to come ${open ? 'where its key says so' : ''}`, async t => {
    const { backend, sekisho, join } = await scene(t, { version: '26.1', server: { third_party: true, newer_releases: open || undefined } })
    const player = join({ protocol: 778 })
    await player.accept()
    if (open) {
      await until(backend, 'the game server to be introduced to the player', () => backend.lastProtocol === 778)
    } else {
      await until(sekisho, 'the reason', () => /newer_releases = true lets it in/.test(sekisho.stderr))
      assert.equal(backend.lastProtocol, undefined)
    }
    const says = open ? /from releases newer than protocol \d+: what is sent in play passes unread/ : /protocol \d+: nobody is let in/
    assert.match(sekisho.command('check').stdout, says)
  })
}

for (const [version, marker] of [['1.20.4', '\0FORGE'], ['1.21.6', '\0FORGE'], ['26.1', '\0FORGE12']]) {
  test(`${version}: the marker ${JSON.stringify(marker)} reaches the game server`, async t => {
    const { backend, sekisho, join } = await scene(t, { version })
    const player = join({ host: `play.example.net${marker}` })
    await player.accept()
    // A limbo breaks the loader's handshake: then the player joins anew.
    const known = version === '1.20.4' ? (await player.gone(), join({ username: player.username, host: player.options.host })) : player
    await known.playing()
    const seen = await backend.joined()
    assert.equal(seen.handshake.serverHost, `localhost${marker}`)
    await chatRoundTrip(known, backend)
    assert.equal((await records(sekisho, 1))[0].decision, 'accepted')
  })
}

test('what only looks like a marker is dropped', async t => {
  const { backend, join } = await scene(t, { version: '1.21.6' })
  await letIn(join({ host: 'play.example.net\0FORGE1234' }))
  const seen = await backend.joined()
  assert.equal(seen.handshake.serverHost, 'localhost')
})
