// What a player can choose on the screen itself: optional purposes, and the language.
import test from 'node:test'
import assert from 'node:assert/strict'
import { scene, records } from './lib/scene.mjs'
import { policyLua, policyPhrases } from './lib/sekisho.mjs'
import { squeeze } from './lib/text.mjs'

const rules = 'collect "client.brand" { purpose = "analytics", keep = "30d" }'
const inLimbo = ['1.7', '1.8.8', '1.12.2', '1.16.5', '1.19.4', '1.20.4', '1.21.4']
const inDialog = ['1.21.6', '26.1']

const clickOn = (player, command) => [...(player.book ?? []).flatMap(page => page.clicks),
  ...player.chats.flatMap(chat => chat.clicks)].findLast(({ value }) => value.startsWith(command))

// A button's payload, with what a client adds to it: the states of the check boxes.
function withBoxes (payload, states) {
  const value = { ...payload.value }
  for (const [key, ticked] of Object.entries(states)) value[key] = { type: 'byte', value: ticked ? 1 : 0 }
  return { type: 'compound', value }
}

async function assertChosen (sekisho, player, purposes) {
  await player.playing()
  const [record] = await records(sekisho, 1)
  assert.deepEqual(record.purposes, purposes)
  await sekisho.stop()
  const kept = sekisho.rowsWith('client.brand').length
  assert.equal(kept, purposes.includes('analytics') ? 1 : 0, 'kept only for who chose it')
}

for (const version of inLimbo) {
  test(`${version}: an optional purpose is ticked by a click, and counts`, async t => {
    const { sekisho, join } = await scene(t, { version, rules })
    const player = join()
    await player.gate()
    const toggle = clickOn(player, '/choose analytics')
    assert.match(toggle.text, /^\[ +\] /)
    player.type(toggle.value)
    await player.until('the tick', () => player.chats.some(chat => /\[x\] /.test(chat.text)))
    player.type('/choose analytics') // away again, and back
    player.type('/choose analytics')
    await player.accept()
    await assertChosen(sekisho, player, ['service', 'analytics'])
  })

  test(`${version}: the language is changed by a click`, async t => {
    const { sekisho, join } = await scene(t, { version })
    const player = join()
    await player.gate()
    const before = player.chats.length
    const old = clickOn(player, '/accept')
    await new Promise(resolve => setTimeout(resolve, 1100)) // drawn at most once a second
    player.type(clickOn(player, '/language ja').value)
    const accept = () => player.chats.slice(before).flatMap(chat => chat.clicks)
      .find(({ value }) => value.startsWith('/accept'))
    await player.until('the answers in Japanese', () => /同意する/.test(accept()?.text ?? ''))
    if (player.means === 'book') assert.match(squeeze(player.shown), new RegExp(policyPhrases.ja[0]))
    const answers = player.chats.length
    player.type(old.value) // an answer to the text before it is none
    await player.until('the answers once more', () => player.chats.length > answers)
    assert.deepEqual(sekisho.records(), [])
    player.type(accept().value)
    await player.playing()
    const [record] = await records(sekisho, 1)
    assert.equal(record.language, 'ja')
  })
}

// The client shows the first 14 lines of a page, and drops the rest.
for (const version of ['1.8.8', '1.16.5', '1.21.4']) {
  test(`${version}: in a book with many optional purposes every one can be read and clicked`, async t => {
    const names = Array.from({ length: 9 }, (_, i) => `purpose${i}`)
    const purposes = names.map(name => `${name} = { keep = "90d", optional = true, title = ` +
      `{ en = "The purpose ${name}, in so many words that a line is not enough" } }`)
    const policy = policyLua.replace('purposes = {', `purposes = {\n${purposes.join(',\n')},`)
    const { sekisho, join } = await scene(t, { version, files: { 'config/policy/policy.lua': policy } })
    const player = await join().gate()
    const linesOf = line => Math.max(1, Math.ceil(line.length * 5 / 114))
    for (const page of player.book) {
      const lines = page.text.trimEnd().split('\n').reduce((sum, line) => sum + linesOf(line), 0)
      assert.ok(lines <= 14, `${lines} lines: ${page.text}`)
    }
    const commands = player.book.flatMap(page => page.clicks).map(({ value }) => value)
    for (const name of names) assert.ok(commands.includes(`/choose ${name}`), name)
    await player.accept()
    await player.playing()
    assert.deepEqual((await records(sekisho, 1))[0].purposes, ['service'])
  })
}

for (const version of inDialog) {
  for (const ticked of [true, false]) {
    test(`${version}: a check box that is ${ticked ? '' : 'not '}ticked is in the record`, async t => {
      const { sekisho, join } = await scene(t, { version, rules })
      const player = join()
      await player.gate()
      const [box] = player.dialog.boxes
      assert.equal(box.ticked, false, 'nothing is ticked beforehand')
      const { id, payload, type } = player.dialog.button('accept')
      assert.equal(type, 'dynamic/custom')
      player.click(id, withBoxes(payload, { [box.key]: ticked, purpose_0: true, purpose_29: true, other: true }))
      await assertChosen(sekisho, player, ticked ? ['service', 'analytics'] : ['service'])
    })
  }

  test(`${version}: the language is changed by a button`, async t => {
    const { sekisho, join } = await scene(t, { version })
    const player = join()
    await player.gate()
    const old = player.dialog.button('accept')
    await new Promise(resolve => setTimeout(resolve, 1100)) // drawn at most once a second
    const button = player.dialog.buttons.find(({ label }) => label === '日本語')
    player.click(button.id, button.payload)
    await player.until('another dialog', () => player.dialogs.length === 2)
    assert.match(squeeze(player.dialog.text), new RegExp(policyPhrases.ja[1]))
    player.click(old.id, old.payload) // an answer to the text before it is none
    await player.accept()
    await player.playing()
    const [record] = await records(sekisho, 1)
    assert.equal(record.language, 'ja')
  })
}
