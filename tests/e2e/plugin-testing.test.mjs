// `sekisho test` and plugins: pretended players see what real ones would.
import test from 'node:test'
import assert from 'node:assert/strict'
import fs from 'node:fs'
import { Sekisho } from './lib/sekisho.mjs'

const servers = {
  lobby: { address: '127.0.0.1:1', rules: 'scripts/lobby.lua' },
  arena: { address: '127.0.0.1:2', rules: 'scripts/arena.lua', forwarding: 'modern', hosts: ['event.test', 'closed.test'] }
}
const rules = {
  'scripts/lobby.lua': 'forward "player.name" {}\nforward "connection.ip" { form = truncate(16, 32) }\n',
  'scripts/arena.lua': ''
}
const manifest = 'plugin { name = "greeter", version = "1.0.0", ' +
  'reads = { ["player.name"] = "service", ["connection.ip"] = "service" } }\n'

// Runs these tests of this plugin: what was printed, line by line.
function run (t, plugin, tests, files = {}) {
  const sekisho = new Sekisho({ servers,
    files: { ...rules, 'plugins/greeter.lua': manifest + plugin, 'plugins/greeter_test.lua': tests, ...files } })
  t.after(() => sekisho.dispose())
  const { status, stdout, stderr } = sekisho.command('test', '-c', 'config/sekisho.lua')
  assert.equal(stderr, '')
  return { status, stdout, lines: stdout.trim().split('\n') }
}

// All of them are right.
function right (t, plugin, tests, files) {
  const { status, stdout } = run(t, plugin, tests, files)
  assert.equal(status, 0, stdout)
}

const greeter = `
on("player.join", function(player)
  player:send("Hello, " .. player.name .. " from " .. (player:field("connection.ip") or "nowhere"))
  sleep(60)
  player:title("A minute", "has gone")
end)
every(30, function() for _, each in ipairs(players()) do each:action_bar("tick") end end)
on("player.chat", function(player, event) event:deny("Quiet.") end)
on("player.disconnect", function() log.info("left") end)
command("arena", { permission = "arena.use" }, function(player) player:connect("arena") end)
`

test('players join, read, wait without waiting, type and go', t => right(t, greeter, `
test("it", function()
  local mika = join { name = "Mika", address = "192.0.2.77", permissions = { "arena.use" } }
  mika:sees("Hello, Mika from 192.0.0.0")
  expect(mika.server, "lobby")
  advance(59)
  expect(mika.title, nil)
  expect(mika.action_bar, "tick")
  advance(1)
  expect(mika.title, "A minute") expect(mika.subtitle, "has gone")
  mika:chat("hello")
  mika:sees("Quiet.")
  expect(#mika.said, 0)
  mika:command("/arena")
  expect(mika.server, "arena")
  mika:command("home")
  expect(mika.said[1], "/home")
  mika:leave()
  local found = false
  for _, line in ipairs(log_lines()) do found = found or line == "info plugin=greeter left" end
  expect(found, true)
end)
test("each begins anew", function()
  local ken = join { name = "Ken", server = "arena" }
  expect(ken.server, "arena")
  expect(#ken.messages, 1)
  ken:kick("Out you go")
  ken:sees("Out you go")
end)
test("the permission is needed", function()
  local ken = join { name = "Ken" }
  ken:command("/arena")
  expect(ken.server, "lobby")
end)`))

test('with settings and servers of the test', t => right(t, `
local own = settings { word = "usual", many = 1 }
command("word", {}, function(player) player:connect("two") return own.word .. own.many end)`, `
with_servers { "one", "two" }
with_settings [[return { word = "other" }]]
test("it", function()
  local mika = join { name = "Mika", server = "one" }
  mika:command("/word")
  mika:sees("other1")
  expect(mika.server, "two")
end)`))

// What a handler or a command does wrong, and what is told behind the line of it.
const misused = {
  'return player.uuid': 'this plugin does not say that it reads player.uuid; add reads',
  'return {}': '/w2 returned a table; a command returns a text, or nothing',
  'error({})': 'ended with an error that is no text; give `error` one',
  'player.send("a")': 'send is called with a colon: player:send(...)',
  'player:sendMessage("a")': 'a player has no "sendMessage"; did you mean "send"?',
  'return player.name:lower()': 'a value has no "lower"; it is shown, and read by value:read() alone',
  'player:title("a", nil, { stay = -1 })': 'title: stay has to be a number from 0 to '
}

