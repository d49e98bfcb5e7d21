// The policy's life: another version while players play and when they join, what asks them again
// and what does not, a time of grace, and the day on which a version comes into effect.
import test from 'node:test'
import assert from 'node:assert/strict'
import { press } from './lib/privacy.mjs'
import { scene, letIn, records, chatRoundTrip } from './lib/scene.mjs'
import { Sekisho, policyLua, policyTexts } from './lib/sekisho.mjs'
import { until } from './lib/wait.mjs'
import { noClock, settableClock } from './lib/clock.mjs'

const DAY_MS = 24 * 60 * 60 * 1000
const version = '1.20.4'

const day = (days, from = Date.now()) => new Date(from + days * DAY_MS).toISOString().slice(0, 10)

// A version of its own beside the first, which the harness writes: `more` are keys of policy.lua.
function addVersion (sekisho, name, { effective = day(-1), more = '', purposes, text = `The words of ${name}.` } = {}) {
  const lua = policyLua.replace('"2026-01"', `"${name}"`).replace('"2026-01-01"', `"${effective}"`)
    .replace('languages', `${more} languages`)
    .replace(/purposes = [^]*/, purposes ? `purposes = { ${purposes} },\n}\n` : match => match)
  for (const language of ['en', 'ja']) {
    sekisho.write(`config/policy/${name}/${language}.md`, policyTexts[language] + `\n${text}\n`)
  }
  sekisho.write(`config/policy/${name}/policy.lua`, lua)
}

function reload (sekisho) {
  const { status, stdout, stderr } = sekisho.command('reload', '-c', 'config/sekisho.lua')
  assert.equal(status, 0, stderr)
  return stdout
}

const wider = 'service = { keep = "365d" }, analytics = { keep = "90d", optional = true }, contact = { keep = "1d" }'

test('words that changed and allow no more: nobody is asked, each is told once a join', async t => {
  const { backend, sekisho, join } = await scene(t, { version })
  const player = await letIn(join({ username: 'Reader', locale: 'ja_jp' }))
  addVersion(sekisho, '2026-02', { more: 'url = "https://example.net/new",' })
  assert.match(reload(sekisho), /^policy: version 2026-02 is in effect, after 2026-01\n/)
  await player.hears('プライバシーポリシーの文章が変わりました')
  assert.equal(player.chats.at(-1).clicks.at(-1).value, '/privacy policy now')
  await chatRoundTrip(player, backend)
  player.leave()
  const again = join({ username: 'Reader' })
  await again.playing()
  await again.hears('The text of our privacy policy has changed')
  await chatRoundTrip(again, backend)
  assert.equal(again.chats.filter(chat => /has changed/.test(chat.text)).length, 1)
  assert.equal(sekisho.records().length, 1)
  const newcomer = join({})
  await newcomer.gate()
  assert.match(newcomer.shown, /The\s+words\s+of\s+2026-02/)
  await letIn(newcomer)
  assert.ok(!/has changed/.test(newcomer.shown))
  assert.equal((await records(sekisho, 2))[1].policy_version, '2026-02')
})

for (const [name, change] of Object.entries({
  'a purpose more': { purposes: wider },
  'the mark material = true': { more: 'material = true,' },
  'a third party more': { more: 'third_parties = { "Example Ltd." },' },
  'a longer keep': { purposes: 'service = { keep = "2y" }, analytics = { keep = "90d", optional = true }' }
})) {
  test(`${name}: who accepted before is asked at the next join`, async t => {
    const { sekisho, join } = await scene(t, { version })
    const player = await letIn(join({ username: 'Asked' }))
    player.leave()
    addVersion(sekisho, '2026-02', change)
    reload(sekisho)
    const again = join({ username: 'Asked' })
    await again.gate()
    assert.match(again.shown, /The\s+words\s+of\s+2026-02/)
    assert.match(again.shown, /has changed since you accepted it/)
    await letIn(again)
    const found = await records(sekisho, 2)
    assert.deepEqual(found.map(record => record.policy_version), ['2026-01', '2026-02'])
    assert.notEqual(found[0].policy_sha256, found[1].policy_sha256)
  })
}

test('who is being asked while the policy changes is shown the new one, and answers that', async t => {
  for (const each of ['1.8.8', '1.21.6']) {
    const { sekisho, join } = await scene(t, { version: each })
    const player = join({})
    await player.gate()
    addVersion(sekisho, '2026-02')
    const dialogs = player.dialogs.length
    const books = player.books.length
    reload(sekisho)
    await player.until('the new text', () => player.dialogs.length > dialogs || player.books.length > books)
    await player.until('its words', () => /The\s+words\s+of\s+2026-02/.test(player.shown))
    await letIn(player)
    assert.equal((await records(sekisho, 1))[0].policy_version, '2026-02')
  }
})

