// Mistakes of the operator are named with file, line and remedy, and nothing starts.
import test from 'node:test'
import assert from 'node:assert/strict'
import { connectRaw, frame, handshake } from './lib/raw.mjs'
import { until } from './lib/wait.mjs'
import { Sekisho, policyLua } from './lib/sekisho.mjs'

function prepared (t, options) {
  const sekisho = new Sekisho({ servers: { game: { address: '127.0.0.1:25566', rules: 'scripts/game.lua' } },
    ...options, files: { 'scripts/game.lua': '', ...options?.files } })
  t.after(() => sekisho.dispose())
  return sekisho
}

function check (sekisho) {
  return sekisho.command('check', '-c', 'config/sekisho.lua')
}

test('check accepts a good set-up and says what each server may collect', t => {
  const sekisho = prepared(t, {
    files: { 'scripts/game.lua': 'collect "connection.ip" { purpose = "service", keep = "7d", form = drop }\n' +
      'forward "client.brand" { form = full }\n' }
  })
  const { status, stdout, stderr } = check(sekisho)
  assert.equal(status, 0, stderr)
  assert.match(stdout, /game/)
  assert.match(stdout, /client\.brand/)
})

test('check lists what each server may do to a client', t => {
  const sekisho = prepared(t, {
    files: {
      'scripts/game.lua': 'transfer "*.example.net:25566"\nresource_pack "cdn.example.net"\n' +
        'cookie "game:*" { store = true }\nchannel "mod:a" { to_server = true, to_client = true }\n'
    }
  })
  const { status, stdout, stderr } = check(sekisho)
  assert.equal(status, 0, stderr)
  for (const line of [/transfer +\*\.example\.net, port 25566/, /resource pack +cdn\.example\.net/, /cookie +game:\*: stored$/m,
    /channel +mod:a: to the server, to the client/]) assert.match(stdout, line)
})

const config = text => ({ 'config/sekisho.lua': text })
const rules = text => ({ 'scripts/game.lua': text })
const base = 'auth = "offline",\n  policy = "config/policy",\n  store = "sqlite:data/x.db",'

// A server with this `on_erasure`, in line 7.
const onErasure = (text, files) => [{ ...files, ...config(`return {\n  ${base}\n  servers = {\n    game = {
      address = "127.0.0.1:1",\n      on_erasure = ${text} } } }\n`) }, text]
const rcon = more => `{ rcon = { address = "127.0.0.1:25575", password_file = "config/game.rcon", ${more} } }`
const erasureMistakes = Object.entries({
  'of an unknown key': [onErasure('{ webhok = "https://example.net" }'), /.*webhok.*webhook/],
  'of two ways at once': [onErasure('{ webhook = "https://example.net", secret_file = "s", rcon = { address = "127.0.0.1:1", ' +
    'password_file = "s", command = "{name}" } }'), /on_erasure: .*either/],
  'of no way at all': [onErasure('{}'), /on_erasure: .*either/],
  'of a command for nobody': [onErasure(rcon('command = "whitelist reload"')), /command: .*\{name\}/],
  'of a command with an unknown word': [onErasure(rcon('command = "forget {player}"')), /command: .*\{uuid\}/],
  'of two commands in one': [onErasure(rcon('command = "forget {name}\\nstop"')), /command: .*one line/],
  'without a command': [onErasure(rcon('')), /rcon: .*command = /],
  'without a password': [onErasure('{ rcon = { address = "127.0.0.1:1", command = "forget {name}" } }'), /password_file = /],
  'whose password is missing': [onErasure(rcon('command = "forget {name}"')), /on_erasure: config\/game\.rcon: .*mode 0600/],
  'whose password is everybody\'s': [onErasure(rcon('command = "forget {name}"'),
    { 'config/game.rcon': { text: 'sesame', mode: 0o644 } }), /on_erasure: config\/game\.rcon: .*chmod 600/],
  'that goes in the open': [onErasure('{ webhook = "http://example.net/a", secret_file = "s" }'), /webhook: .*https:/],
  'that is not signed': [onErasure('{ webhook = "https://example.net/a" }'), /on_erasure: .*secret_file = /]
}).map(([name, [[files], expected]]) => [`an on_erasure ${name}`,
  [files, new RegExp(`config/sekisho\\.lua:[6-9]: .*${expected.source}`)]])

