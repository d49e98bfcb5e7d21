// The admin's tools: tests of rules, what a change of rules does, whether a rule applies to a player.
import test from 'node:test'
import assert from 'node:assert/strict'
import path from 'node:path'
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { Sekisho, binary, lua, policyLua, policyTexts } from './lib/sekisho.mjs'
import { scene, letIn, records } from './lib/scene.mjs'

const root = fileURLToPath(new URL('../../', import.meta.url))
const servers = {
  lobby: { address: '127.0.0.1:25566', rules: 'scripts/lobby.lua' },
  arena: { address: '127.0.0.1:25567', rules: 'scripts/arena.lua', third_party: true }
}
const lobbyRules = 'collect "connection.ip" { purpose = "service", keep = "7d", form = truncate(24, 48) }\n' +
  'collect "client.brand" { purpose = "analytics", keep = "90d", form = count(category) }\n' +
  'collect "chat.command" { purpose = "service", keep = "7d",\n' +
  '  when = function(ctx) return starts_with(ctx.value, "report ") end }\n' +
  'forward "client.locale" { form = function(ctx) return ctx.value.x.y end }\n' +
  'transfer "play.example.net"\ntransfer "*.example.org:25566"\nresource_pack "cdn.example.net"\n' +
  'channel "voicechat:*" { to_server = true }\ncookie "lobby:*" { store = true, request = true }\n'

function prepared (t, files, options) {
  const sekisho = new Sekisho({ servers, ...options,
    files: { 'scripts/lobby.lua': lobbyRules, 'scripts/arena.lua': '', ...files } })
  t.after(() => sekisho.dispose())
  return sekisho
}

const mika = 'local mika = player { name = "Mika", ["connection.ip"] = "192.0.2.77", ["client.brand"] = "fabric",\n' +
  '  ["client.locale"] = "ja_jp" }\n'

// Runs one test with this body: { status, line } with the line that it printed.
function runBody (t, body, options) {
  const sekisho = prepared(t, { 'scripts/lobby_test.lua': `${mika}test("it", function()\n${body}\nend)\n` }, options)
  const { status, stdout, stderr } = sekisho.command('test')
  assert.equal(stderr, '')
  return { status, line: stdout.split('\n')[0] }
}

const right = {
  'what is kept': 'expect(recorded(mika, "lobby", "connection.ip"), "192.0.2.0")',
  'what is not kept': 'expect(recorded(mika, "lobby", "client.locale"), nil)',
  'how it is kept': 'local value, how = recorded(mika, "lobby", "connection.ip")\n' +
    'expect(how.purpose, "service") expect(how.keep, "7d") expect(how.counted, false)',
  'what is counted, of a player who chose that': 'expect(recorded(mika, "lobby", "client.brand"), nil)\n' +
    'local value, how = recorded(player { purposes = { "analytics" } }, "lobby", "client.brand", "LunarClient")\n' +
    'expect(value, "lunar") expect(how.purpose, "analytics") expect(how.counted, true)',
  'a condition': 'expect(recorded(mika, "lobby", "chat.command", "report x"), "report x")\n' +
    'expect(recorded(mika, "lobby", "chat.command", "home"), nil)',
  'private messages': 'expect(recorded(mika, "lobby", "chat.command", "msg Somebody hello"), nil)',
  'what is told': 'expect(forwarded(mika, "lobby", "client.brand"), "vanilla")\n' +
    'expect(forwarded(mika, "lobby", "player.name"), "Mika")',
  'stable pseudonyms': 'expect(forwarded(mika, "arena", "player.name"), "p_bavz2k5cib6324")',
  'numbers, and yes and no': 'expect(forwarded(player { ["client.view_distance"] = 12 }, "lobby", "client.view_distance"), 12)\n' +
    'expect(forwarded(player { ["client.chat_colors"] = false }, "lobby", "client.chat_colors"), 1)',
  'what a server may do': 'expect(may("lobby", "transfer", "play.example.net"), true)\n' +
    'expect(may("lobby", "transfer", "play.example.net:4000"), true)\n' +
    'expect(may("lobby", "transfer", "a.example.org"), false) expect(may("lobby", "transfer", "a.example.org:25566"), true)\n' +
    'expect(may("lobby", "resource_pack", "https://cdn.example.net/a.zip"), true)\n' +
    'expect(may("lobby", "channel.to_server", "voicechat:a"), true)\n' +
    'expect(may("lobby", "channel.to_client", "voicechat:a"), false)\n' +
    'expect(may("lobby", "cookie.store", "lobby:home"), true) expect(may("arena", "cookie.store", "lobby:home"), false)',
  'a language of its own for texts': 'expect(upper("a") .. length("関所"), "A2")'
}

