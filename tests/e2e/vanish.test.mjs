// Clients that vanish, press twice, flood, or never answer, at every step of the way in.
import test from 'node:test'
import assert from 'node:assert/strict'
import { scene, records, letIn, chatRoundTrip } from './lib/scene.mjs'
import { quiet, until } from './lib/wait.mjs'
import { connectRaw, frame, handshake, loginStart } from './lib/raw.mjs'
import { varint } from './lib/release777.mjs'

for (const version of ['1.7', '1.8.8', '1.12.2', '1.16.5', '1.19.4', '1.20.1', '1.20.4', '1.21.4', '1.21.6', '26.1']) {
  test(`${version}: who vanishes at any step leaves nothing behind and accepted nothing`, async t => {
    const { backend, sekisho, join } = await scene(t, { version })
    const bystander = await letIn(join())
    for (let step = 0, shown = false; !shown; step++) {
      const player = join()
      if (step === 0) player.leave()
      const asked = () => player.bookOpened || player.dialogs.length > 0 || player.chats.some(chat => chat.clicks.length > 0)
      await until(player, `${step} packets`, () => player.packets.length >= step || asked() || player.ended)
      shown = asked()
      player.leave()
    }
    await chatRoundTrip(bystander, backend)
    assert.equal(backend.connections, 1)
    const accepted = sekisho.records().filter(({ decision }) => decision === 'accepted')
    assert.equal(accepted.length, 1, 'the bystander alone')
    assert.equal(sekisho.exit, null)
  })

  test(`${version}: who vanishes between the answer and the game has accepted, or has not: nothing between`, async t => {
    const { backend, sekisho, join } = await scene(t, { version })
    for (let delay = 0; delay < 8; delay++) {
      const player = join()
      await player.accept()
      await quiet(delay)
      player.leave()
      const { username } = player
      const shownAgain = async () => {
        const again = join({ username })
        const inGame = () => again.positions.at(-1)?.x === 1234.5
        await again.until('the gate or the game', () => again.dialog || again.book || again.chats.length > 0 || inGame())
        again.leave()
        return !inGame()
      }
      await shownAgain() // at once: the record may be on its way to the disk still
      while (sekisho.records('--player', username).length === 0) await quiet(20)
      const shown = await shownAgain()
      const accepted = sekisho.records('--player', username).some(({ decision }) => decision === 'accepted')
      assert.equal(shown, !accepted, `shown ${shown}, accepted ${accepted}`)
    }
    assert.ok(backend.connections <= 24)
  })
}

for (const version of ['1.21.6', '26.1']) {
  test(`${version}: pressing twice, and a flood of clicks, are one answer`, async t => {
    const { backend, sekisho, join } = await scene(t, { version })
    const player = join()
    await player.gate()
    const { id, payload } = player.dialog.button('accept')
    const forged = { type: 'compound', value: { nonce: { type: 'string', value: 'f'.repeat(32) } } }
    for (let i = 0; i < 500; i++) player.click('sekisho:accept', forged)
    player.click(id, payload)
    player.click(id, payload)
    await player.playing()
    await chatRoundTrip(player, backend)
    assert.equal((await records(sekisho, 1))[0].decision, 'accepted')
  })
}

test('play packets in configuration are a reason to leave', async t => {
  const { backend, sekisho } = await scene(t, { version: '1.21.6' })
  const raw = connectRaw(t, sekisho.port).send(handshake(771, 2), loginStart(771, 'OutOfPhase'))
  await until(raw, 'login success', () => raw.received.length > 20)
  raw.send(frame([0], [3])) // login acknowledged, in the compressed form
  raw.send(frame([0], [0x7f], Buffer.alloc(8)))
  await raw.untilClosed()
  assert.equal(backend.connections, 0)
})

test('configuration that is finished unasked opens no way around the dialog', async t => {
  const { backend, sekisho, join } = await scene(t, { version: '1.21.6' })
  const player = join()
  await player.gate()
  player.client.write('finish_configuration', {})
  await player.gone()
  assert.equal((await records(sekisho, 1))[0].decision, 'timed_out')
  assert.equal(backend.connections, 0)
})

for (const version of ['1.20.4', '1.21.6']) {
  test(`${version}: a frame that never ends is not kept for a player who only reads`, async t => {
    const { sekisho, join } = await scene(t, { version })
    const player = join()
    await player.gate()
    const before = sekisho.memoryKib()
    const size = 2_000_000
    player.client.socket.write(Buffer.concat([varint(size), Buffer.alloc(size - 999)]))
    await quiet(500)
    assert.ok(sekisho.memoryKib() - before < 1024, 'it passes away as it comes')
    // The frame ends after all, and what follows it is read.
    player.client.socket.write(Buffer.alloc(999))
    await letIn(player)
  })
}

// Each waits half a minute, so all do at once; an error names the player and so the version.
test('who stops answering or following is let go', async t => {
  const silent = async (version, unsaid) => {
    const { backend, join } = await scene(t, { version })
    const player = join()
    const write = player.client.write.bind(player.client)
    player.client.write = (name, params) => name !== unsaid && write(name, params)
    if (unsaid === 'configuration_acknowledged') await player.accept()
    await until(player, `${version} without ${unsaid} to be put out`, () => player.ended, 90000)
    assert.equal(backend.players.length, 0)
  }
  await Promise.all([
    ...['1.7', '1.8.8', '1.12.2', '1.16.5', '1.19.4', '1.20.4', '1.21.4', '1.21.6', '26.1']
      .map(version => silent(version, 'keep_alive')),
    ...['1.20.4', '1.21.4'].map(version => silent(version, 'configuration_acknowledged')),
    ...['1.20.4', '1.21.4'].map(version => silent(version, 'finish_configuration')),
    silent('1.21.4', 'select_known_packs'),
    silent('1.21.6', 'login_acknowledged')
  ])
})
