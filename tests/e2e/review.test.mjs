// The review: what it tells of, that it is kept as it was signed off, and that it is not forgotten.
import test from 'node:test'
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { Sekisho, startSekisho } from './lib/sekisho.mjs'
import { scene, letIn } from './lib/scene.mjs'
import { until } from './lib/wait.mjs'

const DAY = 864e5
const review = (sekisho, ...words) => sekisho.command('review', ...words, '-c', 'config/sekisho.lua')

function report (sekisho, ...words) {
  const { status, stdout, stderr } = review(sekisho, ...words)
  assert.equal(status, 0, stderr)
  return stdout
}

const rules = `collect "client.locale" { purpose = "service", keep = "30d" }
collect "session.ping" { purpose = "analytics", keep = "7d" }
collect "client.brand" { purpose = "service", keep = "30d", form = count }
forward "client.locale" { form = full }
forward "client.brand" { form = drop }
`

// Everything in the store so long ago.
const ago = (sekisho, days) => sekisho.sql(`UPDATE ledger SET entry = json_set(entry, '$.at',
  '${new Date(Date.now() - days * DAY).toISOString()}')`)

test('a review tells what is collected, held, asked and refused, and of nobody', async t => {
  const { backend, sekisho, join } = await scene(t, { version: '1.21.4', rules })
  const player = await letIn(join({ username: 'Reviewed', locale: 'de_de', brand: 'ownclient' }))
  await until(backend, 'the player at the game server', () => backend.players.length > 0)
  backend.players[0].client.write('transfer', { host: 'elsewhere.example.net', port: 25565 })
  await until(sekisho, 'the act to be refused', () => /refused=1 kind="transfer"/.test(sekisho.stderr))
  const before = report(sekisho)
  assert.match(before, /^# Review of the operation, \d{4}-\d\d-\d\d$/m)
  assert.match(before, /^\| service \| 1y \| required \|$/m)
  const places = '`scripts/game.lua:1` `scripts/game.lua:4`'
  assert.ok(before.includes(`\n| \`client.locale\` | full for service, 30d | full for service | ${places} |\n`))
  assert.match(before, /^\| game \| client\.locale \| service \| 1 \| 1 \| \d{4}-\d\d-\d\d \| 0 \|$/m)
  assert.match(before, /^\| game \| client\.brand \| service \| 1 \| \d{4}-\d\d-\d\d \| 0 \|$/m)
  assert.match(before, /^\| test-network \| 2026-01 \| accepted \| 1 \| \d{4}-\d\d-\d\d \|$/m)
  assert.match(before, /^\| game \| 1 \| transfer \|$/m)
  assert.match(before, /^Servers that are told of erasures \(`on_erasure`\): no server of the configuration\.$/m)
  assert.match(before, /^\| consent \| 1 \| \d{4}-\d\d-\d\d \|$/m)
  assert.doesNotMatch(before, /Reviewed|de_de|ownclient|elsewhere/)
  player.leave()
  await sekisho.stop()
  assert.match(report(sekisho), /No Sekisho runs with this configuration/)
})

test('rules that nothing came by for 90 days are listed with their place', async t => {
  const { sekisho, join } = await scene(t, { version: '1.21.4', rules })
  const player = await letIn(join())
  player.leave()
  await sekisho.stop()
  const uses = Object.fromEntries(sekisho.sql('SELECT rule, used FROM rule_use')
    .map(({ rule, used }) => [JSON.parse(rule).slice(1).join(' '), used > 0]))
  assert.deepEqual(uses, { 'collect client.locale': true, 'collect client.brand': true,
    'collect session.ping': false, 'forward client.locale': true })
  const none = /None of the `collect` and `forward` rules/
  assert.match(report(sekisho), none)
  const long = Date.now() - 91 * DAY
  sekisho.sql(`UPDATE rule_use SET since = ${long}`)
  const unused = report(sekisho)
  assert.match(unused, /^- `collect "session\.ping"` on game \(`scripts\/game\.lua:2`\): never used/m)
  assert.doesNotMatch(unused, /^- .*client\.locale/m)
  sekisho.sql(`UPDATE rule_use SET used = ${long} WHERE rule LIKE '%forward%'`)
  assert.match(report(sekisho), /^- `forward "client\.locale"` on game .*: last used on/m)
  // A rule that is taken out and put back begins anew.
  sekisho.write('scripts/game.lua', '')
  await sekisho.start()
  await sekisho.stop()
  assert.deepEqual(sekisho.sql('SELECT * FROM rule_use'), [])
  sekisho.write('scripts/game.lua', rules)
  await sekisho.start()
  await sekisho.stop()
  assert.match(report(sekisho), none)
})

test('a review that was signed off is kept as it was, and stands in the ledger by its hash', async t => {
  const sekisho = await startSekisho(t)
  assert.match(review(sekisho, 'sign').stderr, /needs --by NAME/)
  const signed = report(sekisho, 'sign', '--by', 'Jun *Admin*', '--note', 'all is well')
  assert.match(signed, /^# Review of the operation/)
  const [, hash] = /SHA-256 ([0-9a-f]{64}) stands in the ledger/.exec(signed)
  const kept = report(sekisho, 'show', '1')
  assert.ok(signed.startsWith(kept))
  assert.match(kept, /^- by Jun \\\*Admin\\\*$/m)
  assert.match(kept, /^- note: all is well$/m)
  assert.equal(createHash('sha256').update(kept).digest('hex'), hash)
  const entries = sekisho.sql("SELECT entry FROM ledger WHERE kind = 'review'").map(({ entry }) => JSON.parse(entry))
  assert.deepEqual(entries.map(({ facts }) => facts), [{ sha256: hash }])
  assert.doesNotMatch(JSON.stringify(entries), /Jun/)
  assert.match(report(sekisho), new RegExp(`^\\| 1 \\| \\d{4}-\\d\\d-\\d\\d \\| ${hash} \\|$`, 'm'))
  const verify = sekisho.command('ledger', 'verify', '-c', 'config/sekisho.lua')
  assert.equal(verify.status, 0, verify.stdout)
  sekisho.sql("UPDATE review SET text = replace(text, 'well', 'bad')")
  const changed = review(sekisho, 'show', '1')
  assert.equal(changed.status, 1)
  assert.match(changed.stderr, /not kept as the ledger says/)
})

test('a report that was printed before can be signed off as it was read', async t => {
  const sekisho = await startSekisho(t)
  sekisho.write('read.md', report(sekisho) + '\nSeen: all of it.\n')
  assert.match(report(sekisho, 'sign', 'read.md', '--by', 'Jun'), /^signed off/)
  assert.match(report(sekisho, 'show', '1'), /^Seen: all of it\.$/m)
  sekisho.write('zero.md', 'a\0b')
  for (const file of ['nowhere.md', 'zero.md']) {
    const { status, stderr } = review(sekisho, 'sign', file, '--by', 'Jun')
    assert.equal(status, 1)
    assert.match(stderr, new RegExp(`${file}:.*sekisho review printed`))
  }
})

test('an overdue review is told at the start, by check, and by review, until one is signed off', async t => {
  const { sekisho, join } = await scene(t, { version: '1.21.4', config: { review: { every: '30d' } } })
  const player = await letIn(join())
  player.leave()
  await sekisho.stop()
  const overdue = /the review of the operation was due on \d{4}-\d\d-\d\d/
  const check = () => sekisho.command('check', '-c', 'config/sekisho.lua')
  assert.doesNotMatch(check().stdout + sekisho.stderr, overdue)
  ago(sekisho, 31)
  sekisho.stderr = ''
  await sekisho.start()
  await until(sekisho, 'the warning', () => overdue.test(sekisho.stderr))
  assert.equal(check().status, 0)
  assert.match(check().stdout, new RegExp(`warning: ${overdue.source}`))
  assert.match(report(sekisho), overdue)
  report(sekisho, 'sign', '--by', 'Jun')
  assert.doesNotMatch(check().stdout, overdue)
  assert.doesNotMatch(report(sekisho), overdue)
  ago(sekisho, 31)
  assert.match(check().stdout, overdue)
})

test('before anything is recorded there is nothing to sign off, and no store is made', t => {
  const sekisho = new Sekisho()
  t.after(() => sekisho.dispose())
  assert.match(report(sekisho), /No entries/)
  const { status, stderr } = review(sekisho, 'sign', '--by', 'Jun')
  assert.equal(status, 1)
  assert.match(stderr, /there are no records yet/)
  assert.equal(sekisho.storeBytes().length, 0)
})

test('what cannot be done is told with the remedy', async t => {
  const sekisho = await startSekisho(t)
  for (const [words, said] of [
    [['show'], /something is missing; write sekisho review show NUMBER/],
    [['show', 'x'], /needs the number/], [['show', '3'], /no such review/], [['list'], /it has sign and show/],
    [['--by', 'Jun'], /there is no option --by/], [['sign'], /sign needs --by NAME/]
  ]) {
    const { status, stderr } = review(sekisho, ...words)
    assert.equal(status, 1, words.join(' '))
    assert.match(stderr, said)
  }
  sekisho.write('config/sekisho.lua', 'return { auth = "offline",\n  review = { every = "1h" } }')
  assert.match(sekisho.command('check', '-c', 'config/sekisho.lua').stderr, /config\/sekisho\.lua:2: .*review\.every/)
})
