// The life of plugins: order, settings, parts, reload while players play, what is switched off, and
// what people are told.
import test from 'node:test'
import assert from 'node:assert/strict'
import fs from 'node:fs'
import { execFileSync } from 'node:child_process'
import { Sekisho } from './lib/sekisho.mjs'
import { scene, letIn, chatRoundTrip } from './lib/scene.mjs'
import { until } from './lib/wait.mjs'

const version = '1.20.4'
const manifest = (name, more = '') => `plugin { name = "${name}", version = "1.0.0"${more && `, ${more}`} }\n`

// With plugins of these texts, and nobody who runs it.
function folder (t, plugins, files = {}) {
  for (const [name, text] of Object.entries(plugins)) files[`plugins/${name}`] = text
  const sekisho = new Sekisho({ files })
  t.after(() => sekisho.dispose())
  return sekisho
}

function list (sekisho) {
  const { status, stdout, stderr } = sekisho.command('plugins', '--json')
  assert.equal(status, 0, stderr)
  return Object.fromEntries(stdout.split('\n').filter(Boolean).map(JSON.parse).map(each => [each.name ?? each.file, each]))
}

const says = (sekisho, what) => until(sekisho, `${what} in the log`, () => what.test(sekisho.stderr))

test('plugins are loaded after those that they depend on', async t => {
  const sekisho = folder(t, {
    'a.lua': manifest('a', 'depends = { "b", "c" }'),
    'b/init.lua': manifest('b', 'depends = { "c" }'),
    'c.lua': manifest('c')
  })
  await sekisho.start()
  const order = [...sekisho.stderr.matchAll(/plugin=(\w) version 1\.0\.0 is loaded/g)].map(([, name]) => name)
  assert.deepEqual(order, ['c', 'b', 'a'])
})

