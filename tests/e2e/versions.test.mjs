// Every other version that the client library speaks: accept, play, come back.
import test from 'node:test'
import assert from 'node:assert/strict'
import { scene, records, chatRoundTrip } from './lib/scene.mjs'
import { assertRecord } from './lib/answered.mjs'
import { gateVersions, supportedVersions, protocolOf } from './lib/versions.mjs'

for (const version of supportedVersions.filter(name => !gateVersions.includes(name))) {
  test(`${version} (${protocolOf(version)}): a newcomer accepts, plays, and comes back`, async t => {
    const { backend, sekisho, join } = await scene(t, { version })
    const player = join()
    await player.gate()
    if (player.means === 'chat') await player.turnPages()
    assert.match(player.shown, /ENDMARKEN/)
    assert.equal(backend.connections, 0)
    await player.accept()
    await player.playing()
    await chatRoundTrip(player, backend)
    assertRecord((await records(sekisho, 1))[0], player, { decision: 'accepted' })
    player.leave()
    const again = await join({ username: player.username }).playing()
    assert.equal(again.dialogs.length + again.books.length, 0)
    assert.deepEqual(again.errors, [])
  })
}
