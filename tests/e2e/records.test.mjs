// Consent records: durable, complete, findable.
import test from 'node:test'
import assert from 'node:assert/strict'
import { scene, letIn, records } from './lib/scene.mjs'
import { assertRecord } from './lib/answered.mjs'

for (const version of ['1.16.5', '1.21.8']) {
  test(`${version}: a record survives SIGKILL right after the player was let in`, async t => {
    const { backend, sekisho, join } = await scene(t, { version })
    const player = join()
    await player.accept()
    // Killed at the first sign that the game server was dialled.
    await new Promise(resolve => backend.server.once('connection', resolve))
    await sekisho.kill()
    const [record] = sekisho.records()
    assertRecord(record, player, { decision: 'accepted' })
    await sekisho.start()
    const again = await join({ username: player.username, port: sekisho.port }).playing()
    assert.equal(again.dialogs.length + again.books.length, 0)
  })
}

test('consent list filters by name in any case, and by UUID', async t => {
  const { sekisho, join } = await scene(t, { version: '1.16.5' })
  const one = await letIn(join())
  const two = await letIn(join())
  await records(sekisho, 2)
  const [record] = sekisho.records('--player', one.username.toUpperCase())
  assertRecord(record, one, { decision: 'accepted' })
  const found = sekisho.records('--player', sekisho.records('--player', two.username)[0].player_uuid)
  assert.equal(found.length, 1)
  assertRecord(found[0], two, {})
  assert.deepEqual(sekisho.records('--player', 'NobodyOfThisName'), [])
})

test('consent list without --json is for people', async t => {
  const { sekisho, join } = await scene(t, { version: '1.16.5' })
  const player = await letIn(join())
  const { status, stdout } = sekisho.command('consent', 'list', '-c', 'config/sekisho.lua')
  assert.equal(status, 0)
  assert.match(stdout, new RegExp(player.username))
  assert.match(stdout, /accepted/)
})

test('records can be listed while the proxy is stopped, and each language has its own hash', async t => {
  const { sekisho, join } = await scene(t, { version: '1.21.6' })
  await letIn(join({ locale: 'ja_jp' }))
  await letIn(join({ locale: 'en_us' }))
  await sekisho.stop()
  const [ja, en] = sekisho.records()
  assert.equal(ja.language, 'ja')
  assert.equal(en.language, 'en')
  assert.notEqual(ja.policy_sha256, en.policy_sha256)
})

test('a changed text is put before known players again', async t => {
  const { sekisho, join } = await scene(t, { version: '1.16.5' })
  const player = await letIn(join())
  player.leave()
  await sekisho.stop()
  sekisho.write('config/policy/en.md', '# New policy\n\nEverything is different now. ENDMARKNEW\n')
  await sekisho.start()
  const again = join({ username: player.username, port: sekisho.port })
  await again.gate()
  assert.match(again.shown, /ENDMARKNEW/)
  await letIn(again)
  const found = await records(sekisho, 2)
  assert.notEqual(found[0].policy_sha256, found[1].policy_sha256)
  assert.deepEqual(found.map(({ policy_id: id }) => id), ['test-network', 'test-network'])
})

test('two newcomers of one name cannot answer for each other', async t => {
  const { sekisho, join } = await scene(t, { version: '1.21.6' })
  const reader = join()
  await reader.gate()
  const twin = join({ username: reader.username })
  await twin.until('an outcome', () => twin.ended || twin.dialog).catch(() => {})
  const { id, payload } = reader.dialog.button('accept')
  if (!twin.ended) {
    twin.click(id, payload) // the other's nonce
    await twin.until('nothing', () => false, 700).catch(() => {})
    assert.equal(sekisho.records().filter(({ decision }) => decision === 'accepted').length, 0)
  }
})

test('looking at the records is silent beside them', async t => {
  const { sekisho } = await scene(t, { version: '1.21.6' })
  const { status, stderr } = sekisho.command('consent', 'list', '-c', 'config/sekisho.lua')
  assert.equal(status, 0)
  assert.equal(stderr, '')
})