for (const [name, body] of Object.entries(right)) {
  test(`a test can look at ${name}`, t => {
    assert.deepEqual(runBody(t, body), { status: 0, line: 'ok    it' })
  })
}

const here = /^FAIL {2}scripts\/lobby_test\.lua:[34]: it: /
const wrong = {
  'another value': ['expect(recorded(mika, "lobby", "connection.ip"), "192.0.2.77")', /expected "192\.0\.2\.77", got "192\.0\.2\.0"/],
  'a value where none was expected': ['expect(recorded(mika, "lobby", "connection.ip"), nil)', /expected nil, got "192\.0\.2\.0"/],
  'a word that is not there': ['expct(1, 1)', /there is no "expct" here; did you mean "expect"/],
  'an unknown server': ['recorded(mika, "loby", "connection.ip")', /there is no server "loby"; did you mean "lobby"/],
  'an unknown field': ['recorded(mika, "lobby", "connection.ipp")', /there is no field "connection\.ipp"; did you mean "connection\.ip"/],
  'an unknown field of a player': ['player { ["client.brandt"] = "x" }',
    /there is no field "client\.brandt"; did you mean "client\.brand"/],
  'an unknown purpose': ['player { purposes = { "analitics" } }', /there is no purpose "analitics"; did you mean "analytics"/],
  'an unknown act': ['may("lobby", "transfr", "a.b")', /there is no act "transfr"; did you mean "transfer"/],
  'a value that the field cannot have': ['player { ["client.view_distance"] = "far" }', /"far" is no value of client\.view_distance/],
  'a value of another type': ['player { ["client.brand"] = {} }', /a value of client\.brand is a text or a whole number/],
  'a command with its slash': ['recorded(mika, "lobby", "chat.command", "/report x")', /without its slash/],
  'a value that the player does not bring': ['recorded(mika, "lobby", "client.mods")', /brings no client\.mods/],
  'a field that no server is told': ['forwarded(mika, "lobby", "session.ping", 1)', /no server is told session\.ping/],
  'tables that differ': ['expect({ 1 }, { 2 })', /expected { 2 }, got { 1 }/],
  'a comparison of functions': ['expect(expect, 1)', /not a function/],
  'an expectation without a second value': ['expect(1)', /what came and what should/],
  'a test inside of a test': ['test("inner", function() end)', /outside of other tests/],
  'a loop without an end': ['while true do end', /ran for too long/],
  'memory without an end': ['local s = "x" while true do s = s .. s end', /too much memory/],
  'an error that is no text': ['local t = {} t[nil] = 1', /index is nil/]
}

for (const [name, [body, expected]] of Object.entries(wrong)) {
  test(`a test fails, with file and line, of ${name}`, t => {
    const { status, line } = runBody(t, body)
    assert.equal(status, 1)
    assert.match(line, here)
    assert.match(line, expected)
  })
}