test('mistakes are told with their line and a remedy', t => {
  const bodies = Object.keys(misused)
  const { status, lines } = run(t, '\n' + bodies.map((body, i) => `command("w${i + 1}", function(player) ${body} end)\n`).join(''),
    bodies.map((_, i) => `test("${i + 1}", function() join { name = "Mika" }:command("/w${i + 1}") end)\n`).join(''))
  assert.equal(status, 1)
  const told = lines.filter(line => line.startsWith('FAIL'))
  Object.values(misused).forEach((words, i) =>
    assert.ok(told[i].includes(`${i + 1}: the plugin: plugins/greeter.lua:${i + 3}: ${words}`), told[i]))
})

test('who has left is told nothing, and the test goes on', t => right(t, `
on("player.disconnect", function(player) player:send("Farewell") end)`, `
test("it", function()
  local mika = join { name = "Mika" }
  mika:chat("hello") mika:command("/home")
end)`))

test('a login that a handler delays, and refuses', t => right(t, `
on("player.login", function(player, event) sleep(2) event:deny("Not you.") end)`, `
test("it", function()
  local mika = join { name = "Mika" }
  mika:misses("Not you.")
  advance(2)
  mika:sees("Not you.")
  expect(mika.online, false)
end)
test("one who leaves before", function() join { name = "Mika" }:leave() advance(10) end)`))

test('a plugin in a folder, its tests there, and another plugin beside it', t => right(t, '', `
with_plugin "shop"
test("a", function() join { name = "Ann" }:sees("Shop") end)`, {
  'plugins/shop/init.lua': 'plugin { name = "shop", version = "1.0.0" }\non("player.join", function(player) player:send("Shop") end)',
  'plugins/shop/open_test.lua': 'test("b", function() join { name = "Ann" }:sees("Shop") end)'
}))

// The plugins and tests that a page shows, each under the name of its first line.
function shown (page) {
  const text = fs.readFileSync(new URL(`../../${page}`, import.meta.url), 'utf8')
  return Object.fromEntries([...text.matchAll(/```lua\n-- (\S+\.lua)\n([^]*?)```/g)].map(([, path, lua]) => [path, lua]))
}

test('what the guide shows passes', t => {
  const sekisho = new Sekisho({ files: { ...rules, ...shown('docs/plugins-testing.md') },
    servers: { lobby: servers.lobby, survival: { address: '127.0.0.1:2', rules: 'scripts/lobby.lua' } } })
  t.after(() => sekisho.dispose())
  const { status, stdout } = sekisho.command('test', '-c', 'config/sekisho.lua')
  assert.equal(status, 0, stdout)
  assert.match(stdout, /^4 passed, 0 failed$/m)
})

test('the plugin of the README greets in the waiting room, where no rules give a name', t => {
  const sekisho = new Sekisho({ files: { ...shown('README.md'),
    'plugins/greeter_test.lua': 'test("it", function() join { name = "Mika" }:sees("Welcome, ?") end)' } })
  t.after(() => sekisho.dispose())
  const { status, stdout } = sekisho.command('test', '-c', 'config/sekisho.lua')
  assert.equal(status, 0, stdout)
})

const clicks = `
on("player.join", function(player)
  player:send(text { "Reason", suggest = "/warn now " })
  player:send(text { "Warn", run_command = "/warn" })
end)
command("warn", { arguments = { { "now", "word", optional = true }, { "why", "greedy", optional = true } } }, function(_, arguments)
  return "warned: " .. (arguments.why or "for nothing")
end)`

test('what stands in the chat is clicked', t => right(t, clicks, `
test("it", function()
  local mika = join { name = "Mika" }
  mika:click("Reason", "he shouts")
  mika:click("Warn")
  expect(mika.messages, { "Reason", "Warn", "warned: he shouts", "warned: for nothing" })
end)`))

test('a newcomer reads, and accepts', t => right(t, `
on("consent.shown", function() log.info("shown") end)
on("consent.given", function() log.info("given") end)`, `
local function of_the_plugin()
  local lines = {}
  for _, line in ipairs(log_lines()) do if contains(line, "plugin=") then table.insert(lines, line) end end
  return lines
end
test("it", function()
  local mika = join { name = "Mika", newcomer = true }
  expect(mika.server, nil)
  expect(of_the_plugin(), { "info plugin=greeter shown" })
  mika:command("/accept")
  expect(mika.server, "lobby")
  expect(of_the_plugin(), { "info plugin=greeter shown", "info plugin=greeter given" })
end)`))