test('grace: who accepted less goes on with that, is told the day, and is asked when it is over', async t => {
  const rules = 'collect "chat.command" { purpose = "contact", keep = "1d" }\nforward "client.brand" { purpose = "service", form = full }\n'
  const { backend, sekisho, join } = await scene(t, { version, rules: 'forward "client.brand" { purpose = "service", form = full }\n' })
  const player = await letIn(join({ username: 'Graceful', brand: 'canarybrand' }))
  addVersion(sekisho, '2026-02', { purposes: wider, more: 'grace = "14d",' })
  sekisho.write('scripts/game.lua', rules)
  reload(sekisho)
  await player.hears(`from this day on (UTC): ${day(13)}`)
  player.type('/canaryone')
  await chatRoundTrip(player, backend)
  player.leave()
  const again = join({ username: 'Graceful', brand: 'canarybrand' })
  await again.playing()
  await again.hears(day(13))
  const seen = backend.players.at(-1)
  await until(seen, 'the brand, by the rule that was accepted', () => seen.brand === 'canarybrand')
  again.type('/canarytwo')
  await chatRoundTrip(again, backend)
  const { stdout } = sekisho.command('explain', '-c', 'config/sekisho.lua', 'game', 'chat.command', '--player', 'Graceful')
  assert.match(stdout, new RegExp(`goes on with that until ${day(13)}, and is asked anew then`))
  assert.match(stdout, /does not apply to this player until they accept anew/)
  again.leave()
  const newcomer = await letIn(join({}))
  newcomer.type('/canarythree')
  await chatRoundTrip(newcomer, backend)
  addVersion(sekisho, '2026-02', { effective: day(-20), purposes: wider, more: 'grace = "14d",' })
  reload(sekisho)
  const late = join({ username: 'Graceful' })
  await late.gate()
  await sekisho.stop()
  assert.ok(!/canaryone|canarytwo/.test(sekisho.storeBytes()))
  assert.ok(sekisho.storeBytes().includes('canarythree'))
})

test('a version that is not in the folder any more, and another text of the same version, ask', async t => {
  const { sekisho, join } = await scene(t, { version })
  await letIn(join({ username: 'Early' }))
  sekisho.write('config/policy/policy.lua', policyLua.replace('"2026-01"', '"2026-02"'))
  reload(sekisho)
  const early = join({ username: 'Early' })
  await letIn(early)
  sekisho.write('config/policy/en.md', policyTexts.en + 'More.\n')
  reload(sekisho)
  await letIn(join({ username: 'Early' }))
  await records(sekisho, 3)
})

test('a policy with mistakes changes nothing, nor do rules that fit no version to come', async t => {
  const { backend, sekisho, join } = await scene(t, { version, rules: 'collect "client.brand" { purpose = "analytics" }\n' })
  const player = await letIn(join({}))
  const refused = () => {
    const { status, stderr } = sekisho.command('reload', '-c', 'config/sekisho.lua')
    assert.equal(status, 1)
    return stderr
  }
  addVersion(sekisho, '2026-02', { more: 'grace = "36h",' })
  sekisho.write('config/policy/2026-03/policy.lua', policyLua)
  const both = refused()
  assert.match(both, /config\/policy\/2026-02\/policy\.lua:\d+: grace: "36h" are no whole days/)
  assert.match(both, /config\/policy\/policy\.lua:3: version: "2026-01" is the version of config\/policy\/2026-03\/policy\.lua/)
  assert.match(both, /config\/policy\/2026-03\/en\.md: cannot be read/)
  addVersion(sekisho, '2026-02', { effective: day(2), purposes: 'service = { keep = "1d" }' })
  addVersion(sekisho, '2026-03', { effective: day(3) })
  assert.match(refused(), new RegExp(`scripts/game.lua:1: from ${day(2)} on, under version 2026-02 of the policy: .*"analytics"`))
  await chatRoundTrip(player, backend)
  await letIn(join({}))
  assert.ok((await records(sekisho, 2)).every(record => record.policy_version === '2026-01'))
})