test('a rule\'s own error fails the test, with the message and the line of the rule', t => {
  const { status, line } = runBody(t, 'expect(forwarded(mika, "lobby", "client.locale"), "en_us")')
  assert.equal(status, 1)
  assert.match(line, /^FAIL {2}scripts\/lobby\.lua:5: it: in the rule's function, for scripts\/lobby_test\.lua:4: /)
  assert.match(line, /: attempt to index a string/)
})

test('tests are found beside rule files and plugins, run one by one, and counted', t => {
  const sekisho = prepared(t, {
    'scripts/lobby_test.lua': 'local list = { 1 }\nlocal last = 0\ntest("one", function() last = 1 end)\n' +
      'test("two", function() while true do end end)\ntest("three", function() expect(last, 0) end)\n' +
      'test("four", function() list[2] = 2 end)\n',
    'scripts/broken_test.lua': '\ntest("never", function(\n',
    'scripts/empty_test.lua': '-- nothing yet\n',
    'plugins/hello_test.lua': 'test("of a plugin", function() end)\n',
    'elsewhere/other_test.lua': 'test("by name", function() end)\n'
  })
  const all = sekisho.command('test')
  assert.equal(all.status, 1)
  const lines = [/^FAIL {2}scripts\/broken_test\.lua:\d: /, /^FAIL {2}scripts\/empty_test\.lua: has no tests/, /^ok {4}one$/,
    /^FAIL .*two: /, /^ok {4}three$/, /^FAIL .*four: .*cannot be changed/, /^ok {4}of a plugin$/, /^3 passed, 4 failed$/, /^$/]
  assert.equal(all.stdout.split('\n').length, lines.length, all.stdout)
  all.stdout.split('\n').forEach((line, index) => assert.match(line, lines[index]))
  const one = sekisho.command('test', 'elsewhere/other_test.lua', '-c', 'config/sekisho.lua')
  assert.deepEqual([one.status, one.stdout], [0, 'ok    by name\n1 passed, 0 failed\n'])
  const none = sekisho.command('test', 'nowhere_test.lua')
  assert.equal(none.status, 1)
  assert.match(none.stdout, /FAIL {2}nowhere_test\.lua: cannot be read/)
})

test('no test at all is no success, and rules with mistakes are not tested', t => {
  const sekisho = prepared(t)
  const none = sekisho.command('test')
  assert.equal(none.status, 1)
  assert.match(none.stderr, /there is no NAME_test\.lua in scripts plugins/)
  sekisho.write('scripts/lobby.lua', '\ncolect "client.brand" { purpose = "service" }\n')
  const broken = sekisho.command('test')
  assert.equal(broken.status, 1)
  assert.match(broken.stderr, /scripts\/lobby\.lua:2: .*did you mean "collect"/)
  sekisho.write('scripts/lobby.lua', 'cookie "a:b" { store = true }\n')
  sekisho.write('scripts/arena.lua', 'cookie "a:*" { request = true }\n')
  assert.match(sekisho.command('test').stderr, /scripts\/arena\.lua:1: cookie "a:\*" can be handed over between the servers/)
})

test('the example rules keep what their tests promise', () => {
  const { status, stdout, stderr } = spawnSync(binary, ['test', '-c', 'scripts/examples/sekisho.lua'], { cwd: root, encoding: 'utf8' })
  assert.equal(status, 0, stdout + stderr)
  assert.match(stdout, /\n\d+ passed, 0 failed\n$/)
  const checked = spawnSync(binary, ['check', '-c', 'scripts/examples/sekisho.lua'], { cwd: root, encoding: 'utf8' })
  assert.equal(checked.status, 0, checked.stderr)
})

// Compares the rules as they were with others: { status, stdout, stderr }.
function compare (sekisho, rules, more) {
  const config = { ...sekisho.config, ...more }
  for (const server of Object.values(config.servers)) server.rules = server.rules.replace('scripts/', 'later/')
  for (const [name, text] of Object.entries(rules)) sekisho.write(`later/${name}.lua`, text)
  sekisho.write('config/later.lua', `return ${lua(config)}\n`)
  return sekisho.command('diff', 'config/sekisho.lua', 'config/later.lua')
}

const copyOf = value => JSON.parse(JSON.stringify(value))

test('diff: rules that are the same differ in nothing', t => {
  const { status, stdout } = compare(prepared(t, {}, { servers: copyOf(servers) }), { lobby: lobbyRules, arena: '' })
  assert.deepEqual([status, stdout], [0, '0 more, 0 less, 0 alike\n'])
})

// [before, after, status, what is printed]
const changes = {
  'a field that is new': ['', 'forward "client.locale" { form = full }', 3,
    new RegExp('^server lobby\n {2}\\+ forward client\\.locale +always "en_us" -> full for service\n' +
      ' {6}the field is new: not for players who accepted before, until they accept anew\n1 more, 0 less, 0 alike\n$')],
  'a field that is gone': ['forward "client.locale" { form = full }', '', 0,
    /^server lobby\n {2}- forward client\.locale +full for service -> always "en_us"\n0 more, 1 less, 0 alike\n$/],
  'a form that leaves more': ['collect "client.brand" { purpose = "service", form = category }',
    'collect "client.brand" { purpose = "service" }', 3,
    /\+ collect client\.brand +category for service, 1y -> full for service, 1y\n {6}the form leaves more/],
  'a form that leaves less': ['collect "client.brand" { purpose = "service" }',
    'collect "client.brand" { purpose = "service", form = category }', 0, /- collect client\.brand +full for service, 1y -> category/],
  'a longer time': ['collect "client.brand" { purpose = "service", keep = "7d" }',
    'collect "client.brand" { purpose = "service", keep = "8d" }', 3, /it is kept for longer/],
  'another purpose': ['collect "client.brand" { purpose = "service", keep = "7d" }',
    'collect "client.brand" { purpose = "analytics", keep = "7d" }', 3, /analytics \(who opted in\), 7d\n {6}the purpose is another one/],
  'a condition that is gone': ['collect "client.brand" { purpose = "service", when = function() return true end }',
    'collect "client.brand" { purpose = "service" }', 3,
    /full for service, 1y, on a condition -> full for service, 1y\n {6}the condition is another one/],
  'another way to the same': ['', 'forward "client.locale" { form = drop }\nforward "player.name" { form = full }', 0,
    /^server lobby\n {2}= forward player\.uuid|= forward player\.name +full \(the game needs it\) -> full for service/],
  'a host, a channel and a cookie more': ['transfer "a.example.net"\nchannel "mod:a" { to_server = true }',
    'transfer "*.example.net:4000"\ntransfer "a.example.net"\nchannel "mod:*" { to_server = true }\ncookie "x:y" { store = true }', 3,
    new RegExp('\\+ transfer +\\*\\.example\\.net, port 4000\n {6}the server may do more to a client: not for players who ' +
      'accepted before, until they accept anew\n {2}\\+ channel\\.to_server mod:\\*\n.*\n {2}\\+ cookie\\.store +x:y\n.*\n3 more, 0 less')],
  'a host and a channel less': ['transfer "*.example.net"\nchannel "*" { to_client = true }',
    'transfer "*.example.net:25565"\nchannel "*" { to_client = true }\nchannel "mod:a" { to_client = false }', 0,
    /- channel\.to_client mod:a\n {2}- transfer +\*\.example\.net\n0 more, 2 less/]
}

for (const [name, [before, after, status, expected]] of Object.entries(changes)) {
  test(`diff: ${name}`, t => {
    const sekisho = prepared(t, { 'scripts/lobby.lua': before }, { servers: copyOf(servers) })
    const said = compare(sekisho, { lobby: after, arena: '' })
    assert.equal(said.status, status, said.stdout + said.stderr)
    assert.match(said.stdout, expected)
  })
}

test('diff: servers that come, go and change hands, and a policy that changes', t => {
  const brand = 'collect "client.brand" { purpose = "analytics" }\nchannel "mod:a" { to_server = true }\n'
  const sekisho = prepared(t, { 'scripts/lobby.lua': brand }, { servers: copyOf(servers) })
  const later = { lobby: { ...servers.lobby, third_party: true }, games: { address: '127.0.0.1:25568', rules: 'later/games.lua' } }
  sekisho.write('later/policy/policy.lua', policyLua.replace('2026-01"', '2026-02"').replace(', optional = true', ''))
  for (const language of ['en', 'ja']) sekisho.write(`later/policy/${language}.md`, policyTexts[language])
  const { status, stdout, stderr } = compare(sekisho, { lobby: brand, games: brand },
    { servers: later, try: ['lobby'], policy: 'later/policy' })
  assert.equal(status, 3, stderr)
  assert.match(stdout, /^policy: version 2026-01 -> 2026-02: everybody is asked anew\n/)
  assert.match(stdout, /server games is new\n {2}\+ collect client\.brand +full for analytics, 90d\n {6}the server is new/)
  assert.match(stdout, /server lobby\n {2}- forward player\.uuid +full \(the game needs it\) -> pseudonym /)
  assert.match(stdout, /- forward player\.name .*\n {2}\+ collect client\.brand .*\n {6}the server became a third party/)
  assert.match(stdout, /third party.*\n {2}\+ channel\.to_server mod:a\n/)
  assert.match(stdout, /server arena is gone\n/)
})

test('diff: a purpose that is no longer optional goes further', t => {
  const sekisho = prepared(t, { 'scripts/lobby.lua': 'collect "client.brand" { purpose = "analytics" }\n' }, { servers: copyOf(servers) })
  sekisho.write('later/policy/policy.lua', policyLua.replace(', optional = true', ''))
  for (const language of ['en', 'ja']) sekisho.write(`later/policy/${language}.md`, policyTexts[language])
  const rules = { lobby: 'collect "client.brand" { purpose = "analytics" }\n', arena: '' }
  const { status, stdout } = compare(sekisho, rules, { policy: 'later/policy' })
  assert.equal(status, 3)
  assert.match(stdout, /full for analytics \(who opted in\), 90d -> full for analytics, 90d\n {6}the purpose is no longer optional/)
})

test('diff: of two folders each is read where it stands; mistakes end with 1 and name the file', t => {
  const before = prepared(t)
  const less = lobbyRules.replace('"7d"', '"6d"').replace(/forward .*\n/, '').replace(/collect "chat[^}]*}\n/, '')
  const after = prepared(t, { 'scripts/lobby.lua': less })
  const { status, stdout, stderr } = before.command('diff', '.', after.folder)
  assert.equal(status, 0, stdout + stderr)
  assert.match(stdout, /- collect connection\.ip .*7d -> .*6d/)
  after.write('scripts/lobby.lua', '\ncolect "x" {}\n')
  const broken = before.command('diff', '.', after.folder)
  assert.equal(broken.status, 1)
  assert.ok(broken.stderr.startsWith(path.join(after.folder, 'scripts/lobby.lua:2: ')), broken.stderr)
  assert.equal(before.command('diff', 'config/sekisho.lua').status, 1)
})

test('diff and explain: who accepted before is not touched by what goes further, and is counted', async t => {
  const narrow = 'collect "client.brand" { purpose = "service", keep = "7d", form = category }\n' +
    'collect "client.locale" { purpose = "analytics", keep = "7d" }\n'
  const wide = narrow.replace(', form = category', '') + 'channel "mod:*" { to_server = true }\n'
  const { backend, sekisho, join } = await scene(t, { version: '1.20.4', rules: narrow })
  const old = await letIn(join({ username: 'Earlier' }))
  await backend.joined(old.username)
  const leaver = join({ username: 'Leaver' })
  await leaver.decline()
  await records(sekisho, 2)
  const game = { ...sekisho.config.servers.game, rules: 'before.lua' }
  sekisho.write('config/before.lua', `return ${lua({ ...sekisho.config, servers: { game } })}\n`)
  sekisho.write('before.lua', narrow)
  sekisho.write('scripts/game.lua', wide)
  const { status, stdout, stderr } = sekisho.command('diff', 'config/before.lua', 'config/sekisho.lua')
  assert.equal(status, 3, stderr)
  assert.match(stdout, /the form leaves more of the value: not for 1 of the 1 players who accepted, until they accept anew/)
  const explain = (field, who) => sekisho.command('explain', 'game', field, '--player', who)
  const brand = explain('client.brand', 'Earlier')
  assert.equal(brand.status, 0, brand.stderr)
  assert.match(brand.stdout, /player: +Earlier, [0-9a-f-]{36}: accepted 20.*policy version 2026-01/)
  assert.match(brand.stdout, /kept: +does not apply to this player until they accept anew: the form leaves more of the value/)
  assert.match(brand.stdout, /forwarded: no rule; the default holds/)
  assert.match(stdout, /\+ channel\.to_server mod:\*\n +the server may do more to a client: not for 1 of the 1 players/)
  const channel = who => sekisho.command('explain', 'game', 'channel.to_server', 'mod:a', '--player', who).stdout
  assert.match(channel('Earlier'), /mod:a on server game\n +allowed\n +scripts\/game\.lua:\d: channel "mod:\*"\n/)
  assert.match(channel('Earlier'), /refused for this player until they accept anew: the rules that they accepted did not allow it\n$/)
  const uuid = sekisho.records()[0].player_uuid
  assert.match(explain('client.locale', uuid).stdout, /kept: +does not apply to this player, who did not choose analytics/)
  assert.match(explain('client.brand', 'Leaver').stdout, /Leaver.*declined.*\n +nothing is kept or told before this player accepts/)
  const nobody = explain('client.brand', 'Nobody')
  assert.equal(nobody.status, 1)
  assert.match(nobody.stderr, /no record is of this player/)
  await sekisho.command('reload')
  await letIn(join({ username: 'Later' }))
  await records(sekisho, 3)
  assert.match(explain('client.brand', 'Later').stdout, /kept: +applies to this player/)
  assert.match(channel('Later'), /allowed with this player\n$/)
  assert.match(sekisho.command('diff', 'config/before.lua', 'config/sekisho.lua').stdout, /not for 1 of the 2 players who accepted/)
})

test('explain: what a server may do to a client, and why', t => {
  const sekisho = prepared(t, { 'scripts/lobby.lua': 'transfer "*.example.net:4000"\nchannel "neoforge:*" { to_client = true }\n' })
  const explain = (...words) => sekisho.command('explain', 'lobby', ...words)
  for (const [words, expected] of [
    [['transfer', 'A.example.net:4000'],
      /^transfer a\.example\.net on server lobby\n {2}allowed\n +scripts\/lobby\.lua:1: transfer "\*\.example\.net:4000"\n$/],
    [['transfer', 'a.example.net'], /refused\n +no rule for it in scripts\/lobby\.lua: denied by default\n$/],
    [['resource_pack', 'https://a.example.net/p.zip'], /refused/],
    [['channel.to_server', 'minecraft:brand'], /allowed\n +of the game or of mod loaders: needs no rule\n$/],
    [['channel.to_server', 'neoforge:network'], /refused\n +scripts\/lobby\.lua:2: channel "neoforge:\*"\n$/]
  ]) {
    const { status, stdout, stderr } = explain(...words)
    assert.equal(status, 0, stderr)
    assert.match(stdout, expected)
  }
  const mistake = explain('chanel.to_server', 'mod:a')
  assert.equal(mistake.status, 1)
  assert.match(mistake.stderr, /there is no act "chanel\.to_server"; did you mean "channel\.to_server"\?/)
  assert.equal(explain('resource_pack', 'nonsense').status, 1)
})

test('explain alone lists every field; half a question is refused', t => {
  const sekisho = prepared(t)
  const { status, stdout } = sekisho.command('explain')
  assert.equal(status, 0)
  assert.match(stdout, /^connection\.ip \(identifying\)\n {2}the address that the player connects from\n {2}kept as: full, /m)
  for (const args of [['lobby'], ['--player', 'Mika'], ['lobby', 'client.brand', 'more'], ['lobby', 'client.brand', '--json']]) {
    assert.equal(sekisho.command('explain', ...args).status, 1, args.join(' '))
  }
})
