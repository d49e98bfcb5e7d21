// /privacy for who is known to be the player: what is held, and what may be asked for.
import test from 'node:test'
import assert from 'node:assert/strict'
import { letIn, scene, chatRoundTrip } from './lib/scene.mjs'
import { onlineScene, dashed } from './lib/accounts.mjs'
import { policyLua } from './lib/sekisho.mjs'
import { ask, press, offers, shows } from './lib/privacy.mjs'
import { until } from './lib/wait.mjs'

const versions = ['1.8.8', '1.12.2', '1.16.5', '1.20.4', '1.21.4', '1.21.6', '26.1']
const rules = `
collect "connection.ip" { purpose = "service", keep = "7d", form = truncate(24, 48) }
collect "client.brand" { purpose = "service", keep = "30d" }
`
const files = { 'config/policy/policy.lua': policyLua.replace('purposes = {', 'purposes = { inquiry = { keep = "90d" },') }

async function proven (t, version, more = {}) {
  const { accounts, backend, sekisho, joinWith } = await onlineScene(t, { version, rules, files, ...more })
  const person = accounts.create('Alice')
  const player = await letIn(joinWith(person))
  const seen = await backend.joined()
  await until(seen, 'brand and settings', () => seen.brand !== undefined && seen.settings)
  return { backend, sekisho, player, seen, person, uuid: dashed(person.id) }
}

const rows = (sekisho, query) => sekisho.sql(query)
const requests = sekisho => rows(sekisho, 'SELECT * FROM request ORDER BY id')

// Asks until the store has it all: what is kept goes there without anybody waiting for it.
async function held (player, pattern) {
  for (let i = 0; ; i++) {
    assert.ok(i < 40, `${pattern} among what is held: ${player.describe()}`)
    const text = await ask(player, 'data', player.means === 'dialog' ? /kept about you/ : /Erase my data|Nothing is kept/)
    if (pattern.test(text)) return text
    await new Promise(resolve => setTimeout(resolve, 300))
  }
}

for (const version of versions) {
  test(`${version}: /privacy data shows what is held, by server and purpose, and until when`, async t => {
    const { player, seen } = await proven(t, version)
    const text = await held(player, /IP address[^]*Software of your game/)
    assert.match(text, /IP address: 127\.0\.0\.0(\/24)? \(×1\) \| game \| service \| until 20\d\d-\d\d-\d\d/)
    assert.match(text, /Software of your game: vanilla \(×1\) \| game \| service \| until/)
    assert.ok(!seen.holds('privacy'))
  })

  test(`${version}: /privacy export makes a request, which is listed and can be cancelled`, async t => {
    const { backend, sekisho, player, seen } = await proven(t, version)
    assert.match(await ask(player, 'requests', /requests/i), /You have made no requests|My requests/)
    await ask(player, 'export', /recorded.*: 1, 20\d\d-\d\d-\d\d[^]*[2-9A-HJ-NP-Z]{4}-/)
    const words = await ask(player, 'export', /recorded.*: 1, [^]*[2-9A-HJ-NP-Z]{4}-/) // the one that is open
    const [code] = /[2-9A-HJ-NP-Z]{4}-[2-9A-HJ-NP-Z]{4}/.exec(words)
    const outside = sekisho.command('request', 'add', 'stop', 'Alice', '--code', code)
    assert.equal(outside.status, 0, outside.stderr)
    await ask(player, 'requests', /1 copy of my data: with the staff \| by 20/)
    await shows(player, /1 copy of my data: cancelled/, () => press(player, /^requests cancel 1$/))
    await ask(player, 'requests cancel 1', /no such request/)
    await ask(player, 'requests cancel 99', /no such request/)
    assert.deepEqual(requests(sekisho).map(({ kind, state }) => [kind, state]),
      [['disclosure', 'cancelled'], ['stop', 'verified']])
    await chatRoundTrip(player, backend)
    assert.ok(!seen.holds('privacy'))
    assert.deepEqual(player.errors, [])
  })

  test(`${version}: /privacy correct asks for another value`, async t => {
    const { sekisho, player } = await proven(t, version)
    await held(player, /Software of your game/)
    await ask(player, 'correct', /Which of this is wrong/)
    await shows(player, /What should it be/, () => press(player, /^correct client\.brand$/))
    if (player.means === 'dialog') await press(player, /^correct client\.brand$/, { value: 'ほかの名前' })
    else player.type('/privacy correct client.brand ほかの名前')
    await player.hears('Your request is recorded')
    await ask(player, 'correct player.name Bob', /come from your account/)
    await ask(player, 'correct inquiry.message other', /stays as you wrote it[^]*Software of your game/)
    await ask(player, 'correct client.locale en', /nothing to correct in it[^]*Software of your game/)
    assert.deepEqual(requests(sekisho).map(({ kind, state, field, value }) => [kind, state, field, value]),
      [['correction', 'verified', 'client.brand', 'ほかの名前']])
  })

  test(`${version}: /privacy erase asks once more, and makes a request`, async t => {
    const { sekisho, player } = await proven(t, version)
    await ask(player, 'erase', /nobody can bring it back/)
    await ask(player, 'erase yes', /nobody can bring it back/)
    assert.deepEqual(requests(sekisho), [])
    await shows(player, /recorded.*: 1, /, () => press(player, /^erase \d{6}$/))
    assert.deepEqual(requests(sekisho).map(({ kind, state }) => [kind, state]), [['erasure', 'verified']])
  })

  test(`${version}: /privacy ask brings a question to those who run the server`, async t => {
    const { sekisho, player, seen } = await proven(t, version)
    await ask(player, 'ask', /used to answer it/)
    if (player.means === 'dialog') {
      const written = { company: '', name: 'Alice', email: 'alice@example.net', account: '', message: 'いつ遊べますか？😀' }
      await press(player, /^ask$/, written)
    } else {
      player.type('/privacy ask いつ遊べますか？😀')
    }
    await player.hears('Your question is on its way')
    const [inquiry] = sekisho.command('inquiry', 'list', '--json').stdout.trim().split('\n').map(line => JSON.parse(line))
    assert.equal(inquiry.inquiry.message, 'いつ遊べますか？😀')
    assert.equal(inquiry.inquiry.email ?? '', player.means === 'dialog' ? 'alice@example.net' : '')
    assert.ok(!seen.holds('遊べ'))
  })

  test(`${version}: a name that proves nothing sees and changes nothing that is held`, async t => {
    const { backend, sekisho, join } = await scene(t, { version, rules, files })
    const player = await letIn(join())
    for (const word of ['data', 'export', 'correct', 'erase', 'requests', 'ask']) {
      const text = await ask(player, word, /does not check accounts/)
      assert.match(text, /ask the staff/)
    }
    await chatRoundTrip(player, backend)
    assert.deepEqual(requests(sekisho), [])
  })
}

test('1.21.6: questions are not taken where the policy has no purpose for them', async t => {
  const { player } = await proven(t, '1.21.6', { files: {} })
  await ask(player, 'ask', /Questions are not taken here/)
  assert.deepEqual(offers(player).filter(({ words }) => words === 'ask x'), [])
})