test('saving a new version is enough, in whatever steps it is written', async t => {
  const { sekisho, join } = await scene(t, { version })
  const player = await letIn(join({}))
  sekisho.write('config/policy/2026-02/en.md', '# Written first\n')
  await until(sekisho, 'the first complaint', () => /2026-02\/policy\.lua: cannot be read/.test(sekisho.stderr))
  addVersion(sekisho, '2026-02')
  await until(sekisho, 'the new version', () => /policy: version 2026-02 is in effect, after 2026-01/.test(sekisho.stderr))
  await player.hears('The text of our privacy policy has changed')
})

test('at midnight (UTC) of its day a version comes into effect by itself', { skip: noClock }, async t => {
  const clock = settableClock(t, Date.parse('2031-05-05T12:00:00Z'))
  const { backend, sekisho, join } = await scene(t, { version, wrapper: clock.wrapper })
  addVersion(sekisho, '2031-05', { effective: '2031-05-06', purposes: wider, more: 'grace = "2d",' })
  assert.match(reload(sekisho), /^policy: has new files; version 2026-01 stays in effect\n/)
  const player = await letIn(join({ username: 'Nightly' }))
  clock.set(Date.parse('2031-05-06T00:00:00Z'))
  await until(sekisho, 'the day', () => /policy: version 2031-05 is in effect, after 2026-01/.test(sekisho.stderr))
  await player.hears('from this day on (UTC): 2031-05-08')
  await chatRoundTrip(player, backend)
  const newcomer = await letIn(join({}))
  assert.match(newcomer.shown, /The\s+words\s+of\s+2031-05/)
  assert.deepEqual((await records(sekisho, 2)).map(record => record.policy_version), ['2026-01', '2031-05'])
})

for (const each of ['1.8.8', '1.20.4', '1.21.6']) {
  test(`${each}: who plays when a version asks anew is led back to the gate, and on again`, async t => {
    const { backend, sekisho, join } = await scene(t, { version: each })
    const player = await letIn(join({}))
    const seen = await backend.joined(player.username)
    addVersion(sekisho, '2026-02', { purposes: wider })
    const before = player.dialogs.length + player.books.length
    reload(sekisho)
    await until(seen, 'the game server to be left', () => seen.ended)
    await player.until('the new text', () => player.dialogs.length + player.books.length > before &&
      /The\s+words\s+of\s+2026-02/.test(player.shown))
    assert.match(player.shown, /has changed since you accepted it/)
    player.chats.length = 0
    await letIn(player)
    await until(backend, 'the player again', () => backend.players.length === 2)
    assert.deepEqual((await records(sekisho, 2)).map(record => record.policy_version), ['2026-01', '2026-02'])
  })
}

test('grace that ends while the player plays', { skip: noClock }, async t => {
  const clock = settableClock(t, Date.parse('2031-05-05T12:00:00Z'))
  const { backend, sekisho, join } = await scene(t, { version, wrapper: clock.wrapper })
  addVersion(sekisho, '2031-05', { effective: '2031-05-06', purposes: wider, more: 'grace = "2d",' })
  reload(sekisho)
  const player = await letIn(join({}))
  clock.set(Date.parse('2031-05-07T23:00:00Z'))
  await player.hears('from this day on (UTC): 2031-05-08')
  await chatRoundTrip(player, backend)
  clock.set(Date.parse('2031-05-08T00:00:00Z'))
  await player.until('the new text', () => /The\s+words\s+of\s+2031-05/.test(player.shown))
  await player.decline()
  await player.gone()
  assert.deepEqual((await records(sekisho, 2)).map(record => record.decision), ['accepted', 'declined'])
})

test('every text that was shown stays to be found by its hash, in the folder or in the store', async t => {
  const { sekisho, join } = await scene(t, { version })
  await letIn(join({ locale: 'ja_jp' }))
  const policy = (...words) => sekisho.command('policy', ...words)
  const [{ policy_sha256: sha256 }] = sekisho.records()
  assert.equal(policy('show', sha256).stdout, policyTexts.ja)
  assert.equal(policy('show').stdout, policyTexts.en)
  assert.equal(policy('show', '2026-01', 'ja').stdout, policyTexts.ja)
  sekisho.write('config/policy/ja.md', '別の文章\n')
  reload(sekisho)
  assert.equal(policy('show', '2026-01', 'ja').stdout, '別の文章\n')
  assert.equal(policy('show', sha256.slice(0, 10)).stdout, policyTexts.ja)
  await sekisho.stop()
  assert.equal(policy('show', sha256.slice(0, 10)).stdout, policyTexts.ja)
  const several = policy('show', '')
  assert.equal(several.status, 1)
  assert.match(several.stderr, /several texts have a hash that begins with/)
  assert.match(policy('show', 'zz').stderr, /neither the folder nor the store has/)
  assert.match(policy('show', '2026-01', 'fr').stderr, /has no text "fr"; its languages are: en ja/)
})

