// Forge of 1.7.10 to 1.12.2, which shakes hands in play: behind the gate, and with each game server anew.
import test from 'node:test'
import assert from 'node:assert/strict'
import { startBackend } from './lib/backend.mjs'
import { startSekisho } from './lib/sekisho.mjs'
import { joinAs } from './lib/player.mjs'
import { chatRoundTrip } from './lib/scene.mjs'
import { ForgeClient, forgeServer, marker } from './lib/forge1.mjs'
import { until } from './lib/wait.mjs'

const handshake = ['WAITINGSERVERDATA', 'WAITINGSERVERCOMPLETE', 'PENDINGCOMPLETE', 'COMPLETE', 'DONE']
const versions = ['1.7', '1.8.8', '1.9.4', '1.12.2'] // the library's 1.7 is 1.7.10

// Each of `makers` is a game server: with Forge, or without.
async function servers (t, version, makers, web) {
  const all = []
  for (const maker of makers) {
    const forge = maker === 'vanilla' ? {} : forgeServer(maker)
    const backend = await startBackend(t, { version, shake: forge.shake })
    all.push(Object.assign(backend, { heard: forge.heard }))
  }
  const entries = all.map((backend, i) => [`s${i}`, { address: backend.address }])
  const sekisho = await startSekisho(t, { servers: Object.fromEntries(entries), config: { web } })
  const join = more => {
    const player = joinAs(t, { port: sekisho.port, version, host: `localhost${marker}`, brand: 'fml,forge', ...more })
    player.forge = new ForgeClient(player)
    return player
  }
  return { all, sekisho, join }
}

// The client moves all the time, as one does that stands in a world.
function walks (t, player) {
  const timer = setInterval(() => {
    if (player.forge.joined && !player.ended) player.client.write('flying', { onGround: true, flags: {} })
  }, 2)
  t.after(() => clearInterval(timer))
}

async function go (player, index, all) {
  const before = all[index].players.length
  const worlds = player.positions.length
  player.type(`/server s${index}`)
  await until(all[index], `the player at s${index}`, () => all[index].players.length > before)
  await player.until('its world', () => player.positions.length > worlds)
}

for (const version of versions) {
  test(`${version}: a Forge client accepts in the limbo, and its mods meet the server behind it`, async t => {
    const web = { address: '127.0.0.1:0', public_url: 'https://privacy.example.net/' }
    const { all: [server], sekisho, join } = await servers(t, version, [{}], web)
    const player = join()
    walks(t, player)
    await player.accept()
    await player.playing()
    assert.deepEqual(player.forge.states, ['DONE', 'HELLO', ...handshake])
    assert.deepEqual(player.forge.errors, [])
    assert.deepEqual(player.forge.dimensions, [0, 0, -1, 0], 'the limbo; join game as it is, there and back')
    assert.deepEqual(server.heard, [], 'nothing but the handshake until the join game')
    await chatRoundTrip(player, server)
    assert.equal(sekisho.records()[0].method, player.means)
    player.leave()
    const again = join({ username: player.username })
    await again.playing()
    assert.deepEqual(again.forge.states, handshake, 'without a limbo between')
    assert.deepEqual(again.forge.dimensions, [0])
  })

  test(`${version}: a Forge client goes between servers with Forge and without`, async t => {
    const { all, join } = await servers(t, version, ['vanilla', {}, {}])
    const player = join()
    walks(t, player)
    await player.accept()
    await player.playing()
    assert.deepEqual(player.forge.states, ['DONE', 'HELLO'])
    for (const index of [1, 2, 0, 1, 0]) await go(player, index, all)
    await chatRoundTrip(player, all[0])
    assert.deepEqual(player.forge.states, ['DONE', 'HELLO', ...handshake, 'HELLO', ...handshake,
      'HELLO', ...handshake, 'HELLO'])
    assert.deepEqual(player.forge.errors, [])
    assert.deepEqual(player.errors, [])
    assert.deepEqual(all.flatMap(backend => backend.heard ?? []), [])
    assert.ok(all[2].players.at(-1).holds('acme'), 'its channels are told')
  })

  test(`${version}: a server that refuses the mods ends the way: the client cannot shake hands anew`, async t => {
    const { all, join } = await servers(t, version, ['vanilla', { refuses: 'acme is missing' }])
    const player = join()
    await player.accept()
    await player.playing()
    player.type('/server s1')
    assert.match(await player.gone(), /acme is missing/)
    assert.deepEqual(player.forge.errors, [])
    assert.equal(all[0].players.length, 1)
  })
}