test('requests stay here, and are answered by the test', t => {
  const sekisho = new Sekisho({ servers, files: { ...rules,
    'plugins/hook.lua': `
plugin { name = "hook", version = "1.0.0", reads = { ["player.name"] = "analytics" },
  hosts = { ["hook.test"] = { purpose = "analytics", reason = "the list on our page" } } }
on("player.join", function(player)
  local answer, why = http.post { url = "https://hook.test/join", json = { who = player.name } }
  player:send(answer and answer.status .. " " .. answer.body or why)
end)`,
    'plugins/hook_test.lua': `
local function said(purposes)
  return join { name = "Mika", purposes = purposes }.messages[1]
end
test("an answer", function()
  http_answers { ["https://hook.test/join"] = { status = 201, json = { ok = true } }, ["https://hook.test/*"] = "not this" }
  expect(said { "analytics" }, '201 {"ok":true}')
  local asked = http_asked()
  expect(#asked, 1)
  expect(asked[1].method .. " " .. asked[1].url, "POST https://hook.test/join")
  expect(asked[1].json, { who = "Mika" })
  expect(asked[1].headers["Content-Type"], "application/json")
end)
test("none of who did not agree", function()
  http_answers { ["https://hook.test/*"] = {} }
  expect(said(), "200 ")
  expect(http_asked()[1].json, {})
end)
test("no connection", function()
  http_answers { ["https://hook.test/*"] = "it is down" }
  expect(said { "analytics" }, "it is down")
end)
test("no answer", function() expect(contains(said { "analytics" }, "nothing leaves in a test"), true) end)` } })
  t.after(() => sekisho.dispose())
  const { status, stdout } = sekisho.command('test', '-c', 'config/sekisho.lua')
  assert.equal(status, 0, stdout)
  const some = sekisho.command('test', '-c', 'config/sekisho.lua', '--only', 'connection')
  assert.equal(some.stdout, 'ok    no connection\n1 passed, 0 failed\n')
  const none = sekisho.command('test', '-c', 'config/sekisho.lua', '--only', 'conection')
  assert.equal(none.status, 1)
  assert.match(none.stderr, /no test has "conection" in its name/)
})

test('the server list is looked at', t => right(t, `
on("connection", function(event) if event.host == "closed.test" then event:deny() end end)
on("ping", function(event)
  if event.host then event:show { description = "at " .. event.host, version = "Full", hover = "one\\ntwo", online = 3, max = 4 } end
end)
on("server.choose", function(player) player:send("chosen") end)`, `
test("it", function()
  local seen = ping { host = "event.test" }
  expect(seen.description, "at event.test")
  expect(seen.version .. " " .. seen.hover .. " " .. seen.online .. " " .. seen.max, "Full one\\ntwo 3 4")
  expect(ping().online, 0)
  expect(ping { host = "closed.test" }, nil)
  expect(join { name = "Mika", host = "event.test" }.server, "arena")
end)`))

