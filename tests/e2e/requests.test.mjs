// A player's rights, as the operator serves them: shown, given out, corrected, stopped, erased.
import test from 'node:test'
import assert from 'node:assert/strict'
import fs from 'node:fs'
import http from 'node:http'
import path from 'node:path'
import { spawn } from 'node:child_process'
import { scene, letIn, records } from './lib/scene.mjs'
import { binary } from './lib/sekisho.mjs'
import { PATIENCE_MS } from './lib/wait.mjs'
import { onlineScene } from './lib/accounts.mjs'
import { ask } from './lib/privacy.mjs'

const rules = `
collect "client.brand" { purpose = "service", keep = "7d" }
collect "connection.ip" { purpose = "service", keep = "7d" }
`

const version = '1.21.6'

function run (sekisho, ...args) {
  const [command, word, ...rest] = args
  return sekisho.command(command, word, '-c', 'config/sekisho.lua', ...rest)
}

function good (sekisho, ...args) {
  const result = run(sekisho, ...args)
  assert.equal(result.status, 0, `${args.join(' ')}: ${result.stderr}`)
  return result
}

function bad (sekisho, pattern, ...args) {
  const result = run(sekisho, ...args)
  assert.equal(result.status, 1, `${args.join(' ')}: ${result.stdout}`)
  assert.match(result.stderr, pattern)
}

function show (sekisho, who) {
  return JSON.parse(good(sekisho, 'player', 'show', who, '--json').stdout)
}

function requests (sekisho, ...filter) {
  return good(sekisho, 'request', 'list', '--json', ...filter).stdout
    .split('\n').filter(Boolean).map(line => JSON.parse(line))
}

// Asks the store until it says so: what is written there tells nobody here.
async function eventually (what, probe) {
  const end = Date.now() + PATIENCE_MS
  while (!probe()) {
    assert.ok(Date.now() < end, `never saw ${what}`)
    await new Promise(resolve => setTimeout(resolve, 100))
  }
}

// Plays, and has values held.
async function known (sekisho, join) {
  const player = await letIn(join({ brand: 'SearchedBrand' }))
  await eventually('values that are held', () => show(sekisho, player.username).held.length >= 2)
  return player
}

// Every form in which something could stand in a file.
function forms (text) {
  const utf8 = Buffer.from(text)
  const base64 = [0, 1, 2].map(skip => Buffer.concat([Buffer.alloc(skip), utf8]).toString('base64'))
    .map((encoded, skip) => encoded.slice(skip ? skip + 1 : 0).replace(/=*$/, '').slice(0, -2))
  return [utf8, Buffer.from(text, 'utf16le'), Buffer.from(text, 'utf16le').swap16(),
    Buffer.from(utf8.toString('hex')), Buffer.from(utf8.toString('hex').toUpperCase()),
    ...base64.map(encoded => Buffer.from(encoded))]
}

// Which files of the folder, the program's output among them, have any of these texts.
function filesWith (sekisho, texts) {
  const files = fs.readdirSync(sekisho.folder, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile()).map(entry => path.join(entry.parentPath ?? entry.path, entry.name))
  const contents = new Map(files.map(file => [file, fs.readFileSync(file)]))
  contents.set('stderr', Buffer.from(sekisho.stderr))
  contents.set('stdout', Buffer.from(sekisho.stdout))
  return [...contents].filter(([, bytes]) => texts.flatMap(forms).some(form => bytes.includes(form)))
    .map(([file]) => file)
}

function traces (sekisho, player, uuid) {
  return [player.username, uuid, uuid.replaceAll('-', ''),
    Buffer.from(uuid.replaceAll('-', ''), 'hex').toString('latin1'), 'SearchedBrand', '127.0.0.1']
}

test('what is held is shown: consents, values with their purpose and end, requests', async t => {
  const { sekisho, join } = await scene(t, { version, rules })
  const player = await known(sekisho, join)
  const dossier = show(sekisho, player.username)
  assert.equal(dossier.player.player_name, player.username)
  assert.equal(dossier.consents[0].decision, 'accepted')
  const brand = dossier.held.find(({ field }) => field === 'client.brand')
  assert.equal(brand.value, 'SearchedBrand')
  assert.equal(brand.server, 'game')
  assert.equal(brand.purpose, 'service')
  assert.equal(Date.parse(brand.expires_at) - Date.parse(brand.observed_at), 7 * 86400000)
  assert.deepEqual(dossier.requests, [])
  const text = good(sekisho, 'player', 'show', dossier.player.player_uuid).stdout
  assert.match(text, /client\.brand for service until .*"SearchedBrand"/)
  bad(sekisho, /nothing is held of such a player/, 'player', 'show', 'NobodyOfThisName')
})

