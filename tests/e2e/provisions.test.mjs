// What is given to somebody else: on grounds that hold, for the purpose it was collected for, and in the ledger first.
import test from 'node:test'
import assert from 'node:assert/strict'
import { letIn, scene } from './lib/scene.mjs'
import { onlineScene } from './lib/accounts.mjs'
import { policyLua } from './lib/sekisho.mjs'
import { until } from './lib/wait.mjs'

const rules = `collect "client.brand" { purpose = "analytics", keep = "30d" }
collect "connection.ip" { purpose = "service", keep = "7d", form = truncate(8, 32) }
collect "client.protocol" { purpose = "service", keep = "7d" }
`
const config = ['-c', 'config/sekisho.lua']
const policy = policyLua.replace('  default_language', '  third_parties = { "Safety Board" },\n  default_language')

// A player who plays, and of whom these values are held.
async function known (t, { choose, files } = {}) {
  const built = await scene(t, { version: '1.16.5', rules, files: { 'config/policy/policy.lua': policy, ...files } })
  const player = built.join()
  await player.gate()
  if (choose) player.type('/choose analytics')
  if (choose) await player.until('the tick', () => player.chats.some(chat => /\[x\] /.test(chat.text)))
  await player.accept()
  await player.playing()
  const held = field => built.sekisho.sql(`SELECT * FROM observation WHERE field = '${field}'`).length > 0
  const fields = choose ? ['connection.ip', 'client.brand'] : ['connection.ip']
  for (const field of fields) {
    for (const end = Date.now() + 20000; !held(field);) {
      assert.ok(Date.now() < end, `${field} is kept`)
      await new Promise(resolve => setTimeout(resolve, 50))
    }
  }
  return { ...built, player, make: (options, who = player.username) => make(built.sekisho, options, who) }
}

const usual = { to: 'Safety Board', ground: 'law', reason: 'order 7 of the court', purpose: 'service', fields: 'connection.ip' }

function make (sekisho, options, who) {
  const args = Object.entries({ ...usual, ...options }).filter(([, value]) => value !== undefined)
    .flatMap(([key, value]) => [`--${key}`, value])
  return sekisho.command('provision', 'make', ...config, ...args, who)
}

const entries = sekisho => sekisho.sql("SELECT entry FROM ledger WHERE kind = 'provision' ORDER BY id").map(row => JSON.parse(row.entry))

function given (result) {
  assert.equal(result.status, 0, result.stderr)
  return JSON.parse(result.stdout)
}

function refused (sekisho, result, expected) {
  assert.equal(result.status, 1, result.stdout)
  assert.equal(result.stdout, '')
  assert.match(result.stderr, expected)
  assert.deepEqual(entries(sekisho), [])
}

test('what the law demands is given in the form in which it is held, and the ledger says so', async t => {
  const { sekisho, player, make } = await known(t)
  const { values, at, ...facts } = given(make())
  assert.deepEqual(facts, { provision: 2, to: 'Safety Board', ground: 'law', reason: 'order 7 of the court', purpose: 'service' })
  assert.equal(values.length, 1)
  assert.equal(values[0].field, 'connection.ip')
  assert.equal(values[0].form, 'truncate(8, 32)')
  assert.equal(values[0].value, '127.0.0.0')
  assert.equal(values[0].policy_version, '2026-01')
  const [entry] = entries(sekisho)
  assert.deepEqual(entry.facts, { to: 'Safety Board', ground: 'law', reason: 'order 7 of the court', purpose: 'service', step: 'given',
    fields: [{ field: 'connection.ip', server: 'game', form: 'truncate(8, 32)', values: 1 }] })
  assert.ok(!JSON.stringify(entry).includes(player.username))
  const list = sekisho.command('provision', 'list', ...config, '--json').stdout.trim().split('\n').map(line => JSON.parse(line))
  assert.equal(list.length, 1)
  assert.equal(list[0].player_name, player.username)
  assert.equal(list[0].state, 'given')
  const shown = sekisho.command('provision', 'show', ...config, '2').stdout
  assert.match(shown, /^2 {2}20\S+ {2}given$/m)
  assert.match(shown, /fields +connection\.ip \(truncate\(8, 32\)\)/)
  assert.match(sekisho.command('provision', 'show', ...config, '3').stderr, /no provision 3/)
  assert.equal(sekisho.command('ledger', 'verify', ...config).status, 0)
})

test('a value is given for the purpose for which it was collected, and no other', async t => {
  const { sekisho, make } = await known(t, { choose: true })
  const wrong = make({ fields: 'client.brand' })
  refused(sekisho, wrong, /client\.brand is held for analytics, not for service/)
  assert.match(wrong.stderr, /warn purpose: client\.brand was asked for under "service", and is held for analytics/)
  assert.ok(!wrong.stderr.includes('vanilla'), 'the value is in the log')
  refused(sekisho, make({ fields: 'connection.ip,client.brand' }), /client\.brand is held for analytics/)
  refused(sekisho, make({ purpose: 'analytics' }), /connection\.ip is held for service/)
  refused(sekisho, make({ fields: 'client.locale' }), /nothing is held of client\.locale/)
  const review = sekisho.command('review', ...config).stdout
  assert.match(review, /asked for under a purpose that is not theirs[^]*\| client\.brand \| service \| 2 \|/)
  assert.match(review, /\| connection\.ip \| analytics \| 1 \|/)
  assert.equal(sekisho.command('ledger', 'verify', ...config).status, 0)
})

