// What players asked, as those who run the servers see it.
import test from 'node:test'
import assert from 'node:assert/strict'
import { Sekisho, startSekisho, policyLua } from './lib/sekisho.mjs'
import { letIn, scene } from './lib/scene.mjs'
import { onlineScene } from './lib/accounts.mjs'
import { ask } from './lib/privacy.mjs'

const inquiry = (sekisho, ...words) => sekisho.command('inquiry', ...words, '-c', 'config/sekisho.lua')
const files = { 'config/policy/policy.lua': policyLua.replace('purposes = {', 'purposes = { inquiry = { keep = "90d" },') }

test('what a player asks is listed, shown to them and to the staff, answered, and goes with the player', async t => {
  const { accounts, sekisho, joinWith } = await onlineScene(t, { version: '1.16.5', files })
  const player = await letIn(joinWith(accounts.create('Asker')))
  player.type('/privacy ask where is [31mmy dog')
  await player.hears('Your question is on its way')
  const listed = inquiry(sekisho, 'list')
  assert.match(listed.stdout, /^1 +\S+Z {2}waits +Asker /)
  assert.doesNotMatch(listed.stdout, /dog/)
  assert.match(inquiry(sekisho, 'show', '1').stdout, /message +where is \[31mmy dog/)
  assert.match(await ask(player, 'data', /Message/), /where is \[31mmy dog \(×1\) \| inquiry \| until/)
  assert.match(sekisho.command('player', 'export', '-c', 'config/sekisho.lua', 'Asker').stdout, /my dog/)
  assert.match(sekisho.command('review', '-c', 'config/sekisho.lua').stdout, /^Held: 1, waiting for an answer: 1/m)
  assert.equal(inquiry(sekisho, 'answered', '1').status, 0)
  const [answered] = inquiry(sekisho, 'list', '--json').stdout.trim().split('\n').map(line => JSON.parse(line))
  assert.ok(answered.answered_at)
  const erased = sekisho.command('player', 'erase', '-c', 'config/sekisho.lua', 'Asker')
  assert.equal(erased.status, 0, erased.stderr)
  assert.match(inquiry(sekisho, 'list').stdout, /no inquiries/)
  assert.deepEqual(sekisho.sql('SELECT * FROM inquiry'), [])
})

// The store looks through every table for what an erasure left: a name is a word like others there.
test('a player whose name is a value of a tally, or of a table of its own, can be erased', async t => {
  const rules = 'collect "client.brand" { purpose = "service", keep = "30d", form = count }\n'
  const { sekisho, join } = await scene(t, { version: '1.16.5', rules })
  for (const username of ['vanilla', 'installation']) (await letIn(join({ username, brand: 'vanilla' }))).leave()
  for (const name of ['vanilla', 'installation']) {
    const { status, stderr } = sekisho.command('player', 'erase', '-c', 'config/sekisho.lua', name)
    assert.equal(status, 0, stderr)
  }
})

test('without a store there are no inquiries, and none is made', t => {
  const sekisho = new Sekisho()
  t.after(() => sekisho.dispose())
  const { status, stdout } = inquiry(sekisho, 'list')
  assert.equal(status, 0)
  assert.match(stdout, /no inquiries/)
  assert.equal(inquiry(sekisho, 'answered', '1').status, 1)
  assert.equal(sekisho.storeBytes().length, 0)
})

test('what cannot be done is told with the remedy', async t => {
  const sekisho = await startSekisho(t)
  for (const [words, said] of [
    [['show', '7'], /no inquiry 7; sekisho inquiry list/],
    [['answered', '7'], /no inquiry 7; sekisho inquiry list/],
    [['show'], /inquiry show: something is missing; write sekisho inquiry show NUMBER/],
    [['show', 'x'], /"x" is no number of an inquiry; sekisho inquiry list/],
    [['show', '-1'], /no option -1/],
    [['list', '1'], /one word too many: 1/],
    [['erase', '1'], /there is no "erase"; it has list, show and answered/]
  ]) {
    const { status, stderr } = inquiry(sekisho, ...words)
    assert.equal(status, 1, words.join(' '))
    assert.match(stderr, said)
  }
})