test('that a player was counted for statistics is shown, and erased', async t => {
  const { sekisho, join } = await scene(t, {
    version,
    rules: rules + 'collect "client.locale" { purpose = "service", keep = "7d", form = count }',
    config: { statistics: { purposes: ['service'] } }
  })
  const player = await known(sekisho, join)
  await eventually('the mark', () => show(sekisho, player.username).counted.length === 1)
  const { month, ...mark } = show(sekisho, player.username).counted[0]
  assert.deepEqual(mark, { server: 'game', field: 'client.locale', purpose: 'service' })
  assert.equal(month, new Date().toISOString().slice(0, 7))
  good(sekisho, 'player', 'erase', player.username)
  assert.deepEqual(sekisho.sql('SELECT * FROM counted'), [])
})

test('an export has all of it, with texts, ledger and the fields of ISO/IEC TS 27560', async t => {
  const { sekisho, join } = await scene(t, { version, rules })
  const player = await known(sekisho, join)
  const dossier = JSON.parse(good(sekisho, 'player', 'export', player.username).stdout)
  assert.equal(dossier.format, 'sekisho-export-1')
  assert.ok(dossier.texts.some(({ sha256 }) => sha256 === dossier.consents[0].policy_sha256))
  assert.equal(dossier.ledger.length, 1)
  assert.equal(dossier.ledger[0].personal.player_name, player.username)
  assert.equal(JSON.parse(dossier.ledger[0].entry).subject, dossier.player.subject)
  assert.equal(dossier.mapping.specification, 'ISO/IEC TS 27560:2023')
  for (const element of ['record_id', 'pii_principal_id', 'privacy_notice', 'event_state']) {
    assert.ok(dossier.mapping.fields[element], element)
  }
})

test('an erased player stands in no file, in no form, and a player who is there leaves', async t => {
  const { sekisho, join } = await scene(t, { version, rules })
  const player = await known(sekisho, join)
  const { player_uuid: uuid } = show(sekisho, player.username).player
  const searched = traces(sekisho, player, uuid)
  assert.notEqual(filesWith(sekisho, searched.slice(0, 1)).length, 0)
  const { stderr } = good(sekisho, 'player', 'erase', player.username)
  assert.match(stderr, /request 1 \(erasure\) is done/)
  await player.until('the goodbye', () => player.ended)
  assert.match(player.disconnect.text, /has been erased, as you asked/)
  await sekisho.stop()
  // The address stands in the configuration, which is the operator's.
  const found = filesWith(sekisho, searched).filter(file => !file.endsWith('sekisho.lua') && file !== 'stdout')
  assert.deepEqual(found, [])
  assert.equal(good(sekisho, 'ledger', 'verify').status, 0)
  assert.equal(requests(sekisho)[0].erased, true)
  bad(sekisho, /nothing is held/, 'player', 'show', uuid)
})

test('who was erased may come back as a newcomer', async t => {
  const { sekisho, join } = await scene(t, { version, rules })
  const player = await known(sekisho, join)
  const before = show(sekisho, player.username).player
  good(sekisho, 'player', 'erase', before.player_uuid)
  await player.until('the goodbye', () => player.ended)
  const again = join({ username: player.username })
  await letIn(again)
  assert.notEqual(show(sekisho, player.username).player.subject, before.subject)
  assert.equal(show(sekisho, player.username).consents.length, 1)
})

test('an erasure is done where no Sekisho runs', async t => {
  const { sekisho, join } = await scene(t, { version, rules })
  const player = await known(sekisho, join)
  const { player_uuid: uuid } = show(sekisho, player.username).player
  await sekisho.stop()
  good(sekisho, 'player', 'erase', uuid)
  const found = filesWith(sekisho, traces(sekisho, player, uuid).slice(0, 5))
  assert.deepEqual(found, [])
})

