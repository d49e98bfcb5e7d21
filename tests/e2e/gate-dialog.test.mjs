// The gate by dialog, in the configuration phase.
import test from 'node:test'
import assert from 'node:assert/strict'
import { gateCases } from './lib/gate-cases.mjs'
import { scene, records, chatRoundTrip } from './lib/scene.mjs'
import { assertRecord } from './lib/answered.mjs'
import { gateVersions, protocolOf } from './lib/versions.mjs'

for (const version of gateVersions.filter(name => protocolOf(name) >= 771)) gateCases(version)

for (const protocol of [776, 777, 778, 999]) {
  test(`protocol ${protocol}, which has no tables, meets the dialog and plays`, async t => {
    const { backend, sekisho, join } = await scene(t, { version: '26.1' })
    const player = join({ protocol })
    await player.gate()
    assert.match(player.shown, /ENDMARKEN/)
    assert.equal(backend.connections, 0)
    await player.accept()
    await player.playing()
    await chatRoundTrip(player, backend)
    assert.equal(backend.lastProtocol, protocol, 'the game server is told the true number')
    assertRecord((await records(sekisho, 1))[0], player, { decision: 'accepted', method: 'dialog' })
  })
}