const wrong = {
  'what is not seen is told with what is': [greeter,
    'test("it", function()\n  join { name = "Mika" }:sees("Bye")\nend)',
    /^FAIL {2}plugins\/greeter_test.lua:2: it: Mika does not see "Bye"; what they see: chat: "Hello, Mika from 192\.0\.0\.0"$/],
  'what should be missing': [greeter, 'test("it", function() join { name = "Mika" }:misses("Hello") end)',
    /:1: it: Mika does see "Hello"; what they see: chat/],
  'an error in the plugin': [
    'on("player.join", function() nothing() end)', 'test("it", function() join { name = "Mika" } end)',
    /^FAIL {2}plugins\/greeter_test.lua:1: it: the plugin: plugins\/greeter.lua:2: there is no "nothing" here$/],
  'a field that the rules do not give': [
    'on("player.join", function(player) player:send(translated { en = "Hello" } .. player:field("connection.ip")) end)',
    'test("it", function() join { name = "Mika", server = "arena" } end)',
    /nil cannot be joined with a text; .*write \(player.name or "\?"\)/],
  'a plugin that does not load': ['oops()', 'test("it", function() join { name = "Mika" } end)',
    /:1: it: the plugin does not load: plugins\/greeter.lua:2: there is no "oops"/],
  'a server that is not there': ['', 'test("it", function() join { name = "Mika", server = "loby" } end)', /there is no server "loby"/],
  'a key that is not there': ['', 'test("it", function() join { nam = "Mika" } end)', /there is no "nam"; did you mean "name"/],
  'a name that nobody has': ['', 'test("it", function() join { name = "M" .. string.char(10) } end)',
    /there is no "string"|name has to be a player's/],
  'what tables have': ['', 'test("it", function() expect({ 1, a = "\\"" }, { 1, { 2 } }, "the list") end)',
    /:1: it: the list: expected { 1, { 2 } }, got { 1, a = "\\"" }$/],
  'what can be clicked': [clicks, 'test("it", function() join { name = "Mika" }:click("No") end)',
    /:1: it: Mika has no "No" to click; what they can click: "Warn", "Reason"$/],
  'words for a button': [clicks, 'test("it", function() join { name = "Mika" }:click("Warn", "him") end)', /this is a button/],
  'an answer of a wrong key': ['', 'test("it", function() http_answers { ["https://a.test/"] = { statu = 1 } } end)',
    /did you mean "status"/],
  'an answer that is none': ['', 'test("it", function() http_answers { ["https://a.test/"] = 1 } end)', /http_answers takes/],
  'what a player has not': ['',
    'test("it", function() join { name = "Mika" }:comand("/x") end)', /has no "comand"; did you mean "command"/],
  'a player outside of tests': ['', 'join { name = "Mika" }', /players join within tests/]
}

for (const [what, [plugin, tests, line]] of Object.entries(wrong)) {
  test(`told: ${what}`, t => {
    const { status, lines } = run(t, plugin, tests)
    assert.equal(status, 1)
    assert.match(lines[0], line)
  })
}

test('plugins tell each other', t => right(t, `
on_message("shop.sold", function(value, from) log.info(json.encode(value) .. " " .. from) end)
on_message("shop.sold", function(value) value.what = "mine" end)`, `
with_plugin "shop"
local function logged(part)
  for _, line in ipairs(log_lines()) do if contains(line, part) then return true end end
  return false
end
test("copies, in a later turn", function()
  advance(1)
  expect(logged('plugin=shop said'), true)
  expect(logged('plugin=greeter {"list":[1,2],"what":"apple"} shop'), true)
end)
test("what cannot be told", function()
  join { name = "Mika" }
  for _, part in ipairs { 'topics begin with "shop."', "which could be read", "more than 100 messages", "64 KiB",
                          "a function cannot", "is the name of" } do
    expect(part .. " " .. (logged(part) and "yes" or "no"), part .. " yes")
  end
end)`, { 'plugins/shop.lua': `
plugin { name = "shop", version = "1.0.0", reads = { ["player.name"] = "service" } }
after(1, function()
  local what = { what = "apple", list = { 1, 2 } }
  publish("shop.sold", what)
  log.info("said")
end)
local function try(...) local ok, why = pcall(publish, ...) if not ok then log.info(why) end end
on("player.join", function(player)
  try("greeter.x", 1) try("shop.x", player.name) try("shop.x", { string.rep("x", 65536) }) try("nodot", 1)
  try("shop.x", function() end)
  for i = 1, 101 do try("shop.x", i) end
end)` }))

test('a time of the day, and the time itself', t => right(t, `
local began = now()
at("04:30", function() log.info("at " .. date("%H:%M") .. " " .. (now() - began <= 86400 and "soon" or "late")) end)
for _, wrong in ipairs { "4:30", "24:00", "12:60", "noon", "" } do log.info(tostring(pcall(at, wrong, function() end))) end
log.info(tostring(pcall(date, "%q")) .. " " .. date("%F", 0))`, `
test("it", function()
  advance(86400 * 3)
  local count, wrong = 0, 0
  for _, line in ipairs(log_lines()) do
    if contains(line, "at 04:30") then count = count + 1 end
    if line == "info plugin=greeter false" then wrong = wrong + 1 end
  end
  expect(count, 3)
  expect(wrong, 5)
end)`))