test('what a player wrote in an inquiry is given for that purpose alone', async t => {
  const asking = policy.replace('purposes = {', 'purposes = { inquiry = { keep = "90d" },')
  const { accounts, sekisho, joinWith } = await onlineScene(t, { version: '1.16.5', rules, files: { 'config/policy/policy.lua': asking } })
  const player = await letIn(joinWith(accounts.create('Asker')))
  player.type('/privacy ask where is my dog')
  await player.hears('Your question is on its way')
  refused(sekisho, make(sekisho, { fields: 'inquiry.message' }, 'Asker'), /inquiry\.message is held for inquiry, not for service/)
  refused(sekisho, make(sekisho, { fields: 'inquiry.email', purpose: 'inquiry' }, 'Asker'), /nothing is held of inquiry\.email/)
  const { values } = given(make(sekisho, { fields: 'inquiry.message', purpose: 'inquiry' }, 'Asker'))
  assert.deepEqual(values.map(({ field, value, form }) => [field, value, form]), [['inquiry.message', 'where is my dog', 'full']])
  assert.deepEqual(entries(sekisho)[0].facts.fields, [{ field: 'inquiry.message', server: '', form: 'full', values: 1 }])
})

test('the player\'s permission is a purpose that they chose, or a recipient that the text names', async t => {
  const { sekisho, player, make } = await known(t, { choose: true })
  const permission = more => make({ ground: 'permission', ...more })
  refused(sekisho, permission({ to: 'Somebody Else' }), /does not name "Somebody Else".*optional purpose/)
  given(permission())
  given(permission({ to: 'Somebody Else', purpose: 'analytics', fields: 'client.brand' }))
  player.type('/privacy withdraw')
  const click = () => player.chats.flatMap(({ clicks }) => clicks).concat((player.book ?? []).flatMap(({ clicks }) => clicks))
    .find(({ value }) => /privacy withdraw \d{6}/.test(value))
  await player.until('the button', click)
  player.type(click().value)
  await until(player, 'a word on it', () => /You have withdrawn/.test(player.chatText))
  const late = permission()
  assert.equal(late.status, 1)
  assert.match(late.stderr, /accepted nothing that is in force/)
  assert.equal(entries(sekisho).length, 2)
})

test('who did not choose the purpose gave no permission', async t => {
  const { sekisho, make } = await known(t)
  refused(sekisho, make({ ground: 'permission', purpose: 'analytics', fields: 'connection.ip' }), /held for service/)
  refused(sekisho, make({ ground: 'permission', to: 'Nobody' }), /permits this to nobody/)
})

test('a special reason takes two people', async t => {
  const { sekisho, make, player } = await known(t)
  const asked = make({ ground: 'other', reason: 'a lost child' })
  assert.equal(asked.status, 0, asked.stderr)
  assert.match(asked.stdout, /^provision 2 waits: 0 of 2 have approved/)
  const approve = (...args) => sekisho.command('provision', 'approve', ...config, ...args)
  assert.match(approve('2').stderr, /--by NAME/)
  assert.match(approve('1', '--by', 'Ann').stderr, /no provision 1 waits/)
  assert.match(approve('2', '--by', 'Ann').stdout, /waits: 1 of 2/)
  for (const same of ['Ann', 'ann']) {
    const again = approve('2', '--by', same)
    assert.equal(again.status, 1)
    assert.match(again.stderr, /has approved it already; another person/)
  }
  assert.match(approve('2', '--by', 'Ann ').stderr, /begins or ends with a space/)
  assert.match(approve('2', '--by', player.username).stderr, /--by names the player/)
  assert.match(sekisho.command('provision', 'list', ...config).stdout, /waits for approval; approved by Ann/)
  const { values, provision } = given(approve('2', '--by', 'Bob'))
  assert.equal(provision, 2)
  assert.equal(values[0].value, '127.0.0.0')
  assert.match(approve('2', '--by', 'Cid').stderr, /has been given already/)
  const steps = entries(sekisho).map(({ facts }) => facts.step)
  assert.deepEqual(steps, ['asked', 'approved', 'approved', 'given'])
  assert.deepEqual(entries(sekisho)[3].facts.approved_by, ['Ann', 'Bob'])
  assert.equal(JSON.parse(sekisho.command('provision', 'show', ...config, '2', '--json').stdout).state, 'given')
})

test('nothing leaves that the ledger could not say', async t => {
  const { sekisho, make } = await known(t)
  await sekisho.stop()
  sekisho.sql("CREATE TRIGGER full BEFORE INSERT ON ledger BEGIN SELECT RAISE(FAIL, 'full'); END")
  const result = make()
  assert.equal(result.status, 1)
  assert.equal(result.stdout, '')
})

const mistakes = {
  'without a reason': [{ reason: undefined }, /--reason TEXT/],
  'on no ground': [{ ground: 'fun' }, /no ground "fun"/],
  'for no purpose': [{ purpose: 'servce' }, /no purpose "servce"; did you mean "service"/],
  'of no field': [{ fields: 'connection.ipp' }, /no field "connection\.ipp"; did you mean "connection\.ip"/],
  'of nothing': [{ fields: ',' }, /names none/],
  'with an empty reason': [{ reason: ' ' }, /--reason is empty/],
  'with a reason of two lines': [{ reason: 'a\nb' }, /--reason has a control character/]
}

test('mistakes are named, and nothing leaves', async t => {
  const { sekisho, player, make } = await known(t)
  for (const [options, expected] of Object.values(mistakes)) refused(sekisho, make(options), expected)
  refused(sekisho, make({ reason: `what ${player.username} did` }), /--reason names the player/)
  refused(sekisho, make({ to: player.username.toUpperCase() }), /--to names the player/)
  refused(sekisho, make({}, 'Nobody_Such'), /nothing is held of this player/)
  const { status, stderr } = sekisho.command('provision', 'donate', ...config)
  assert.equal(status, 1)
  assert.match(stderr, /there is no "donate"; it has make, approve, list and show/)
})
