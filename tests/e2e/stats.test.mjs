// Statistics: what is published of a month, and that it is published once.
import test from 'node:test'
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { startSekisho } from './lib/sekisho.mjs'
import { scene, letIn } from './lib/scene.mjs'

const now = new Date()
const month = ago => new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - ago, 1))
const name = ago => month(ago).toISOString().slice(0, 7)
const inLast = month(1).getTime() + 36e5
const DAY = 864e5

// A store as a month of playing leaves it, of players that this test made up.
async function stored (t, config) {
  const sekisho = await startSekisho(t, { config: { statistics: { k: 10, purposes: ['analytics'] }, ...config } })
  await sekisho.stop()
  let subjects = 0
  let entries = 0
  const rows = []
  const quoted = value => typeof value === 'string' ? `'${value.replaceAll("'", "''")}'` : value
  const insert = (table, values) => rows.push(
    `INSERT INTO ${table} (${Object.keys(values)}) VALUES (${Object.values(values).map(quoted)});`)
  const all = {
    sekisho,
    // `count` players with this value, each with `more` columns of their own.
    held (count, value, more) {
      for (let i = 0; i < count; i++) {
        insert('observation', { subject: `s${++subjects}`, server: 'game', field: 'client.locale',
          purpose: 'analytics', value, policy_version: '1', rules_hash: 'x', observed_at: inLast,
          expires_at: inLast + 90 * DAY, ...more })
      }
      return all
    },
    accepted (count, facts, at = inLast, subject) {
      for (let i = 0; i < count; i++) {
        const entry = { at: new Date(at).toISOString(), kind: 'consent', subject: subject ?? `a${++subjects}`,
          facts: { decision: 'accepted', policy: 'test-network', policy_version: '2026-01', language: 'ja', method: 'dialog', ...facts } }
        insert('ledger', { id: ++entries, entry: JSON.stringify(entry) })
      }
      return all
    },
    put () {
      sekisho.sql(`BEGIN; ${rows.splice(0).join('\n')} COMMIT;`)
      entries++ // of the release that may follow
      return all
    }
  }
  return all
}

const stats = (sekisho, ...more) => sekisho.command('stats', '-c', 'config/sekisho.lua', ...more)

function published (sekisho, ...more) {
  const { status, stdout, stderr } = stats(sekisho, '--json', ...more)
  assert.equal(status, 0, stderr)
  return JSON.parse(stdout)
}

const table = (release, by) => release.groups.flatMap(group => group.tables).find(table => table.by === by)

test('numbers are rounded down, and who is too few is not named', async t => {
  const { sekisho } = (await stored(t)).accepted(31, { language: 'ja' }).accepted(14, { language: 'en', method: 'book' })
    .accepted(3, { language: 'fr', method: 'chat' }).held(25, 'ja_jp').held(12, 'en_us').held(4, 'de_de')
    .put()
  const release = published(sekisho)
  assert.equal(release.period, name(1))
  const [accepted, values] = release.groups
  assert.equal(accepted.accepted, 'test-network')
  assert.equal(accepted.players, 40)
  assert.deepEqual(table(release, 'language').rows, [{ value: 'ja', players: 30 }, { value: 'en', players: 10 }])
  assert.deepEqual(table(release, 'method').rows, [{ value: 'dialog', players: 30 }, { value: 'book', players: 10 }])
  assert.equal(values.server, 'game')
  assert.equal(values.players, 40)
  assert.deepEqual(values.tables, [{ by: 'client.locale', rows: [{ value: 'ja_jp', players: 20 }, { value: 'en_us', players: 10 }] }])
  const { stdout } = stats(sekisho)
  assert.match(stdout, /\| ja\\_jp \| 20 \|/)
  assert.doesNotMatch(stdout + JSON.stringify(release), /de_de|fr|chat/)
})

test('each player is counted once, by the first value and the first acceptance of the month', async t => {
  const all = (await stored(t)).accepted(12, {}).held(12, 'ja_jp')
  for (let i = 0; i < 50; i++) all.held(1, 'en_us', { subject: 's13' }).accepted(1, { language: 'en' }, inLast, 'a25')
  const release = published(all.put().sekisho)
  assert.deepEqual(table(release, 'client.locale').rows, [{ value: 'ja_jp', players: 10 }])
  assert.deepEqual(table(release, 'language').rows, [{ value: 'ja', players: 10 }])
})

test('only what was kept for a purpose that is named is counted, and nothing that names a person', async t => {
  const { sekisho } = (await stored(t)).accepted(20, {}).held(30, 'de_de', { purpose: 'service' })
    .held(30, 'hello all', { field: 'chat.message' }).held(30, '192.0.2.0/24', { field: 'connection.ip' })
    .held(30, 'late', { observed_at: month(0).getTime(), expires_at: month(0).getTime() + DAY })
    .held(30, 'early', { observed_at: month(1).getTime() - 1 }).put()
  const release = published(sekisho)
  assert.deepEqual(release.groups.map(group => group.accepted), ['test-network'])
})