// name: [files, what stderr or stdout must say]
const mistakes = {
  'an unknown key, with the nearest one': [config(`return {\n  ${base}\n  lissten = "127.0.0.1:0",\n}\n`),
    /config\/sekisho\.lua:\d+: .*lissten.*listen/s],
  'a wrong type': [config(`return {\n  ${base}\n  listen = 25565,\n}\n`), /config\/sekisho\.lua:\d+: .*listen/],
  'a bad duration': [config(`return {\n  ${base}\n  gate = { timeout = "soon" },\n}\n`),
    /config\/sekisho\.lua:\d+: .*timeout/],
  'a bad choice': [config('return {\n  auth = "sometimes",\n}\n'), /config\/sekisho\.lua:\d+: .*auth/],
  'a bad address': [config(`return {\n  ${base}\n  listen = "127.0.0.1:99999",\n}\n`),
    /config\/sekisho\.lua:\d+: .*listen/],
  'a server whose address no host can have': [config(`return {\n  ${base}\n  servers = {\n    a = { address = "my host:1" } },\n}\n`),
    /config\/sekisho\.lua:\d+: servers\.a\.address: "my host:1" is no address.*HOST:PORT/],
  'a try that names no server': [config(`return {\n  ${base}\n  servers = {},\n  try = { "nowhere" },\n}\n`),
    /config\/sekisho\.lua:\d+: .*nowhere/],
  'a bad rate': [config(`return {\n  ${base}\n  limits = { logins_per_ip = "many" },\n}\n`),
    /config\/sekisho\.lua:\d+: .*logins_per_ip/],
  'a configuration that is no Lua': [config('return {\n  listen = \n}\n'), /config\/sekisho\.lua:3: /],
  'a configuration that calls the system': [config('os.exit(0)\n'), /config\/sekisho\.lua:1: /],
  'a configuration that never ends': [config('while true do end\n'), /config\/sekisho\.lua:\d+: /],
  'a rule file with a syntax error': [rules('\n\ncollect "connection.ip" {\n'), /scripts\/game\.lua:\d+: /],
  'a rule file that never ends': [rules('while true do end\n'), /scripts\/game\.lua:\d+: /],
  'a rule file that never ends and catches errors': [
    rules('while true do pcall(function() while true do end end) end\n'), /scripts\/game\.lua:\d+: /],
  'a rule file that eats memory': [rules('local t = {}\nwhile true do t[#t + 1] = ("x"):rep(100000) end\n'),
    /scripts\/game\.lua(:\d+)?: /],
  'an unknown field': [rules('\ncollect "connection.ipp" { purpose = "service", keep = "7d" }\n'),
    /scripts\/game\.lua:2: .*connection\.ipp/],
  'an unknown purpose': [rules('collect "connection.ip" { purpose = "fun", keep = "7d" }\n'),
    /scripts\/game\.lua:1: .*fun/],
  'an unknown option': [rules('collect "connection.ip" { purpose = "service", keep = "7d", fro = 1 }\n'),
    /scripts\/game\.lua:1: .*fro/],
  'a longer keep than the policy\'s': [rules('collect "connection.ip" { purpose = "service", keep = "3y" }\n'),
    /scripts\/game\.lua:1: .*keep/],
  'a form that does not fit': [
    rules('collect "client.brand" { purpose = "service", keep = "7d", form = truncate(24, 48) }\n'),
    /scripts\/game\.lua:1: .*client\.brand/],
  'an unknown option of a channel': [rules('\nchannel "a:b" { to_sever = true }\n'), /scripts\/game\.lua:2: .*to_sever.*to_server/],
  'a host that is none': [rules('transfer "https://example.net/"\n'), /scripts\/game\.lua:1: .*host name/],
  'a cookie that is none': [rules('cookie "Home" { store = true }\n'), /scripts\/game\.lua:1: .*cookie "survival:home"/],
  'private messages': [rules('collect "chat.private" { purpose = "service", keep = "7d" }\n'),
    /scripts\/game\.lua:1: .*chat\.private/],
  'a word that rules do not have': [rules('os.execute("true")\n'), /scripts\/game\.lua:1: /],
  'a policy with a broken policy.lua': [{ 'config/policy/policy.lua': 'return {\n' },
    /config\/policy\/policy\.lua:\d+: /],
  'a language that is listed twice': [
    { 'config/policy/policy.lua': policyLua.replace('languages = { "en", "ja" }', 'languages = {\n "en",\n "ja",\n "en" }') },
    /config\/policy\/policy\.lua:\d+: .*"en".*take one out/],
  'a date that no calendar has': [
    { 'config/policy/policy.lua': policyLua.replace('2026-01-01', '2026-02-29') },
    /config\/policy\/policy\.lua:4: effective: .*2026-02-29.*"2026-01-31"/],
  'a month that no year has': [
    { 'config/policy/policy.lua': policyLua.replace('2026-01-01', '2026-00-10') },
    /config\/policy\/policy\.lua:4: effective: .*2026-00-10/],
  'a title that no screen holds': [{ 'config/policy/ja.md': `---\nlayout: page\ntitle: ${'題'.repeat(129)}\n---\n# 方針\n` },
    /config\/policy\/ja\.md:3: title: .*128 characters/],
  'more links than a book holds': [{ 'config/policy/ja.md': `[a]: https://example.net/${'a'.repeat(1500)}\n\n${'[a] '.repeat(400)}\n` },
    /config\/policy\/ja\.md: .*links.*shorten/],
  'a policy text that is no UTF-8': [{ 'config/policy/ja.md': Buffer.from([0x23, 0x20, 0xff, 0xfe]) },
    /config\/policy\/ja\.md(:\d+)?: /],
  'a policy text over 64 KiB': [{ 'config/policy/ja.md': 'x'.repeat(64 * 1024 + 1) },
    /config\/policy\/ja\.md(:\d+)?: /],
  ...Object.fromEntries(erasureMistakes)
}