const mistakes = [
  ['a cycle', { 'a.lua': manifest('a', 'depends = { "b" }'), 'b.lua': manifest('b', 'depends = { "a" }') },
    /a\.lua:1: depends on "b", which depends on it; .*\nplugins\/b\.lua:1: depends on "a", which depends on it/],
  ['one that depends on itself', { 'a.lua': manifest('a', 'depends = { "a" }') }, /plugins\/a\.lua:1: depends on itself; /],
  ['one that is missing', { 'a.lua': manifest('a', 'depends = { "grete" }'), 'greet.lua': manifest('greet') },
    /plugins\/a\.lua:1: depends on "grete", which is not there; did you mean "greet"\?/],
  ['one that fell', { 'a.lua': manifest('a', 'depends = { "b" }'), 'b.lua': manifest('b') + 'nonsense()' },
    /plugins\/a\.lua:1: depends on "b", which is not loaded; see there/],
  ['two of one name', { 'a.lua': manifest('same'), 'b.lua': manifest('same') },
    /plugins\/b\.lua:1: the plugin "same" is plugins\/a\.lua already; give this one another name/],
  ['no manifest', { 'a.lua': 'log.info("x")' }, /plugins\/a\.lua: does not say what it is; begin with plugin \{/],
  ['a manifest behind others', { 'a.lua': 'on("player.join", function() end)\n' + manifest('a') },
    /plugins\/a\.lua:2: plugin \{ \.\.\. \} has to stand before all else/],
  ['a syntax error', { 'a.lua': manifest('a') + 'on(' }, /plugins\/a\.lua:2: unexpected symbol|plugins\/a\.lua:2: .*<eof>/],
  ['an endless loop', { 'a.lua': manifest('a') + 'while true do end' }, /plugins\/a\.lua:2: this ran for too long/],
  ['players while it is read', { 'a.lua': manifest('a') + 'players()' }, /plugins\/a\.lua:2: there are no players while/],
  ['10,000 handlers', { 'a.lua': manifest('a') + 'for i = 1, 10000 do on("player.join", function() end) end' },
    /plugins\/a\.lua:2: this plugin has 1000 handlers already/],
  ['a huge file', { 'a.lua': manifest('a') + `-- ${'x'.repeat(1100000)}` }, /plugins\/a\.lua: is larger than 1024 KiB/],
  ['a command of another plugin',
    { 'a.lua': manifest('a') + 'command("hub", function() end)', 'b.lua': manifest('b') + 'command("HUB", function() end)' },
    /plugins\/b\.lua:2: command: \/HUB is a command of the plugin a already/],
  ['a command twice',
    { 'a.lua': manifest('a') + 'command("hub", function() end)\ncommand("hub", function() end)' },
    /plugins\/a\.lua:3: command: this plugin has \/hub already/],
  ['a version of two lines', { 'a.lua': 'plugin { name = "a", version = "1\\n2" }' },
    /plugins\/a\.lua:1: plugin: version has to be a text as "1\.0\.0", without spaces/],
  ['what is no list of plugins', { 'a.lua': manifest('a', 'depends = { b = "1.0" }') },
    /plugins\/a\.lua:1: plugin: depends has to be a list, without other keys/],
  ['what is no name of a plugin', { 'a.lua': manifest('a', 'depends = { "B" }') }, /a\.lua:1: plugin: entry 1 of depends is no name/],
  ['what is no channel', { 'a.lua': manifest('a', 'channels = { "a:b", "" }') }, /a\.lua:1: plugin: entry 2 of channels is no channel/],
  ['a channel on which clients tell their mods', { 'a.lua': manifest('a', 'channels = { "my:own", "FML|HS" }') },
    /a\.lua:1: plugin: channels: "FML\|HS" is the game's or a mod loader's, and no plugin's to hear/],
  ['compiled Lua', { 'a.lua': '\x1bLua' }, /plugins\/a\.lua: is compiled already; the text that it was made of is meant/],
  ['what is Lua\'s and not here', { 'a.lua': manifest('a') + 'string.gsub("a", "b", "c")', 'b.lua': manifest('b') + 'print("x")' },
    /a\.lua:2: there is no "gsub" here; pattern "\.\.\." has it[^]*b\.lua:2: there is no "print" here; log\.info\(\.\.\.\) writes/],
  ['words that a table has not', { 'a.lua': manifest('a') + 'log.inof("x")', 'b.lua': manifest('b') + 'store.x("x")' },
    /a\.lua:2: log has no "inof"; did you mean "info"\?[^]*b\.lua:2: store has no "x"; docs\/plugins-reference\.md lists/],
  ['a word of other proxies', { 'a.lua': manifest('a') + 'http.fetch {}' }, /a\.lua:2: http has no "fetch"; did you mean "get"\?/],
  ['an unknown key', { 'a.lua': manifest('a', 'dependz = {}') },
    /plugins\/a\.lua:1: plugin: there is no "dependz"; did you mean "depends"/],
  ['a purpose of another name', { 'a.lua': manifest('a', 'reads = { ["player.name"] = "servce" }') }, /did you mean "service"\?/],
  ['a list of fields', { 'a.lua': manifest('a', 'reads = { "player.name" }') }, /has to be a table: \{ \["player\.name"\] = "PURPOSE" \}/],
  ['half an event', { 'a.lua': manifest('a') + 'on("join", log.info)' }, /a\.lua:2: there is no event "join"; did you mean "player\.join"/],
  ['options behind the function', { 'a.lua': manifest('a') + 'on("ping", function() end, { priority = 1 })' },
    /a\.lua:2: on: options stand in front of the function/],
  ['arguments that are no list', { 'a.lua': manifest('a') + 'command("b", { arguments = { c = "word" } }, function() end)' },
    /a\.lua:2: command: there is no "c"; arguments is a list of/]
]

for (const [name, plugins, told] of mistakes) {
  test(`sekisho check tells of ${name}`, t => {
    const { status, stderr } = folder(t, plugins).command('check')
    assert.equal(status, 1)
    assert.match(stderr, told)
  })
}

test('a plugin that does not load is told loudly, and Sekisho serves without it', async t => {
  const sekisho = folder(t, {
    'bad.lua': manifest('bad') + 'nonsense()',
    'good.lua': manifest('good'),
    'needs.lua': manifest('needs', 'depends = { "bad" }')
  })
  await sekisho.start()
  assert.match(sekisho.stderr, /error plugins\/bad\.lua:2: there is no "nonsense" here/)
  assert.match(sekisho.stderr, /error plugins: not all are loaded/)
  const { good, bad, needs } = list(sekisho)
  assert.equal(good.state, 'runs')
  assert.deepEqual([bad.state, bad.why], ['failed', 'plugins/bad.lua:2: there is no "nonsense" here'])
  assert.equal(needs.state, 'failed')
})

test('settings that no plugin reads are told', t => {
  const { status, stderr } = folder(t, { 'a.lua': manifest('a') }, { 'config/plugins/a.lua': 'return { b = 1 }' }).command('check')
  assert.equal(status, 1)
  assert.match(stderr, /plugins\/a\.lua: config\/plugins\/a\.lua is there, and nothing reads it: call settings \{ \.\.\. \}, or take/)
})

test('sekisho check loads plugins and does nothing', t => {
  const sekisho = folder(t, {
    'a.lua': manifest('a', 'reads = { ["player.name"] = "service" }') +
      'on("proxy.start", function() log.info("started") end) every(1, function() end)'
  })
  const { status, stdout, stderr } = sekisho.command('check')
  assert.equal(status, 0, stderr)
  assert.match(stdout, /plugin a: version 1\.0\.0, plugins\/a\.lua\n {2}reads player\.name for service\n/)
  assert.equal(stderr, '', 'nothing is loaded, so that there is nothing to log')
})

const withSettings = manifest('set') + `local own = settings {
  greeting = "hello", every = 60, share = 0.5, loud = false, list = { "a" }, words = { en = "x", ja = "y" },
  limits = { max = 5, kind = "k" }, any = {},
}
on("proxy.start", function()
  log.info("own " .. table.concat({ own.greeting, own.every, own.share, tostring(own.loud), table.concat(own.list, "+"),
    tostring(own.words.en), tostring(own.words.de), own.limits.max, own.limits.kind, tostring(own.any[1] and own.any[1].deep) }, " "))
end)
`

test('settings take the place of defaults, whose types they have', async t => {
  const sekisho = folder(t, { 'set.lua': withSettings })
  await sekisho.start()
  await says(sekisho, /own hello 60 0\.5 false a x nil 5 k nil/)
  sekisho.write('config/plugins/set.lua', `return {
    every = 5, loud = true, list = { "b", "c" }, words = { de = "z" }, limits = { max = 7 }, any = { { deep = "d" } },
  }`)
  await says(sekisho, /own hello 5 0\.5 true b\+c nil z 7 k d/)
  sekisho.write('config/plugins/set.lua', 'return {\n  evry = 5,\n  every = 1.5,\n  limits = {\n    max = "x" },\n' +
    '  list = { [2] = "a" },\n  any = { [0] = 1 },\n  evry = 2 }')
  // it may be looked at while it is written, when it is empty
  await says(sekisho, /config\/plugins\/set\.lua:2: evry is no setting of this plugin; did you mean "every"\?/)
  await says(sekisho, /set\.lua:8:[^]*plugins\/set\.lua:2: its settings in config\/plugins\/set\.lua have mistakes/)
  assert.match(sekisho.stderr, /config\/plugins\/set\.lua:3: every has to be a whole number/)
  assert.match(sekisho.stderr, /config\/plugins\/set\.lua:5: limits\.max has to be a whole number/)
  assert.match(sekisho.stderr, /config\/plugins\/set\.lua:6: list has to be a list: /)
  assert.match(sekisho.stderr, /config\/plugins\/set\.lua:7: any has keys that are neither names nor 1, 2, 3/)
  assert.match(sekisho.stderr, /config\/plugins\/set\.lua:8: the key "evry" stands in this table at line 2 already/)
  const { set } = list(sekisho)
  assert.equal(set.state, 'runs')
  assert.match(set.why, /config\/plugins\/set\.lua:\d/)
  const { status, stderr } = sekisho.command('check')
  assert.equal(status, 1)
  assert.match(stderr, /config\/plugins\/set\.lua:3/)
})

test('settings that are all texts keep their defaults, and take no others', async t => {
  const plugin = manifest('set') +
    'local own = settings { server = "lobby", keep = "1d" }\nlog.info("own " .. own.server .. " " .. own.keep)'
  const sekisho = folder(t, { 'set.lua': plugin }, { 'config/plugins/set.lua': 'return { keep = "2d" }' })
  await sekisho.start()
  assert.match(sekisho.stderr, /own lobby 2d/)
  sekisho.write('config/plugins/set.lua', 'return { servr = "x" }')
  const { stderr } = sekisho.command('check')
  assert.match(stderr, /config\/plugins\/set\.lua:1: servr is no setting of this plugin; did you mean "server"\?/)
})

test('what a plugin says of its settings beside their type is looked at where the file sets them', async t => {
  const defaults = 'server = "lobby", purpose = "service", most = 5, odd = 1, list = {}'
  const checks = `server = "server", purpose = "purpose", most = { min = 2, max = 8 },
    odd = function(value) return value % 2 == 0 and "has to be odd" end`
  const plugin = manifest('set') + `settings({ ${defaults} }, { ${checks} })`
  const servers = { lobby: { address: '127.0.0.1:1' } }
  const sekisho = new Sekisho({ servers, files: { 'plugins/set.lua': plugin } })
  t.after(() => sekisho.dispose())
  const flaws = text => {
    sekisho.write('config/plugins/set.lua', text)
    return sekisho.command('check').stderr.split('\n').filter(line => line.startsWith('config/plugins/set.lua')).sort()
  }
  assert.deepEqual(flaws('return { most = 2, odd = 3, server = "lobby" }'), [])
  assert.deepEqual(flaws('return {\nserver = "lobbi",\npurpose = "profit",\nmost = 9,\nodd = 2,\n}'), [
    'config/plugins/set.lua:2: server = "lobbi" is no server; did you mean "lobby"?',
    'config/plugins/set.lua:3: purpose = "profit" is no purpose of the policy; add it to policy.lua, or write another',
    'config/plugins/set.lua:4: most has to be 8 or less',
    'config/plugins/set.lua:5: odd has to be odd'
  ])
  assert.match(flaws('return { most = 1 }').join(), /most has to be 2 or more/)
  assert.match(flaws('return { server = "arena" }').join(), /server = "arena" is no server; write one of/)
  for (const [wrong, words] of [
    ['{ serve = "server" }', /plugins\/set\.lua:2: settings: a check is of "serve", which has no default/],
    ['{ server = { min = "x" } }', /settings: min has to be a number$/m],
    ['{ server = "sever" }', /there is no check "sever"; "server", "purpose", \{ min = 1, max = 9 \} and functions are known/],
    ['{ most = { least = 1 } }', /settings: .*least/],
    ['{ list = "server" }', /settings: the check of "list" is for texts/],
    ['{ server = { min = 1 } }', /settings: the check of "server" is for numbers/],
    ['{ odd = function() error("no") end }', /plugins\/set\.lua:2: no/]
  ]) {
    sekisho.write('plugins/set.lua', manifest('set') + `settings({ ${defaults} }, ${wrong})`)
    const { status, stderr } = sekisho.command('check')
    assert.equal(status, 1)
    assert.match(stderr, words)
  }
})

test('an optional plugin sleeps until it has settings, and again when they are gone', async t => {
  const sekisho = folder(t, { 'opt.lua': manifest('opt', 'optional = true') + 'settings { a = 1 }' })
  await sekisho.start()
  assert.doesNotMatch(sekisho.stderr, /error/)
  assert.equal(list(sekisho).opt.state, 'asleep')
  sekisho.write('config/plugins/opt.lua', 'return {}')
  await says(sekisho, /plugin=opt version 1\.0\.0 is loaded/)
  fs.rmSync(sekisho.path('config/plugins/opt.lua'))
  await says(sekisho, /plugin=opt was unloaded: it has no settings any more/)
})

test('a plugin in a folder has parts, each read once, and none from outside', async t => {
  const sekisho = folder(t, {
    'big/init.lua': manifest('big') + 'local one, two = include "one", include "lib/two"\nlog.info(one.name .. two.one.name)',
    'big/one.lua': 'log.info("read") return { name = "one" }',
    'big/lib/two.lua': 'log.info(tostring(include "none") .. tostring(include "none")) return { one = include "one" }',
    'big/none.lua': ''
  })
  await sekisho.start()
  assert.match(sekisho.stderr, /plugin=big truetrue/)
  assert.match(sekisho.stderr, /plugin=big oneone/)
  assert.equal(sekisho.stderr.match(/plugin=big read/g).length, 1)
  sekisho.write('plugins/big/one.lua', 'return { name = "eins" }')
  await says(sekisho, /plugin=big einseins/)
  sekisho.write('secret.lua', 'return 1')
  fs.symlinkSync('../../secret.lua', sekisho.path('plugins/big/link.lua'))
  const outside = [['link', /leads out of the plugin's folder/], ['../secret', /takes the name of a file in plugins\/big/],
    ['/etc/passwd', /takes the name of a file/], ['nobody', /plugins\/big\/nobody\.lua cannot be read/], ['init', /includes itself/]]
  for (const [name, told] of outside) {
    sekisho.write('plugins/big/init.lua', manifest('big') + `include "${name}"`)
    const { status, stderr } = sekisho.command('check')
    assert.equal(status, 1, name)
    assert.match(stderr, told)
    assert.match(stderr, /plugins\/big\/init\.lua:2: /)
  }
})

const counting = words => manifest('count', 'reads = { ["player.name"] = "service" }') + `
local count = 0
on("plugin.save", function() return { count = count, list = { 1, "zwei", true } } end)
on("plugin.restore", function(state) count = state.count + #state.list * 100 end)
on("proxy.start", function() log.info("starts with " .. count .. " and " .. #players()) end)
command("count", function(player) count = count + 1 return "${words} " .. count .. " " .. player.name end)
`

test('saving a plugin replaces it while players play, and hands its state on', async t => {
  const { backend, sekisho, join } = await scene(t, { version, rules: '', files: { 'plugins/count.lua': counting('old') } })
  const player = await letIn(join({}))
  player.type('/count')
  await player.hears(`old 1 ${player.username}`)
  sekisho.write('plugins/count.lua', counting('new'))
  await says(sekisho, /starts with 301 and 1/)
  player.type('/count')
  await player.hears(`new 302 ${player.username}`)
  sekisho.write('plugins/count.lua', counting('bad') + 'nonsense()')
  await says(sekisho, /plugins\/count\.lua:\d+: there is no "nonsense" here/)
  player.type('/count')
  await player.hears(`new 303 ${player.username}`)
  assert.match(list(sekisho).count.why, /nonsense/)
  fs.rmSync(sekisho.path('plugins/count.lua'))
  await says(sekisho, /plugin=count was unloaded: its file is gone/)
  await chatRoundTrip(player, backend, 'still here')
  assert.deepEqual(player.errors, [])
})

test('a player whose event waits in a plugin goes on when that plugin is replaced or unloaded', async t => {
  const waits = manifest('waits') + `on("player.login", function() log.info("waits") sleep(600) end)
    on("player.disconnect", function() sleep(600) end)
    every(0.05, function() sleep(600) end)
    command("stay", function() sleep(600) end)`
  const { sekisho, join } = await scene(t, { version, rules: '', files: { 'plugins/waits.lua': waits } })
  const player = join({})
  await says(sekisho, /plugin=waits waits/)
  await until(sekisho, 'the plugin to wait', () => list(sekisho).waits.waiting === 2)
  assert.equal(sekisho.command('plugins', 'reload', 'waits').status, 0)
  await letIn(player)
  player.type('/stay')
  const second = join({})
  await until(sekisho, 'another to wait', () => sekisho.stderr.match(/plugin=waits waits/g).length === 2)
  assert.equal(sekisho.command('plugins', 'unload', 'waits').status, 0)
  await letIn(second)
  assert.deepEqual(list(sekisho).waits.state, 'unloaded')
})

test('what waits behind a handler of the old version is heard by the new one', async t => {
  const waits = which => manifest('waits') + `on("player.chat", function() log.info("waits") sleep(600) end)
    on("proxy.start", function() log.info("${which} starts") end)
    on("player.disconnect", function() log.info("${which} hears them leave") end)`
  const { sekisho, join } = await scene(t, { version, rules: '', files: { 'plugins/waits.lua': waits('old') } })
  const player = await letIn(join({}))
  player.type('hello')
  await says(sekisho, /plugin=waits waits/)
  player.leave()
  await says(sekisho, /closed in state/)
  sekisho.write('plugins/waits.lua', waits('new'))
  await says(sekisho, /new starts[^]*new hears them leave/)
})

test('sekisho plugins reload, unload and load', async t => {
  const sekisho = folder(t, {
    'base.lua': manifest('base'),
    'top.lua': manifest('top', 'depends = { "base" }'),
    'x.lua': manifest('x') + 'every(10, function() end)'
  })
  await sekisho.start()
  const ask = (...words) => {
    const { status, stdout, stderr } = sekisho.command('plugins', ...words)
    return [status, stdout + stderr]
  }
  const anew = name => `plugin ${name}: version 1.0.0 is loaded, after 1.0.0\n`
  assert.deepEqual(ask('reload', 'base'), [0, anew('base') + anew('top')])
  const [status, text] = ask('unload', 'base')
  assert.equal(status, 1)
  assert.match(text, /plugin base: was unloaded by hand\nplugin top: was unloaded: it depends on a plugin that is gone\n/)
  assert.deepEqual(Object.values(list(sekisho)).map(({ state }) => state), ['unloaded', 'failed', 'runs'])
  assert.deepEqual(ask('load', 'base'), [0, 'plugin base: version 1.0.0 is loaded\nplugin top: version 1.0.0 is loaded\n'])
  assert.match(ask('load', 'base')[1], /plugin base: runs already; `reload` reads it anew/)
  assert.match(ask('reload', 'bose')[1], /there is no plugin "bose"; did you mean "base"\?/)
  const { x } = list(sekisho)
  assert.equal(x.timers, 1)
  t.diagnostic(`an idle plugin holds ${(x.memory_bytes / 1024).toFixed(0)} KiB`)
  assert.ok(x.memory_bytes < 100 * 1024, `${x.memory_bytes} bytes`)
  assert.match(ask()[1], /^base +1\.0\.0 +runs +\d+ KiB/)
  await sekisho.stop()
  assert.match(ask()[1], /no Sekisho runs with config\/sekisho\.lua; this is what would be loaded\nbase +1\.0\.0 +runs/)
})

const quick = name => `${manifest(name)}
local n = 0
every(0.05, function() n = n + 1 if n > 3 then return end log.info("beat") end)
`

test('a plugin that fails and fails is switched off, and a reload tries it again', async t => {
  const fails = 'local function deep() error("oh no") end\nevery(0.05, function()\n  deep()\nend)'
  const sekisho = folder(t, { 'bad.lua': manifest('bad') + fails, 'good.lua': quick('good') })
  await sekisho.start()
  await says(sekisho, /plugin=bad is switched off: 20 errors within a minute; .*`sekisho plugins reload bad`/)
  assert.equal(sekisho.stderr.match(/plugin=bad plugins\/bad\.lua:2: oh no/g).length, 20)
  assert.equal(sekisho.stderr.match(/plugin=bad {3}at plugins\/bad\.lua:4: /g).length, 1)
  assert.doesNotMatch(sekisho.stderr, /file0/)
  const { bad, good } = list(sekisho)
  assert.deepEqual([bad.state, bad.why, bad.errors, bad.timers], ['off', '20 errors within a minute', 20, 0])
  assert.equal(good.state, 'runs')
  assert.match(sekisho.command('plugins', 'load', 'bad').stdout, /plugin bad: version 1\.0\.0 is loaded, after 1\.0\.0/)
  sekisho.write('plugins/bad.lua', quick('bad'))
  await says(sekisho, /plugin=bad beat/)
  assert.equal(list(sekisho).bad.state, 'runs')
})

test('who could not be asked about by a required plugin does not come in, until a person unloads it', async t => {
  const door = handler => manifest('door', 'required = true') + `on("player.login", function(player, event) ${handler} end)
    on("player.login", { priority = -1 }, function(player, event) event:allow() end)`
  const { sekisho, join } = await scene(t, { version, files: { 'plugins/door.lua': door('error("oh no")') } })
  const words = /^We cannot check just now whether you may join\./
  const renew = text => {
    sekisho.write('plugins/door.lua', text)
    sekisho.command('plugins', 'reload', 'door')
  }
  assert.match(await join().gone(), words)
  await says(sekisho, /plugin=door is required, and its handler of "player\.login" did not come to its end: a player is refused/)
  renew(door('log.info("thinking") sleep(9)'))
  const waiting = join()
  await says(sekisho, /plugin=door thinking/)
  renew(door(''))
  assert.match(await waiting.gone(), words, 'its plugin is gone')
  const inside = join()
  await letIn(inside)
  renew(door('') + 'for _ = 1, 20 do after(0, function() error("again") end) end')
  await says(sekisho, /plugin=door is switched off/)
  assert.match(sekisho.command('plugins').stdout, /is required: nobody comes in until it runs/)
  assert.equal(list(sekisho).door.required, true)
  assert.match(await join().gone(), words)
  await says(sekisho, /plugin=door is required and does not run: a player was refused/)
  sekisho.write('plugins/door.lua', manifest('door', 'required = true') + 'nonsense()')
  sekisho.command('plugins', 'unload', 'door')
  sekisho.command('plugins', 'load', 'door')
  assert.equal(list(sekisho).door.state, 'failed')
  assert.match(await join().gone(), words, 'it did not load')
  sekisho.command('plugins', 'unload', 'door')
  await letIn(join())
  assert.ok(!inside.ended)
})

test('a plugin that takes too long three times is switched off, whatever else it does well', async t => {
  const sekisho = folder(t, {
    'slow.lua': manifest('slow') + 'every(0.05, function() while true do end end)\nevery(0.05, function() end)'
  })
  await sekisho.start()
  await says(sekisho, /plugin=slow is switched off: its calls took too long 3 times within 10 minutes/)
  const { slow } = list(sekisho)
  assert.deepEqual([slow.state, slow.overruns, slow.errors], ['off', 3, 3])
  assert.ok(slow.busy_ms > 1)
})

test('lengths that change, and recursion that catches its errors, hold nobody up', async t => {
  const changing = `local n = 0
    local t = setmetatable({}, {
      __len = function() n = n + 1 return n % 2 == 1 and 0 or math.maxinteger - 1 end, __index = rawlen, __newindex = type,
    })
    after(0, function() table.insert(t, 1, 1) end)
    after(0, function() table.sort(t) end)`
  const deep = `local count = 0
    local function again() if count == 150 then return end count = count + 1 return pcall(again) end
    after(0, function() again() log.info("calls " .. count) end)`
  const sekisho = folder(t, { 'changing.lua': manifest('changing') + changing, 'deep.lua': manifest('deep') + deep })
  await sekisho.start()
  await says(sekisho, /plugin=deep calls 100/)
  await until(sekisho, 'both errors', () => sekisho.stderr.match(/changing\.lua:\d: a table whose metatable has __len/g)?.length === 2)
})

test('what is no file, or cannot be read, is told once, and nothing waits for it', async t => {
  const sekisho = folder(t, {
    'parts/init.lua': manifest('parts') + 'include "part"',
    'parts/part.lua': '',
    'same.lua': manifest('same'),
    'twin.lua': manifest('same')
  })
  fs.mkdirSync(sekisho.path('plugins/folder.lua'))
  execFileSync('mkfifo', [sekisho.path('plugins/pipe.lua')])
  await sekisho.start()
  assert.match(sekisho.stderr, /plugins\/folder\.lua: is a folder; a file is meant/)
  assert.match(sekisho.stderr, /plugins\/pipe\.lua: is a pipe or a device; a file is meant/)
  fs.rmSync(sekisho.path('plugins/parts/part.lua'))
  await says(sekisho, /plugins\/parts\/init\.lua:2: plugins\/parts\/part\.lua cannot be read/)
  assert.equal(sekisho.command('reload').status, 0)
  assert.equal(sekisho.stderr.match(/part\.lua cannot be read/g).length, 1)
  const { parts, 'plugins/pipe.lua': pipe } = list(sekisho)
  assert.deepEqual([parts.state, pipe.state, pipe.why], ['runs', 'failed', 'plugins/pipe.lua: is a pipe or a device; a file is meant'])
  sekisho.write('plugins/parts/part.lua', '')
  await says(sekisho, /plugin=parts version 1\.0\.0 is loaded, after/)
  assert.equal(list(sekisho).parts.why, null)
  assert.equal(sekisho.stderr.match(/twin\.lua:1: the plugin "same" is plugins\/same\.lua already/g).length, 1)
  fs.rmSync(sekisho.path('plugins/same.lua'))
  await until(sekisho, 'its twin to be loaded', () => sekisho.stderr.match(/plugin=same version 1\.0\.0 is loaded/g).length === 2)
})

test('a line of the log is one line, and 200 of a plugin within a second are enough', async t => {
  const loud = 'log.info("two\\nlines\\27[31m\\u{9b}31m")\nevery(0.05, function() for i = 1, 500 do log.info("loud " .. i) end end)'
  const sekisho = folder(t, { 'loud.lua': manifest('loud') + loud })
  await sekisho.start()
  assert.match(sekisho.stderr, /plugin=loud two lines \[31m {2}31m\n/)
  await says(sekisho, /plugin=loud logs more than 200 lines within a second; the others are left out/)
  assert.doesNotMatch(sekisho.stderr, /loud 500/)
})

test('messages reach who listened before them, once, and nobody is swamped by them', async t => {
  const sekisho = folder(t, {
    'sends.lua': manifest('sends') + `on("proxy.start", function()
      publish("sends.grow", { 1, "zwei", { drei = true } })
      for i = 1, 90 do publish("sends.much", i) end
      log.info(select(2, pcall(publish, "sends.it", { [1] = 1, x = 2 })))
      log.info(select(2, pcall(publish, "other.it", 1)))
      log.info(select(2, pcall(publish, "sends.it", ("x"):rep(70000))))
      for i = 1, 20 do pcall(publish, "sends.much", i) end
      log.info(select(2, pcall(publish, "sends.it", 1)))
    end)`,
    'hears.lua': manifest('hears') + `local heard = 0
    local function grow(value, from)
      heard = heard + 1
      on_message("sends.grow", grow)
      log.info("heard " .. heard .. " " .. value[2] .. " " .. tostring(value[3].drei) .. " from " .. from)
    end
    on_message("sends.grow", grow)
    on_message("sends.much", function(value) sleep(3600) end)`
  })
  await sekisho.start()
  await says(sekisho, /plugin=hears heard 1 zwei true from sends/)
  await says(sekisho, /plugin=hears 64 of its calls for messages on "sends\.much" wait; until one is done, it hears no more/)
  assert.doesNotMatch(sekisho.stderr, /heard 2/)
  const { hears, sends } = list(sekisho)
  assert.deepEqual([hears.state, hears.waiting, sends.state], ['runs', 64, 'runs'])
  assert.match(sekisho.stderr, /plugin=sends a table for JSON has either the keys 1, 2, 3/)
  assert.match(sekisho.stderr, /plugin=sends publish: this plugin's topics begin with "sends\."/)
  assert.match(sekisho.stderr, /plugin=sends publish: a message has 64 KiB at most/)
  assert.match(sekisho.stderr, /plugin=sends publish: more than 100 messages within a second/)
  assert.equal(sekisho.command('plugins', 'reload', 'hears').status, 0)
})

test('a plugin that unloads itself takes with it those that depend on it', async t => {
  const sekisho = folder(t, {
    'base.lua': manifest('base') + 'on("proxy.start", unload)',
    'middle.lua': manifest('middle', 'depends = { "base" }'),
    'top.lua': manifest('top', 'depends = { "middle" }')
  })
  await sekisho.start()
  await until(sekisho, 'all to go', () => Object.values(list(sekisho)).every(({ state }) => state !== 'runs'))
  assert.equal(list(sekisho).top.why, 'depends on "middle", which is not loaded; see there')
  assert.equal(sekisho.command('plugins', 'load', 'base').status, 0)
  await until(sekisho, 'all to go again', () => sekisho.stderr.match(/plugin=top was unloaded/g)?.length === 2)
})

test('a plugin that unloads itself after it waited is not needed by the words that waited behind', async t => {
  const ends = manifest('ends') + 'on("player.chat", function() sleep(0.2) unload() end)'
  const { backend, sekisho, join } = await scene(t, { version, rules: '', files: { 'plugins/ends.lua': ends } })
  const player = await letIn(join({}))
  for (const words of ['one', 'two', 'three']) player.type(words)
  await says(sekisho, /plugin=ends has unloaded itself/)
  await chatRoundTrip(player, backend, 'four')
})

test('a plugin may unload itself, and register while an event is told', async t => {
  const sekisho = folder(t, {
    'ends.lua': manifest('ends') + 'every(0.05, function() unload() log.info("last words") end)',
    'more.lua': manifest('more') + `local n = 0
      local function again() n = n + 1 log.info("heard " .. n) on("proxy.start", again) end
      on("proxy.start", again)`
  })
  await sekisho.start()
  await says(sekisho, /plugin=ends has unloaded itself/)
  assert.equal(sekisho.stderr.match(/last words/g).length, 1)
  assert.deepEqual([list(sekisho).ends.state, list(sekisho).ends.why], ['unloaded', 'has unloaded itself'])
  assert.equal(sekisho.stderr.match(/plugin=more heard/g).length, 1)
})

test('state that cannot be kept is told, and the new version comes without it', async t => {
  const sekisho = folder(t, {})
  const text = save => manifest('s') + `on("plugin.save", function() ${save} end)
    on("plugin.restore", function() log.info("restored") end)
    log.info("read")`
  sekisho.write('plugins/s.lua', text('return { f = function() end }'))
  await sekisho.start()
  const endless = 'local t = {} for i = 1, 60 do t = { t, t } end return t'
  const saves = [[endless, /what plugin\.save returns cannot be kept: .*function/],
    ['sleep(1)', /what plugin\.save returns cannot be kept: this ran for too long/],
    ['error("x")', /its handler of "plugin\.save" waits/], ['', /plugins\/s\.lua:2: x/]]
  for (const [save, told] of saves) {
    sekisho.write('plugins/s.lua', text(save))
    await says(sekisho, told)
  }
  await until(sekisho, 'five readings', () => sekisho.stderr.match(/plugin=s read/g).length === 5)
  assert.doesNotMatch(sekisho.stderr, /restored/)
})

test('sekisho plugin new writes a plugin that works, its test, and what editors read', async t => {
  const sekisho = folder(t, {})
  const made = sekisho.command('plugin', 'new', 'greeter')
  assert.equal(made.status, 0, made.stderr)
  assert.deepEqual(made.stdout.trim().split('\n'),
    ['plugins/greeter.lua', 'plugins/greeter_test.lua', 'plugins/.types/sekisho.lua', 'plugins/.luarc.json'])
  const checked = sekisho.command('check')
  assert.equal(checked.status, 0, checked.stderr)
  const tested = sekisho.command('test')
  assert.equal(tested.stdout, 'ok    who joins is welcomed\nok    /greeter says hello\n2 passed, 0 failed\n', tested.stderr)
  JSON.parse(fs.readFileSync(sekisho.path('plugins/.luarc.json'), 'utf8'))
  const again = sekisho.command('plugin', 'new', 'greeter')
  assert.equal(again.status, 1)
  assert.match(again.stderr, /plugins\/greeter\.lua is there already; choose another name/)
  for (const name of ['../x', 'A', 'a.b', '']) assert.equal(sekisho.command('plugin', 'new', name).status, 1, name)
})

test('the types that editors read are Lua, and name every event', t => {
  const sekisho = folder(t, {})
  const { status, stdout } = sekisho.command('plugin', 'types')
  assert.equal(status, 0)
  assert.match(stdout, /^---@meta/)
  assert.match(stdout, /---@class manifest\n/)
  assert.match(stdout, /"player\.join"/)
  const known = new Set(['string', 'integer', 'number', 'boolean', 'table', 'function', 'any', 'nil', 'fun'])
  for (const [, name] of stdout.matchAll(/^---@(?:class|alias) (\w+)/gm)) known.add(name)
  for (const [line, what] of stdout.matchAll(/^---@(?:(?:param|field|alias) \S+|return|overload|operator \w+) ?(.*)$/gm)) {
    const names = what.replace(/"[^"]*"/g, '').replace(/\w+\??:/g, '').match(/[a-z_]\w*/g) ?? []
    for (const name of names) assert.ok(known.has(name), `${name} of ${line}`)
  }
  sekisho.write('plugins/types.lua', manifest('types') + stdout) // what they declare can be run
  const checked = sekisho.command('check')
  assert.equal(checked.status, 0, checked.stderr)
})