test('without purposes only acceptances are counted, and it is said why', async t => {
  const all = (await stored(t, { statistics: { k: 5 } })).accepted(20, {}).held(30, 'ja_jp').put()
  const { status, stdout, stderr } = stats(all.sekisho)
  assert.equal(status, 0)
  assert.match(stdout, /accepted test-network: 20/)
  assert.doesNotMatch(stdout, /ja\\_jp/)
  assert.match(stderr, /statistics\.purposes/)
})

test('what was published stays, whatever is kept, erased or configured later', async t => {
  const all = (await stored(t)).accepted(20, {}).held(25, 'ja_jp').put()
  const { sekisho } = all
  const before = stats(sekisho, '--json').stdout
  assert.equal(stats(sekisho, '--json', '--period', name(1)).stdout, before)
  all.held(40, 'en_us').accepted(40, { language: 'en' }).put()
  assert.equal(stats(sekisho, '--json').stdout, before)
  sekisho.sql('DELETE FROM observation')
  assert.equal(stats(sekisho, '--json').stdout, before)
  sekisho.write('config/sekisho.lua', `return {
    auth = "offline", listen = "127.0.0.1:0", statistics = { k = 3, purposes = { "service" } } }`)
  assert.equal(stats(sekisho, '--json').stdout, before)
  const [{ entry }] = sekisho.sql("SELECT entry FROM ledger WHERE kind = 'release'")
  assert.deepEqual(JSON.parse(entry).facts,
    { period: name(1), sha256: createHash('sha256').update(before.trim()).digest('hex') })
})

test('a release that was exchanged or taken away is not printed, nor made anew', async t => {
  const { sekisho } = (await stored(t)).accepted(20, {}).put()
  assert.equal(stats(sekisho).status, 0)
  for (const change of ["UPDATE release SET text = replace(text, '20', '30')", 'DELETE FROM release']) {
    sekisho.sql(change)
    const { status, stdout, stderr } = stats(sekisho)
    assert.equal(status, 1, change)
    assert.equal(stdout, '')
    assert.match(stderr, /not kept as the ledger says/)
  }
})

test('a month that has not ended, or of which nothing was recorded, has no numbers', async t => {
  const { sekisho } = (await stored(t)).accepted(20, {}).put()
  for (const [period, said] of [[name(0), /has not ended; its numbers are there from/], [name(2), /nothing had been recorded/],
    ['2026-13', /is no month/], ['2026-1', /is no month/], ['last', /is no month/]]) {
    const { status, stderr } = stats(sekisho, '--period', period)
    assert.equal(status, 1, period)
    assert.match(stderr, said)
  }
  assert.equal(sekisho.sql('SELECT count(*) AS n FROM release')[0].n, 0)
})

test('values that were kept for less than the month are said to be', async t => {
  const { sekisho } = (await stored(t)).accepted(1, {}).held(25, 'ja_jp', { expires_at: inLast + DAY }).put()
  assert.match(published(sekisho).groups[0].since, /^\d{4}-\d\d-\d\d$/)
})

const brand = 'collect "client.brand" { purpose = "service", keep = "30d", form = count }\n'

for (const [publishes, config] of [[true, { statistics: { purposes: ['service'] } }], [false, {}]]) {
  test(`a tally tells players from values ${publishes ? 'where' : 'only where'} statistics are made of it`, async t => {
    const { sekisho, join } = await scene(t, { version: '1.21.4', rules: brand, config })
    for (const username of ['Twice', 'Once']) (await letIn(join({ username, brand: 'vanilla' }))).leave();
    (await join({ username: 'Twice', brand: 'vanilla' }).playing()).leave()
    await sekisho.stop()
    const [tally] = sekisho.sql('SELECT sum(count) AS count, sum(players) AS players FROM tally')
    assert.equal(tally.count, 3)
    assert.equal(tally.players, publishes ? 2 : 0)
    assert.equal(sekisho.sql('SELECT count(*) AS n FROM counted')[0].n, publishes ? 2 : 0)
    assert.doesNotMatch(JSON.stringify(sekisho.sql('SELECT * FROM counted')), /vanilla|Twice/)
  })
}

test('a purpose that the policy does not have, and a k that hides nobody, are mistakes', async t => {
  const sekisho = await startSekisho(t)
  for (const [statistics, said] of [
    ['{ purposes = { "analytic" } }', /config\/sekisho\.lua:2: .*no purpose "analytic"; did you mean "analytics"/],
    ['{ k = 2 }', /config\/sekisho\.lua:2: .*statistics\.k/],
    ['{ purposes = { "service", "service" } }', /stands here twice/],
    ['{ every = 1 }', /no key "every"/]
  ]) {
    sekisho.write('config/sekisho.lua', `return { auth = "offline",\n  statistics = ${statistics} }`)
    const { status, stderr } = sekisho.command('check', '-c', 'config/sekisho.lua')
    assert.equal(status, 1, statistics)
    assert.match(stderr, said)
  }
})