for (const [name, [files, expected]] of Object.entries(mistakes)) {
  test(`${name} is refused`, t => {
    const sekisho = prepared(t)
    for (const [file, text] of Object.entries(files)) sekisho.write(file, text)
    const checked = check(sekisho)
    assert.equal(checked.status, 1, checked.stdout + checked.stderr)
    assert.match(checked.stderr + checked.stdout, expected)
    const run = sekisho.command('run', '-c', 'config/sekisho.lua')
    assert.notEqual(run.status, 0, 'run refuses, too')
    assert.equal(run.signal, null, 'by itself')
    assert.doesNotMatch(run.stdout, /ready:/)
    assert.match(run.stderr + run.stdout, expected)
  })
}

test('a heading that is too long for a title is shown in the text alone', async t => {
  const long = '長い見出し'.repeat(2000)
  const sekisho = prepared(t, { policy: { en: `# ${long}\n\n## Short\n`, ja: `# ${long}\n` } })
  const { status, stderr } = check(sekisho)
  assert.equal(status, 0, stderr)
  await sekisho.start()
  const raw = connectRaw(t, sekisho.port).send(handshake(775, 1), frame([0]))
  await until(raw, 'the status', () => raw.received.includes('"text":"Short"'))
})

test('a policy with a missing language names the file that was looked for', t => {
  const sekisho = prepared(t, { policy: { en: '# Only English\n' } })
  const { status, stdout, stderr } = check(sekisho)
  assert.equal(status, 1)
  assert.match(stdout + stderr, /ja\.md/)
})

test('a rule file and a configuration that are not there are named', t => {
  const sekisho = prepared(t)
  const { status, stdout, stderr } = sekisho.command('check', '-c', 'config/nothing.lua')
  assert.equal(status, 1)
  assert.match(stdout + stderr, /config\/nothing\.lua/)
})

test('every mistake is told in one go', t => {
  const sekisho = prepared(t)
  sekisho.write('config/sekisho.lua', 'return {\n  listne = 1,\n  auth = "perhaps",\n}\n')
  const { stdout, stderr } = check(sekisho)
  assert.match(stdout + stderr, /listne/)
  assert.match(stdout + stderr, /perhaps/)
})

test('explain says the decision and where it stands', t => {
  const sekisho = prepared(t, {
    files: rules('-- first line\nforward "client.brand" { form = full }\n')
  })
  const told = sekisho.command('explain', '-c', 'config/sekisho.lua', 'game', 'client.brand')
  assert.equal(told.status, 0, told.stderr)
  assert.match(told.stdout, /scripts\/game\.lua:2/)
  const denied = sekisho.command('explain', '-c', 'config/sekisho.lua', 'game', 'connection.ip')
  assert.equal(denied.status, 0, denied.stderr)
  assert.doesNotMatch(denied.stdout, /scripts\/game\.lua:2/)
  for (const args of [['nowhere', 'client.brand'], ['game', 'client.nothing']]) {
    assert.notEqual(sekisho.command('explain', '-c', 'config/sekisho.lua', ...args).status, 0)
  }
})

test('a subcommand that does not exist is refused with the usage', t => {
  const sekisho = prepared(t)
  const { status, stdout, stderr } = sekisho.command('serve')
  assert.notEqual(status, 0)
  assert.match(stdout + stderr, /usage|run/i)
})
