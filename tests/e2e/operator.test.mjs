// The operator at the command line: what is wrong is said once, whole, with its place and remedy.
import test from 'node:test'
import assert from 'node:assert/strict'
import fs from 'node:fs'
import net from 'node:net'
import os from 'node:os'
import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { Sekisho, binary, startSekisho } from './lib/sekisho.mjs'
import { joinAs } from './lib/player.mjs'
import { startBackend } from './lib/backend.mjs'
import { letIn } from './lib/scene.mjs'

const CONFIG = 'config/sekisho.lua'

function prepared (t, files, options) {
  const sekisho = new Sekisho({ ...options, files: { 'scripts/game.lua': '', ...files } })
  t.after(() => sekisho.dispose())
  return sekisho
}

const check = sekisho => sekisho.command('check', '-c', CONFIG)
const config = text => ({ [CONFIG]: `return {\n  auth = "offline",\n${text}\n}\n` })
const policy = (text, purposes = 'service = { keep = "1d" }', languages = '"en", "ja"') => ({
  'config/policy/policy.lua': `return {\n  id = "a", version = "1", languages = { ${languages} },\n` +
    `  purposes = { ${purposes} },\n${text}\n}\n`
})
const game = 'address = "127.0.0.1:25566", rules = "scripts/game.lua"'
const rules = text => ({ ...config(`servers = { game = { ${game} } }`), 'scripts/game.lua': text })

// name: [files, lines of stderr, each once and in this order]
const mistakes = {
  'a name to listen on': [config('  listen = "localhost:25565",'),
    /^config\/sekisho\.lua:3: listen: "localhost" is a name; .*"127\.0\.0\.1:25565"/],
  'a name for the page to listen on': [config('  web = { address = "localhost:80", public_url = "https://a.example" },'),
    /^config\/sekisho\.lua:3: web\.address: "localhost" is a name/],
  'one address twice': [config('  listen = { "127.0.0.1:25565", "127.0.0.1:25565" },'),
    /^config\/sekisho\.lua:3: listen: .*25565.* already/],
  'the address of the game for the page': [
    config('  listen = "127.0.0.1:25565",\n  web = { address = "127.0.0.1:25565", public_url = "https://a.example" },'),
    /^config\/sekisho\.lua:4: web\.address: .*25565.* already/],
  'a server at port 0': [config('  servers = { game = { address = "127.0.0.1:0" } },'),
    /^config\/sekisho\.lua:3: servers\.game\.address: .*port 0/],
  'a choice of a wrong type': [config('  servers = { game = { address = "h", forwarding = true } },'),
    /servers\.game\.forwarding: this is a boolean; write one of "none", "legacy", "bungeeguard", "modern"/],
  'a server in try that is written otherwise': [
    config('  servers = { lobby = { address = "h" } },\n  try = { "loby" },'),
    /^config\/sekisho\.lua:4: try: there is no server "loby"; did you mean "lobby"\?/],
  'a server in try like no other': [config('  servers = { lobby = { address = "h" } },\n  try = { "arena" },'),
    /^config\/sekisho\.lua:4: try: there is no server "arena"; name one of servers/],
  'one host at two servers': [config(`  servers = {
    one = {
      address = "h",
      hosts = { "play.example.net", "*.one.example.net" },
    },
    two = {
      address = "h",
      hosts = { "two.example.net", "PLAY.example.net" },
    },
  },`), /^config\/sekisho\.lua:10: servers\.two\.hosts: "play\.example\.net" stands in servers\.one\.hosts at line 6 already/],
  'one pattern twice': [config('  servers = { one = { address = "h", hosts = { "*.a.example", "*.A.example" } } },'),
    /^config\/sekisho\.lua:3: servers\.one\.hosts: "\*\.a\.example" stands in servers\.one\.hosts at line 3 already/],
  'a server that was copied and not renamed': [config(`  servers = {
    game = { address = "127.0.0.1:1" },
    ["game"] = { address = "127.0.0.1:2" },
  },`), /^config\/sekisho\.lua:5: the key "game" stands in this table at line 4 already/],
  'a purpose twice': [policy('', 'service = { keep = "2d" }, service = { keep = "1d" }'),
    /policy\.lua:3: the key "service" stands in this table at line 3 already/],
  'a list without an end': [
    config(`  servers = { one = { address = "h", hosts = { ${Array.from({ length: 1001 }, (_, i) => `"h${i}"`)} } } },`),
    /^config\/sekisho\.lua:3: servers\.one\.hosts: this list has more than 1000 values/],
  'a configuration without return': [{ [CONFIG]: 'listen = "127.0.0.1:0"\n' }, /^config\/sekisho\.lua: returns no table/],
  'an empty configuration': [{ [CONFIG]: '' }, /^config\/sekisho\.lua: returns no table/],
  'a configuration in UTF-16': [{ [CONFIG]: Buffer.from('\ufeffreturn {}', 'utf16le') },
    /^config\/sekisho\.lua: is saved as UTF-16; save it as UTF-8/],
  'a rule file that is not there': [config('servers = { game = { address = "h", rules = "scripts/gmae.lua" } }'),
    /^scripts\/gmae\.lua: cannot be read: .*relative to the folder that the program was started in/],
  'a rule file that is a folder': [config('servers = { game = { address = "h", rules = "scripts" } }'),
    /^scripts: cannot be read: Is a directory/],
  'a form that is written otherwise': [
    rules('\nforward "connection.ip" { form = pseudonim }\n'),
    /^scripts\/game\.lua:2: there is no "pseudonim" here; did you mean "pseudonym"\?/],
  'a word that is written otherwise': [rules('colect "connection.ip" { purpose = "service" }\n'),
    /^scripts\/game\.lua:1: there is no "colect" here; did you mean "collect"\?/],
  'a default language that is written otherwise': [policy('  default_language = "jp",'),
    /^config\/policy\/policy\.lua:4: default_language: "jp" is not among the languages; did you mean "ja"\?/],
  'a title in a language without a text': [
    policy('', 'service = { keep = "1d", title = { en = "Play", fr = "Jeu" } }'),
    /policy\.lua:3: purposes\.service\.title\.fr: "fr" is not among the languages; add it/],
  'a language twice': [policy('', undefined, '"en", "en"'), /policy\.lua:2: languages: "en" stands here twice/],
  'a date that no calendar has': [policy('  effective = "2026-02-29",'), /policy\.lua:4: effective: "2026-02-29" is no day of the calendar/]
}

