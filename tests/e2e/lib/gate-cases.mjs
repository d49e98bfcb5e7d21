// The gate's promises, proven for one version; gate-*.test.mjs call this for theirs.
import test from 'node:test'
import assert from 'node:assert/strict'
import { scene, records, chatRoundTrip, letIn } from './scene.mjs'
import { assertRecord } from './answered.mjs'
import { policyPhrases } from './sekisho.mjs'
import { protocolOf } from './versions.mjs'
import { squeeze } from './text.mjs'
import { withOtherNonce } from './dialog.mjs'
import { quiet } from './wait.mjs'

export function clickMethod (player) {
  return player.means
}

function acceptsAndPlays (version) {
  test(`${version}: a newcomer reads the whole policy, accepts, and plays`, async t => {
    const { backend, sekisho, join } = await scene(t, { version })
    const player = join()
    await player.gate()
    const shown = squeeze(player.shown)
    for (const phrase of policyPhrases.en) {
      assert.ok(shown.includes(squeeze(phrase)), `"${phrase}" is shown; seen was: ${player.shown}`)
    }
    assert.doesNotMatch(player.shown, /layout: page|\*\*/, 'neither front matter nor Markdown')
    assert.equal(backend.connections, 0, 'no game server is dialled before the answer')

    await player.accept()
    await player.playing()
    assert.equal(backend.connections, 1)
    await chatRoundTrip(player, backend)
    const [record] = await records(sekisho, 1)
    assertRecord(record, player, { decision: 'accepted', language: 'en', method: clickMethod(player),
      server: 'game' })
    assert.match(JSON.stringify(record.purposes), /service/)
    assert.deepEqual(player.errors, [])
    if (player.means === 'dialog') assert.equal(player.dialogsCleared, 1, 'the dialog is closed')
    else assert.match(player.chatText, /Thank you. Your answer is recorded./)
  })

  test(`${version}: who accepted once is shown nothing the next time`, async t => {
    const { backend, sekisho, join } = await scene(t, { version })
    const first = await letIn(join())
    first.leave()
    const again = await join({ username: first.username }).playing()
    assert.equal(again.dialogs.length + again.books.length, 0)
    assert.doesNotMatch(again.shown, /ENDMARKEN/)
    await chatRoundTrip(again, backend)
    assert.equal(sekisho.records().length, 1)
  })
}

function staysOutside (version) {
  test(`${version}: who declines is told so, put out, and never reaches a game server`, async t => {
    const { backend, sekisho, join } = await scene(t, { version })
    const player = join()
    await player.decline()
    assert.notEqual(await player.gone(), '', 'words come with the disconnection')
    const [record] = await records(sekisho, 1)
    assertRecord(record, player, { decision: 'declined', method: clickMethod(player) })
    assert.equal(backend.connections, 0)
    // They may change their mind.
    await letIn(join({ username: player.username }))
    assert.equal((await records(sekisho, 2))[1].decision, 'accepted')
  })

  test(`${version}: who does not answer in time is put out`, async t => {
    const { backend, sekisho, join } = await scene(t,
      { version, config: { gate: { timeout: '1500ms' } } })
    const player = join()
    await player.gate()
    assert.notEqual(await player.gone(), '')
    const [record] = await records(sekisho, 1)
    assertRecord(record, player, { decision: 'timed_out' })
    assert.equal(backend.connections, 0)
  })

  test(`${version}: who hangs up has not answered, and is asked again`, async t => {
    const { backend, sekisho, join } = await scene(t, { version })
    const player = join()
    await player.gate()
    player.leave()
    const [record] = await records(sekisho, 1)
    assertRecord(record, player, { decision: 'timed_out' })
    const again = join({ username: player.username })
    await again.gate()
    assert.equal(backend.connections, 0)
    await letIn(again)
  })
}

function wantsTheNonce (version) {
  test(`${version}: an answer with another nonce is none`, async t => {
    const { backend, sekisho, join } = await scene(t, { version })
    const player = join()
    await player.gate()
    if (player.means === 'dialog') {
      const { id, payload } = player.dialog.button('accept')
      const forged = { id: withOtherNonce(id), payload: withOtherNonce(payload ?? null) }
      assert.notDeepEqual(forged, { id, payload: payload ?? null }, 'the button carries a nonce')
      player.click(forged.id, forged.payload)
    } else {
      player.type('/accept 00000000000000000000000000000000')
    }
    await quiet(500)
    assert.equal(backend.connections, 0)
    assert.equal(sekisho.records().filter(({ decision }) => decision === 'accepted').length, 0)
    await letIn(player)
  })
}

export function typedAnswers (version) {
  test(`${version}: the answer may be typed`, async t => {
    const { sekisho, join } = await scene(t, { version })
    const player = join()
    await player.accept('command')
    await player.playing()
    const other = join()
    await other.decline('command')
    await other.gone()
    const found = await records(sekisho, 2)
    assertRecord(found[0], player, { decision: 'accepted', method: 'chat' })
    assertRecord(found[1], other, { decision: 'declined', method: 'chat' })
  })
}

export function typedNearly (version) {
  test(`${version}: an answer with more words is none, and is told so; case and spaces do not matter`, async t => {
    const { backend, sekisho, join } = await scene(t, { version })
    const player = await join().gate()
    const offers = () => player.chats.filter(chat => chat.clicks.some(({ value }) => value.startsWith('/accept '))).length
    for (const words of ['/accept please', '/decline later', '/accepted', '/accept 0123', '/language xx', 'accept']) {
      const before = offers()
      player.type(words)
      await player.until(`the choices after "${words}"`, () => offers() > before)
    }
    assert.equal(backend.connections, 0)
    assert.deepEqual(sekisho.records(), [])
    player.type('/ACCEPT  ')
    await player.playing()
    const other = await join().gate()
    other.type('/Decline ')
    await other.gone()
    const found = await records(sekisho, 2)
    assertRecord(found[0], player, { decision: 'accepted', method: 'chat' })
    assertRecord(found[1], other, { decision: 'declined', method: 'chat' })
  })
}

export function gateCases (version) {
  acceptsAndPlays(version)
  staysOutside(version)
  wantsTheNonce(version)
  if (protocolOf(version) >= 771) return
  typedAnswers(version)
  typedNearly(version)
}