test('a backup that is put back is erased again at the start', async t => {
  const { sekisho, join } = await scene(t, { version, rules })
  const player = await known(sekisho, join)
  const { player_uuid: uuid } = show(sekisho, player.username).player
  await sekisho.stop()
  fs.copyFileSync(sekisho.path('data/sekisho.db'), sekisho.path('backup.db'))
  good(sekisho, 'player', 'erase', uuid)
  fs.renameSync(sekisho.path('backup.db'), sekisho.path('data/sekisho.db'))
  await sekisho.start()
  assert.match(sekisho.stderr, /it is erased again/)
  assert.deepEqual(filesWith(sekisho, traces(sekisho, player, uuid).slice(0, 5)), [])
  bad(sekisho, /nothing is held/, 'player', 'show', uuid)
})

test('a correction is recorded as one, and the name comes from the account', async t => {
  const { sekisho, join } = await scene(t, { version, rules })
  const player = await known(sekisho, join)
  good(sekisho, 'player', 'correct', player.username, 'client.brand', 'vanilla', 'game')
  const brand = show(sekisho, player.username).held.find(({ field }) => field === 'client.brand')
  assert.equal(brand.value, 'vanilla')
  assert.ok(brand.corrected_at)
  bad(sekisho, /comes from the player's account/, 'player', 'correct', player.username, 'player.name', 'Other')
  bad(sekisho, /did you mean "client\.brand"/, 'player', 'correct', player.username, 'client.band', 'x')
  bad(sekisho, /no value of this field is held/, 'player', 'correct', player.username, 'client.locale', 'en')
})

test('what others have that names a player is masked when that player is erased', async t => {
  const { sekisho, join } = await scene(t, { version, rules })
  const player = await known(sekisho, join)
  const other = await known(sekisho, join)
  const { player_uuid: uuid } = show(sekisho, player.username).player
  good(sekisho, 'player', 'correct', other.username, 'client.brand', `of ${uuid}`)
  good(sekisho, 'request', 'add', 'correction', other.username, 'client.brand', uuid.replaceAll('-', ''))
  const { stderr } = good(sekisho, 'player', 'erase', player.username)
  assert.doesNotMatch(stderr, /made anew|still holds/)
  const brand = show(sekisho, other.username).held.find(({ field }) => field === 'client.brand')
  assert.equal(brand.value, 'of 00000000-0000-0000-0000-000000000000')
  await sekisho.stop()
  assert.deepEqual(filesWith(sekisho, [uuid, uuid.replaceAll('-', '')]), [])
})

test('a request from outside needs a proof, or the operator\'s decision with a reason', async t => {
  const { sekisho, join } = await scene(t, { version, rules })
  const player = await known(sekisho, join)
  const [made] = [JSON.parse(good(sekisho, 'request', 'add', 'disclosure', player.username, '--json').stdout)]
  assert.equal(made.state, 'received')
  assert.equal(Date.parse(made.due_at) - Date.parse(made.received_at), 30 * 86400000)
  bad(sekisho, /add --by NAME/, 'request', 'approve', '1')
  bad(sekisho, /nothing shows that it is the player/, 'request', 'approve', '1', '--by', 'admin')
  bad(sekisho, /this code is not the player's/, 'request', 'approve', '1', '--by', 'admin', '--code', 'ABCD-EFGH')
  bad(sekisho, /^sekisho request: --by names the player/, 'request', 'approve', '1', '--by', player.username, '--reason', 'x')
  const { stdout } = good(sekisho, 'request', 'approve', '1', '--by', 'admin', '--reason', 'seen in person')
  assert.equal(JSON.parse(stdout).player.player_name, player.username)
  const [request] = requests(sekisho)
  assert.equal(request.state, 'done')
  assert.equal(request.proof, 'operator')
  assert.deepEqual([request.by, request.reason], ['admin', 'seen in person'])
  bad(sekisho, /request 1 is done/, 'request', 'approve', '1', '--by', 'admin')
  bad(sekisho, /there is no request 7/, 'request', 'show', '7')
  bad(sekisho, /no number of a request/, 'request', 'show', 'first')
  // Each step is in the ledger with who took it, and no player's name in it.
  const steps = sekisho.sql("SELECT entry FROM ledger WHERE kind = 'request' ORDER BY id").map(({ entry }) => entry)
  assert.deepEqual(steps.map(entry => JSON.parse(entry).facts.state), ['received', 'verified', 'running', 'done'])
  assert.deepEqual(steps.map(entry => JSON.parse(entry).facts.by), ['operator', 'admin', 'admin', undefined])
  assert.ok(!steps.join().includes(player.username) && !steps.join().includes('seen in person'))
})

test('a request is refused with a reason', async t => {
  const { sekisho, join } = await scene(t, { version, rules })
  const player = await known(sekisho, join)
  good(sekisho, 'request', 'add', 'erasure', player.username)
  bad(sekisho, /add --reason/, 'request', 'refuse', '1', '--by', 'admin')
  bad(sekisho, /add --by/, 'request', 'refuse', '1', '--reason', 'the law asks us to keep it')
  good(sekisho, 'request', 'refuse', '1', '--by', 'admin', '--reason', 'the law asks us to keep it')
  assert.equal(requests(sekisho)[0].state, 'refused')
  assert.match(good(sekisho, 'request', 'list').stdout, /the law asks us to keep it/)
})

test('what an operator does is recorded with who did it and why, and an erasure for good', async t => {
  const { sekisho, join } = await scene(t, { version, rules })
  const player = await known(sekisho, join)
  bad(sekisho, /add --by/, 'request', 'add', 'stop', player.username, '--reason', 'by letter')
  const letter = ['--by', 'Ann', '--reason', 'by letter']
  const made = JSON.parse(good(sekisho, 'request', 'add', 'disclosure', player.username, ...letter, '--json').stdout)
  assert.deepEqual([made.state, made.proof, made.by, made.reason], ['verified', 'operator', 'Ann', 'by letter'])
  bad(sekisho, /add --by/, 'request', 'cancel', '1')
  good(sekisho, 'request', 'cancel', '1', '--by', 'Bob')
  bad(sekisho, /^sekisho player: --reason names the player/, 'player', 'erase', player.username, '--reason', `${player.username} wants it`)
  good(sekisho, 'player', 'correct', player.username, 'client.brand', 'vanilla')
  good(sekisho, 'player', 'erase', player.username, '--by', 'Ann', '--reason', 'left the community')
  const entries = sekisho.sql("SELECT entry FROM ledger WHERE kind IN ('request', 'erasure') ORDER BY id")
  const acts = entries.map(({ entry }) => JSON.parse(entry))
    .map(({ kind, facts }) => [kind === 'erasure' ? kind : `${facts.of} ${facts.state}`, facts.by, facts.reason])
  assert.deepEqual(acts, [['disclosure verified', 'Ann', undefined], ['disclosure cancelled', 'Bob', undefined],
    ['correction verified', 'operator', undefined], ['correction running', 'operator', undefined],
    ['correction done', undefined, undefined],
    ['erasure verified', 'Ann', undefined], ['erasure running', 'Ann', undefined],
    ['erasure', 'Ann', 'left the community'], ['erasure done', undefined, undefined]])
  assert.match(good(sekisho, 'request', 'list').stdout, /erasure of somebody erased .*by "Ann"/)
})

test('a stop of use withdraws the consent, and the player is back at the gate', async t => {
  const { sekisho, join } = await scene(t, { version, rules })
  const player = await known(sekisho, join)
  good(sekisho, 'request', 'add', 'stop', player.username)
  good(sekisho, 'request', 'approve', '1', '--by', 'admin', '--reason', 'by letter')
  await player.until('the policy again', () => player.dialogs.length > 1)
  const dossier = show(sekisho, player.username)
  assert.equal(dossier.consents.at(-1).decision, 'withdrawn')
  assert.deepEqual(dossier.held, [])
})

test('two players of one name are told apart by UUID alone', async t => {
  const { sekisho, join } = await scene(t, { version, rules })
  const player = await known(sekisho, join)
  sekisho.sql(`INSERT INTO person SELECT '00000000-0000-4000-8000-000000000001', 'feed', name, key
    FROM person`)
  for (const word of ['show', 'export', 'erase']) {
    bad(sekisho, /several players have this name; take the UUID/, 'player', word, player.username)
  }
})

test('two erasures at once are one', async t => {
  const { sekisho, join } = await scene(t, { version, rules })
  const player = await known(sekisho, join)
  const erase = () => new Promise(resolve => {
    const child = spawn(binary, ['player', 'erase', '-c', 'config/sekisho.lua', player.username],
      { cwd: sekisho.folder, stdio: 'ignore' })
    child.on('close', resolve)
  })
  await Promise.all([erase(), erase()])
  const tombstones = sekisho.sql("SELECT count(*) AS n FROM ledger WHERE kind = 'erasure'")
  assert.equal(tombstones[0].n, 1)
  assert.equal(requests(sekisho)[0].state, 'done')
  await records(sekisho, 1)
})

// A player whose account is proven, and the code that the game shows them.
async function proven (t) {
  const { accounts, sekisho, joinWith } = await onlineScene(t, { version, rules })
  const player = await letIn(joinWith(accounts.create('Alice')))
  const code = async () => (await ask(player, 'export', /[2-9A-Z]{4}-[2-9A-Z]{4}/)).match(/([2-9A-Z]{4}-[2-9A-Z]{4})/)[1]
  return { sekisho, player, code, join: name => letIn(joinWith(accounts.create(name))) }
}

// Another second half, with the code's letters.
const guess = (code, n) => code.slice(0, 5) + '23456789'[n].repeat(4)

test('a code that the game shows proves who asks from outside, once', async t => {
  const { sekisho, player, code, join } = await proven(t)
  const shown = await code()
  const added = good(sekisho, 'request', 'add', 'erasure', player.username, '--code', shown, '--json')
  assert.deepEqual(JSON.parse(added.stdout).proof, 'code')
  assert.equal(JSON.parse(added.stdout).state, 'verified')
  bad(sekisho, /this code is not the player's, or no longer/, 'request', 'add', 'stop', player.username, '--code', shown)
  await join('Mallory')
  const alices = await code()
  bad(sekisho, /this code is not the player's/, 'request', 'add', 'erasure', 'Mallory', '--code', alices)
  good(sekisho, 'request', 'add', 'disclosure', player.username, '--code', alices)
  assert.equal(requests(sekisho).length, 2) // the disclosure that showed the code is open already
})

test('five wrong codes end a code', async t => {
  const { sekisho, player, code } = await proven(t)
  const shown = await code()
  good(sekisho, 'request', 'add', 'erasure', player.username)
  for (let i = 0; i < 5; i++) {
    bad(sekisho, /this code is not the player's/, 'request', 'verify', '2', '--code', guess(shown, i))
  }
  bad(sekisho, /this code is not the player's/, 'request', 'verify', '2', '--code', shown)
  good(sekisho, 'request', 'verify', '2', '--code', (await code()).toLowerCase())
  await sekisho.stop()
  bad(sekisho, /no Sekisho answers that runs with it/, 'request', 'add', 'stop', player.username, '--code', shown)
})

test('an erasure is done when the server that knew the player has answered', async t => {
  const told = []
  const webhook = http.createServer((request, response) => {
    const parts = []
    request.on('data', part => parts.push(part)).on('end', () => told.push({ body: Buffer.concat(parts).toString(), response }))
  })
  await new Promise(resolve => webhook.listen(0, '127.0.0.1', resolve))
  t.after(() => { webhook.closeAllConnections(); webhook.close() })
  const { sekisho, join } = await scene(t, {
    version,
    rules,
    server: { on_erasure: { webhook: `http://127.0.0.1:${webhook.address().port}/`, secret_file: 'config/game.secret' } },
    more: { other: { address: '127.0.0.1:1', on_erasure: { webhook: 'http://127.0.0.1:1/', secret_file: 'config/game.secret' } } },
    files: { 'config/game.secret': { text: 'thirty-two characters and some more\n', mode: 0o600 } }
  })
  const player = await known(sekisho, join)
  const { player_uuid: uuid } = show(sekisho, player.username).player
  const { stderr } = good(sekisho, 'player', 'erase', player.username)
  assert.match(stderr, /request 1 \(erasure\) is running/)
  await eventually('the server being told', () => told.length > 0)
  assert.equal(requests(sekisho)[0].state, 'running')
  assert.ok(told[0].body.includes(uuid))
  told[0].response.writeHead(204).end()
  await eventually('the request done', () => requests(sekisho)[0].state === 'done')
  await sekisho.stop()
  assert.deepEqual(filesWith(sekisho, traces(sekisho, player, uuid).slice(0, 5)), [])
})