for (const [name, [files, expected]] of Object.entries(mistakes)) {
  test(`${name} is refused, once`, t => {
    const { status, stderr } = check(prepared(t, files))
    assert.equal(status, 1, stderr)
    assert.match(stderr, expected)
    assert.equal(stderr.trim().split('\n').length, 1, stderr)
  })
}

test('mistakes in configuration, policy, secret and rules are told together', t => {
  const sekisho = prepared(t, {
    ...config('  lissten = "127.0.0.1:0",\n  forwarding_secret_file = "scripts",\n' +
      `  servers = { game = { ${game}, forwarding = "modern" } },`),
    ...policy('  effective = "soon",'),
    'scripts/game.lua': 'collect "connection.ip" { purpose = "servce", keep = "1d" }\n'
  })
  const { status, stderr } = check(sekisho)
  assert.equal(status, 1)
  const lines = stderr.trim().split('\n')
  assert.match(lines[0], /^config\/sekisho\.lua:3: there is no key "lissten" here; did you mean "listen"\?/)
  assert.match(lines[1], /^config\/policy\/policy\.lua:4: effective: "soon" is no day of the calendar/)
  assert.match(lines[2], /^scripts\/game\.lua:1: .*"servce".*"service"/)
  assert.match(lines[3], /^scripts: the forwarding secret/)
  assert.equal(lines.length, 4)
  for (const args of [['run'], ['explain', 'game', 'client.brand']]) {
    const [command, ...words] = args
    const told = sekisho.command(command, '-c', CONFIG, ...words)
    assert.equal(told.status, 1)
    assert.equal(told.stderr.trim(), lines.slice(0, 3).join('\n'))
  }
})

test('rules are not judged by purposes that could not be read', t => {
  const { status, stderr } = check(prepared(t, {
    ...rules('collect "connection.ip" { purpose = "service", keep = "1d" }\n'),
    ...policy('', 'service = { kep = "1d" }')
  }))
  assert.equal(status, 1)
  assert.match(stderr, /policy\.lua:3: there is no key "kep" here; did you mean "keep"\?/)
  assert.match(stderr, /^scripts\/game\.lua: was not read/m)
  assert.equal(stderr.trim().split('\n').length, 2, stderr)
})

