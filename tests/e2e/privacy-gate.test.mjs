// From the dialog of the gate (771+) to what is held, and back: who withdrew keeps their rights.
import test from 'node:test'
import assert from 'node:assert/strict'
import { onlineScene } from './lib/accounts.mjs'
import { withOtherNonce } from './lib/dialog.mjs'
import { offers, press, shows } from './lib/privacy.mjs'
import { chatRoundTrip, letIn, records, scene } from './lib/scene.mjs'
import { policyLua } from './lib/sekisho.mjs'

const versions = ['1.21.6', '1.21.9', '26.1']
const rules = 'collect "client.brand" { purpose = "service", keep = "30d" }\n'
const files = { 'config/policy/policy.lua': policyLua.replace('purposes = {', 'purposes = { inquiry = { keep = "90d" },') }

const forget = player => Object.assign(player, { dialogs: [], chats: [], positions: [] })
const rightsOf = dialog => dialog?.buttons.find(({ id }) => id === 'sekisho:rights')
const requests = sekisho => sekisho.sql('SELECT kind, state FROM request ORDER BY id')
const inGate = player => player.dialogs.some(dialog => dialog.buttons.some(({ id }) => id === 'sekisho:accept'))

// Clicks what there are words for. Ten answers a second are given at most: what is passed over is clicked again.
async function step (player, words, pattern, inputs) {
  const dialogs = player.dialogs.length
  const shown = () => player.dialogs.slice(dialogs).some(dialog => pattern.test(dialog.text))
  for (const end = Date.now() + 20000; !shown();) {
    assert.ok(Date.now() < end, `${pattern}: ${player.describe()}`)
    if (player.dialogs.length === dialogs) await press(player, words, inputs)
    await new Promise(resolve => setTimeout(resolve, 200))
  }
}

async function rights (player, pattern = /What is kept about you, and what you may ask for/) {
  const button = await player.until('the way to the rights', () => rightsOf(player.dialog))
  await shows(player, pattern, () => player.click(button.id, button.payload))
}

// Who played, and withdrew: at the gate's dialog, in configuration, with something held of them.
async function withdrawn (t, version, more) {
  const all = await onlineScene(t, { version, rules, files, ...more })
  const person = all.accounts.create('Alice')
  const player = await letIn(all.joinWith(person))
  for (const end = Date.now() + 20000; all.sekisho.sql('SELECT * FROM observation').length === 0;) {
    assert.ok(Date.now() < end, 'the brand is kept')
    await new Promise(resolve => setTimeout(resolve, 50))
  }
  player.type('/privacy withdraw')
  const offer = await player.until('an offer to withdraw', () =>
    offers(player).find(({ words }) => /^withdraw \d{6}$/.test(words ?? '')))
  forget(player)
  offer.act()
  await player.until('the gate', () => inGate(player))
  return { ...all, person, player }
}

for (const version of versions) {
  test(`${version}: who withdrew sees what is held, asks for it and for its end, and goes back`, async t => {
    const { backend, sekisho, player } = await withdrawn(t, version)
    assert.equal(player.client.state, 'configuration')
    await rights(player)
    const words = player.dialog.buttons.map(button => offers(player).find(({ label }) => label === button.label).words)
    assert.deepEqual(words, ['data', 'export', 'correct', 'erase', 'requests', 'ask', 'gate'])
    await step(player, /^data$/, /Software of your game: vanilla \(×1\) \| game/)
    await step(player, /^$/, /What is kept about you/)
    await step(player, /^export$/, /recorded.*: 1, 20[^]*[2-9A-HJ-NP-Z]{4}-/)
    await step(player, /^correct$/, /Which of this is wrong/)
    await step(player, /^correct client\.brand$/, /What should it be/)
    await step(player, /^correct client\.brand$/, /recorded.*: 2, /, { value: 'other' })
    await step(player, /^erase$/, /nobody can bring it back/)
    await step(player, /^erase \d{6}$/, /recorded.*: 3, /)
    await step(player, /^requests$/, /3 erasure/i)
    await step(player, /^requests cancel 3$/, /cancelled/)
    await step(player, /^ask$/, /used to answer it/)
    await step(player, /^ask$/, /on its way/, { message: 'why?' })
    assert.deepEqual(requests(sekisho), [{ kind: 'disclosure', state: 'verified' }, { kind: 'correction', state: 'verified' },
      { kind: 'erasure', state: 'cancelled' }])
    assert.equal(backend.players.length, 1)
    assert.deepEqual(player.errors, [])
  })

  test(`${version}: the policy is shown again and answered, and the record is of that showing`, async t => {
    const { backend, sekisho, player } = await withdrawn(t, version)
    const first = player.dialog
    await rights(player)
    const aside = player.dialog
    assert.equal(aside.tag.value.after_action.value, 'wait_for_response')
    await press(player, /^gate$/)
    await player.until('the policy', () => player.dialog !== aside)
    assert.notDeepEqual(player.dialog.button('accept').payload, first.button('accept').payload)
    const { id, payload } = first.button('accept')
    player.click(id, payload) // of the showing before: no answer
    await letIn(player)
    await chatRoundTrip(player, backend)
    assert.deepEqual((await records(sekisho, 3)).map(({ decision }) => decision), ['accepted', 'withdrawn', 'accepted'])
  })
}

