// The test's own parts against each other, without Sekisho: a player straight on a game server.
// What fails here is a mistake of the suite, not of the program.
import test from 'node:test'
import assert from 'node:assert/strict'
import { startBackend } from './lib/backend.mjs'
import { joinAs } from './lib/player.mjs'
import { supportedVersions } from './lib/versions.mjs'

for (const version of supportedVersions) {
  test(`a player of ${version} joins a game server directly and talks`, async t => {
    const backend = await startBackend(t, { version })
    const player = joinAs(t, { port: backend.port, version, brand: 'direct-brand', locale: 'nl_nl' })
    await player.playing()
    player.type('hello there')
    await player.hears(`<${player.username}> hello there`)
    const seen = await backend.joined(player.username)
    assert.equal(seen.brand, 'direct-brand')
    assert.equal(seen.settings.locale, 'nl_nl')
    assert.deepEqual(player.errors, [])
  })
}

for (const protocol of [776, 777, 999]) {
  test(`a player of protocol ${protocol} joins a game server of that protocol`, async t => {
    const backend = await startBackend(t, { version: '26.1' })
    const player = joinAs(t, { port: backend.port, version: '26.1', protocol })
    await player.playing()
    player.type('hello there')
    await player.hears(`<${player.username}> hello there`)
    assert.equal(backend.lastProtocol, protocol)
  })
}