test('a date in a leap year, a byte order mark and lines ending in CR LF are taken', t => {
  const { status, stderr } = check(prepared(t, {
    [CONFIG]: '\ufeffreturn {\r\n  auth = "offline",\r\n}\r\n', ...policy('  effective = "2024-02-29",')
  }))
  assert.equal(status, 0, stderr)
})

async function takenPort (t) {
  const server = net.createServer().listen(0, '127.0.0.1')
  t.after(() => server.close())
  await once(server, 'listening')
  return server.address().port
}

test('nothing is called ready when one of two listeners cannot be opened', async t => {
  const port = await takenPort(t)
  const sekisho = prepared(t, config(`  listen = {\n    "127.0.0.1:0",\n    "127.0.0.1:${port}",\n  },`))
  const { status, stdout, stderr } = sekisho.command('run', '-c', CONFIG)
  assert.equal(status, 1)
  assert.equal(stdout, '')
  assert.match(stderr, new RegExp(`^config/sekisho\\.lua:3: cannot listen on 127\\.0\\.0\\.1:${port}: another`, 'm'))
})

test('nor when the page cannot be served', async t => {
  const port = await takenPort(t)
  const sekisho = prepared(t, config('  listen = "127.0.0.1:0",\n' +
    `  web = { address = "127.0.0.1:${port}", public_url = "https://a.example" },`))
  const { status, stdout, stderr } = sekisho.command('run', '-c', CONFIG)
  assert.equal(status, 1)
  assert.equal(stdout, '')
  assert.match(stderr, /^config\/sekisho\.lua:4: web\.address: cannot listen on 127\.0\.0\.1:\d+: another/m)
})

test('an address of another machine is refused with its line', t => {
  const sekisho = prepared(t, config('  listen = "192.0.2.1:0",'))
  const { status, stderr } = sekisho.command('run', '-c', CONFIG)
  assert.equal(status, 1)
  assert.match(stderr, /^config\/sekisho\.lua:3: cannot listen on 192\.0\.2\.1:0: this machine does not have/m)
})

const hasV6 = Object.values(os.networkInterfaces()).flat().some(({ address }) => address === '::1')
const skip = hasV6 ? false : 'needs IPv6'

test('players come in by IPv6, and all of IPv4 and of IPv6 may be named side by side', { skip }, async t => {
  const free = net.createServer().listen(0, '0.0.0.0')
  await once(free, 'listening')
  const { port } = free.address()
  free.close()
  await once(free, 'close')
  const sekisho = await startSekisho(t, { config: { listen: [`[::]:${port}`, `0.0.0.0:${port}`] } })
  assert.deepEqual(sekisho.addresses, [{ host: '[::]', port }, { host: '0.0.0.0', port }])
  await joinAs(t, { address: '::1', port, version: '1.16.5' }).gate()
  await joinAs(t, { port, version: '1.16.5' }).gate()
})

test('before the first run there are no records, and that is no mistake', t => {
  const sekisho = prepared(t)
  const people = sekisho.command('consent', 'list', '-c', CONFIG)
  assert.deepEqual([people.status, people.stderr], [0, ''])
  assert.match(people.stdout, /^no records yet/)
  assert.deepEqual(sekisho.records(), [])
  assert.equal(fs.existsSync(sekisho.path('data')), false, 'looking makes nothing')
})

for (const [name, make, expected] of [
  ['is a folder', path => fs.mkdirSync(path), /data\/sekisho\.db: this is a folder/],
  ['is no database', path => fs.writeFileSync(path, 'These are notes.\n'.repeat(100)), /data\/sekisho\.db: this is no database/],
  ['is of a newer Sekisho', path => spawnSync('sqlite3', [path, 'CREATE TABLE consent (x); PRAGMA user_version = 9']),
    /data\/sekisho\.db: the database has schema version 9/]
]) {
  test(`a store that ${name} is refused with its remedy, and left as it is`, t => {
    const sekisho = prepared(t)
    fs.mkdirSync(sekisho.path('data'))
    make(sekisho.path('data/sekisho.db'))
    for (const args of [['run'], ['consent', 'list']]) {
      const { status, stdout, stderr } = sekisho.command(...args, '-c', CONFIG)
      assert.equal(status, 1)
      assert.equal(stdout, '')
      assert.match(stderr, expected)
    }
    assert.deepEqual(fs.readdirSync(sekisho.path('data')), ['sekisho.db'])
  })
}

// Modes do not hold back root.
const isRoot = process.getuid() === 0
const wrapper = isRoot ? ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'] : []