test('who withdrew and joins again has the way; a newcomer is told that nothing is kept', async t => {
  const { accounts, player, person, joinWith } = await withdrawn(t, '1.21.6')
  player.leave()
  const again = joinWith(person)
  await again.gate()
  await rights(again)
  await step(again, /^data$/, /Software of your game/)
  const newcomer = joinWith(accounts.create('Newcomer'))
  await newcomer.gate()
  await rights(newcomer)
  await step(newcomer, /^data$/, /nothing is kept/i)
  await step(newcomer, /^erase$/, /nobody can bring it back/)
  await step(newcomer, /^erase \d{6}$/, /nothing is kept/i)
})

test('a click without the nonce of the showing does nothing', async t => {
  const { player, sekisho } = await withdrawn(t, '1.21.6')
  const button = rightsOf(player.dialog)
  const before = player.dialogs.length
  player.click(button.id, withOtherNonce(button.payload))
  player.click('sekisho:privacy', { type: 'compound', value: { command: { type: 'string', value: 'export' } } })
  player.click('sekisho:privacy', { type: 'compound', value: {
    command: { type: 'string', value: 'export' }, nonce: { type: 'string', value: '0'.repeat(32) } } })
  player.click('sekisho:rights')
  await rights(player)
  assert.equal(player.dialogs.length, before + 1)
  assert.deepEqual(requests(sekisho), [])
})

test('who is only known by a name is told so, and finds back', async t => {
  const { sekisho, join } = await scene(t, { version: '1.21.6', rules, files })
  const player = await letIn(join())
  player.type('/privacy withdraw')
  await player.until('the offer', () => offers(player).some(({ words }) => /^withdraw \d/.test(words ?? '')))
  const offer = offers(player).find(({ words }) => /^withdraw \d/.test(words ?? ''))
  forget(player)
  offer.act()
  await player.until('the gate', () => inGate(player))
  await rights(player)
  for (const word of ['data', 'export', 'correct', 'erase', 'requests']) {
    await step(player, new RegExp(`^${word}$`), /does not check accounts/)
  }
  await step(player, /^gate$/, /We run this server/)
  assert.deepEqual(requests(sekisho), [])
})

test('the time to answer runs on', async t => {
  const { player, sekisho } = await withdrawn(t, '1.21.6', { config: { gate: { timeout: '3s' } } })
  await rights(player)
  assert.match(await player.gone(), /no answer to the privacy policy/)
  assert.equal((await records(sekisho, 3))[2].decision, 'timed_out')
})

test('a flood of clicks is bounded, harms nobody, and ends with the policy on the screen', async t => {
  const { player, backend } = await withdrawn(t, '1.21.6')
  const button = rightsOf(player.dialog)
  await rights(player)
  const before = player.dialogs.length
  const data = offers(player).find(({ words }) => words === 'data')
  for (let i = 0; i < 400; i++) {
    player.click(button.id, button.payload)
    data.act()
  }
  await player.until('the policy', () => inGate({ dialogs: player.dialogs.slice(before) }))
  assert.ok(player.dialogs.length - before < 100, `${player.dialogs.length - before} dialogs for 800 clicks`)
  await letIn(player)
  await chatRoundTrip(player, backend)
})