test('policy list, policy diff and check say what comes, and whom it asks', t => {
  const sekisho = new Sekisho({ servers: undefined })
  t.after(() => sekisho.dispose())
  addVersion(sekisho, '2026-02', { effective: '2026-01-02', text: 'Only words.' })
  addVersion(sekisho, '2099-01', { effective: '2099-01-01', purposes: wider, more: 'grace = "14d",', text: 'Only words.' })
  addVersion(sekisho, '2099-02', { effective: '2099-02-01', purposes: wider, more: 'material = true,', text: 'Only words.' })
  const list = sekisho.command('policy', 'list')
  assert.equal(list.status, 0, list.stderr)
  assert.match(list.stdout, new RegExp('^policy test-network\n' +
    ' {2}version 2026-01, from 2026-01-01\n {4}text en .*\n.*\n' +
    '\\* version 2026-02, from 2026-01-02: in effect\n {4}who accepted 2026-01 goes on and is told of it\n.*\n.*\n' +
    ' {2}version 2099-01, from 2099-01-01: to come\n {4}\\+ purpose contact is new\n' +
    ' {4}who accepted 2026-02 is asked anew from 2099-01-15 on, and goes on with that until then\n.*\n.*\n' +
    ' {2}version 2099-02, from 2099-02-01: to come\n {4}\\+ says material = true\n {4}who accepted 2099-01 is asked anew\n'))
  const words = sekisho.command('policy', 'diff', '2026-01', '2026-02')
  assert.equal(words.status, 0)
  assert.match(words.stdout, /text en\n@@ line 20\n\+\n\+Only words\.\ntext ja\n/)
  const back = sekisho.command('policy', 'diff', '2099-01', '2026-01')
  assert.match(back.stdout, / {4}- purpose contact is gone\n {4}who accepted 2099-01 goes on/)
  assert.equal(sekisho.command('policy', 'diff', '2026-02', '2099-01').status, 3)
  assert.match(sekisho.command('policy', 'diff', '2026-02', '2099').stderr, /no policy has both versions, "2026-02" and "2099"/)
  const check = sekisho.command('check')
  assert.match(check.stdout, /version 2026-01 +was from 2026-01-01\n.*2099-01 +comes on 2099-01-01: who accepted before is asked anew\n/)
})

test('an answer on the page is to what the page showed: another version is shown first', async t => {
  const web = { address: '127.0.0.1:0', public_url: 'https://privacy.example.net/' }
  const { sekisho, join } = await scene(t, { version: '1.16.5', config: { web } })
  const words = await join({ host: 'localhost\0FML2\0' }).gone()
  const [code] = /[2-9A-HJ-NP-Z]{4}-[2-9A-HJ-NP-Z]{4}/.exec(words)
  const [, port] = /page: serving on 127\.0\.0\.1:(\d+)/.exec(sekisho.stdout)
  const post = async (path, form) => (await fetch(`http://127.0.0.1:${port}/${path}`,
    { method: 'POST', body: new URLSearchParams({ code, language: 'en', ...form }) })).text()
  assert.match(await post('policy'), /ENDMARKEN/)
  addVersion(sekisho, '2026-02')
  reload(sekisho)
  assert.match(await post('answer', { answer: 'accept' }), /The words of 2026-02/)
  assert.equal(sekisho.records().length, 0)
  assert.match(await post('answer', { answer: 'accept' }), /join once more/)
  assert.equal((await records(sekisho, 1))[0].policy_version, '2026-02')
})

test('/privacy choose during grace stays within what was accepted', async t => {
  const { sekisho, join } = await scene(t, { version })
  const player = await letIn(join({ username: 'Chooser' }))
  addVersion(sekisho, '2026-02', { purposes: wider, more: 'grace = "14d",' })
  reload(sekisho)
  await player.hears(day(13))
  player.type('/privacy choose analytics')
  await press(player, /^choose analytics \d{6}$/)
  const found = await records(sekisho, 2)
  assert.equal(found[1].policy_version, '2026-01')
  assert.equal(found[1].policy_sha256, found[0].policy_sha256)
  assert.deepEqual(found[1].purposes.sort(), ['analytics', 'service'])
  player.leave()
  await join({ username: 'Chooser' }).playing()
})