function giveAway (folder) {
  if (isRoot) assert.equal(spawnSync('chown', ['-R', '65534:65534', folder]).status, 0)
}

test('a database is written again once its mode was mended, as the log says', async t => {
  const version = '1.16.5'
  const backend = await startBackend(t, { version })
  const sekisho = prepared(t, {}, { servers: { game: { address: backend.address } }, wrapper })
  const join = more => joinAs(t, { port: sekisho.port, version, ...more })
  giveAway(sekisho.folder)
  await sekisho.start()
  const known = await letIn(join())
  await sekisho.stop()
  fs.chmodSync(sekisho.path('data/sekisho.db'), 0o400)
  await sekisho.start()
  assert.match(sekisho.stderr, /data\/sekisho\.db cannot be written: this user may not write/)
  await join({ username: known.username }).playing()
  const newcomer = join()
  await newcomer.accept()
  assert.match(await newcomer.gone(), /./)
  await sekisho.stop()
  fs.chmodSync(sekisho.path('data/sekisho.db'), 0o600)
  await sekisho.start()
  await letIn(join())
})

test('a list that cannot be written down is a failure', t => {
  const sekisho = prepared(t)
  const full = fs.openSync('/dev/full', 'w')
  t.after(() => fs.closeSync(full))
  const { status, stderr } = spawnSync(binary, ['check', '-c', CONFIG],
    { cwd: sekisho.folder, encoding: 'utf8', stdio: ['ignore', full, 'pipe'] })
  assert.equal(status, 1)
  assert.match(stderr, /could not be written: No space left on device/)
})

test('the command line says what it takes', t => {
  const { status, stdout } = spawnSync(binary, ['--version'], { encoding: 'utf8' })
  assert.equal(status, 0)
  assert.match(stdout, /^sekisho \d+\.\d+\.\d+\n$/)
  for (const args of [['help'], ['--help'], ['-h'], ['run', '--help'], ['consent', 'list', '-h']]) {
    const told = spawnSync(binary, args, { encoding: 'utf8' })
    assert.deepEqual([told.status, told.stderr], [0, ''])
    assert.match(told.stdout, args.length === 1 ? /usage:\n {2}sekisho run / : new RegExp(`^ {2}sekisho ${args[0]} `))
  }
  for (const [args, expected] of [
    [['chek'], /there is no command "chek"; did you mean "check"\?/],
    [['check', '--josn'], /there is no option --josn; see sekisho help/],
    [['run', '--json'], /there is no option --json/],
    [['consent', 'list', '--josn'], /there is no option --josn; did you mean "--json"\?/],
    [['check', '-c'], /-c needs a value/],
    [['check', 'more'], /one word too many: more/],
    [['task'], /something is missing; write one of\n {2}sekisho task list .*\n {2}sekisho task retry N\n {2}sekisho task drop N --by/],
    [['ledger'], /write one of\n {2}sekisho ledger verify /],
    [['policy', 'lst'], /^sekisho policy: there is no "lst"; did you mean "list"\?\n$/],
    [['request', 'pray'], /there is no "pray"; it has list, show, add, verify, fail, approve, refuse and cancel\n$/],
    [['player', 'correct', 'Steve'], /^sekisho player correct: something is missing; write sekisho player correct NAME\|UUID FIELD VALUE/],
    [['request', '--json', 'show', '1', '2'], /^sekisho request show: this is one word too many: 2; write sekisho request show N/],
    [['provision', 'list', '--to', 'Ann'], /^sekisho provision list: there is no option --to; write/],
    [['explain', 'game'], /write a server and a field/],
    [['check', '-c', 'nothing.lua'], /^nothing\.lua: cannot be read: No such file/],
    [['check', '-c', os.tmpdir()], /cannot be read: Is a directory/]
  ]) {
    const told = spawnSync(binary, args, { encoding: 'utf8' })
    assert.equal(told.status, 1, args.join(' '))
    assert.match(told.stderr, expected)
  }
})

test('explain suggests the server and the field that were meant', t => {
  const sekisho = prepared(t, rules(''))
  const { status, stderr } = sekisho.command('explain', '-c', CONFIG, 'gane', 'client.brnd')
  assert.equal(status, 1)
  assert.match(stderr, /there is no server "gane" .*; did you mean "game"\?/)
  assert.match(stderr, /there is no field "client\.brnd"; did you mean "client\.brand"\?/)
})
