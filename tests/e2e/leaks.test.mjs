// Plugins that try to get out what they must not know, to hang the loop, and to crash the process.
import test from 'node:test'
import assert from 'node:assert/strict'
import { startBackend } from './lib/backend.mjs'
import { find } from './lib/canary.mjs'
import { joinAs } from './lib/player.mjs'
import { said, saying } from './lib/plugins.mjs'
import { chatRoundTrip, letIn, scene } from './lib/scene.mjs'
import { startSekisho } from './lib/sekisho.mjs'
import { until } from './lib/wait.mjs'

const reads = 'reads = { ["player.name"] = "service", ["player.uuid"] = "service", ["connection.ip"] = "service", ' +
  '["chat.message"] = "service", ["chat.command"] = "service", ["connection.hostname"] = "service" }'
const manifest = `plugin { name = "spy", version = "1.0.0", ${reads}, hosts = { "127.0.0.1" }, channels = { "spy:channel" } }\n`
const rules = 'forward "connection.hostname" { form = full }\nforward "connection.ip" { form = full }\n'
const words = 'CanaryWordsOfTheChat'
const canaries = { name: 'CanaryMika77', host: 'canaryhost.example.net', chat: words }

// What a plugin did, each by a function of its own: what it answered, or why not.
const tries = calls => calls.map(call => `attempt(function() ${call} end)`).join('\n')

// Twenty in a line, since a plugin may log 200 lines within a second.
const head = `${manifest}
local count, line = 0, {}
function attempt(call)
  count = count + 1
  local ok, what = pcall(call)
  local shown, text = pcall(tostring, what)
  line[#line + 1] = count .. " " .. tostring(ok) .. " " .. tostring(shown) .. " " .. text
  if #line == 20 then log.info(table.concat(line, "; ")) line = {} end
end
`.replace('function attempt', 'local function attempt')

async function playing (t, plugin, more = {}) {
  const built = await scene(t, { version: '1.20.4', rules, ...more, files: { 'plugins/spy.lua': plugin, ...more.files } })
  const player = built.join({ username: canaries.name, host: canaries.host })
  await letIn(player)
  return { ...built, player }
}

const ways = [
  'log.info(v)', 'log.warn(v .. v)', 'log.error("it is " .. v)', 'log.info(text { v, bold = true })', 'log.info(translated { en = v })',
  'error(v)', 'error(v .. "")', 'error({ v })', 'assert(false, v)', 'assert(nil, "x" .. v)', 'error("x" .. tostring(v))',
  'return string.format("%s", v)', 'return string.format("%q", v)', 'return string.format("%d", v)', 'return string.format("%p", v) == ""',
  'return v:upper()', 'return string.upper(v)', 'return string.rep(v, 2)', 'return string.len(v)', 'return string.sub(v, 1, 1)',
    'return string.byte(v, 1)', 'return string.reverse(v)',
  'return #v', 'return #(v .. v)', 'return rawlen(v)', 'return rawget(v, 1)', 'return rawset(v, "x", 1)', 'return next(v)',
    'for k, x in pairs(v) do return x end', 'for i, x in ipairs(v) do return x end', 'return select("#", v)',
  'return v == "CanaryMika77"', 'return rawequal(v, "CanaryMika77")', 'return v == player.name', 'return v < "z"', 'return v <= v',
    'return v < v .. ""', 'local l = { v, "a" } table.sort(l) return l[1]',
  'return table.concat({ v, v })', 'return table.concat({ "a" }, v)', 'return table.unpack(v)', 'return v + 1', 'return -v',
    'return v // 1', 'return v & 1', 'return tonumber(v)', 'return tonumber(v, 16)', 'return math.floor(v)', 'return math.max(v, 1)',
    'return math.type(v)',
  'return utf8.len(v)', 'return utf8.codepoint(v, 1)', 'for p, c in utf8.codes(v) do return c end', 'return utf8.char(v)',
  'return v[1]', 'return v.bytes', 'return v.__index', 'return v.__name', 'v.x = 1', 'return v()', 'return setmetatable(v, {})',
    'return setmetatable({}, v)', 'return ("x" .. v).parts', 'return ("x" .. v)[1]', 'return text { v }[1]',
  'return getmetatable(v)', 'return debug.getuservalue(v)', 'return load(v)', 'return require(v)', 'return io.write(v)',
    'return collectgarbage("count")', 'return string.gsub(v, ".", print)', 'return string.find(v, "C")',
    'return string.dump(function() return v end)',
  'return json.encode(v)', 'return json.encode({ v })', 'return json.encode({ [v] = 1 })', 'return json.decode(v)',
    'return json.encode(v .. "")',
  'return store.put("k", v)', 'return store.put("k", { v })', 'return store.put(v, 1)', 'return store.put("k", "x" .. v)',
    'return store.get(v)', 'return store.list(v)', 'return store.add(v, 1)', 'return player:put(v, 1, { purpose = "service" })',
    'return player:put("k", { v }, { purpose = "service" })',
  'return http.get { url = v }', 'return http.get { url = "http://127.0.0.1:1/" .. v }',
    'return http.get { url = "http://127.0.0.1:1/", headers = { X = v } }',
    'return http.get { url = "http://127.0.0.1:1/", headers = { [v] = "x" } }',
    'return http.post { url = "http://127.0.0.1:1/", body = v }', 'return http.post { url = "http://127.0.0.1:1/", json = { v } }',
    'return http.request { method = v, url = "http://127.0.0.1:1/" }',
  'return player:message("spy:channel", v)', 'return player:message(v, "x")', 'return player:set_cookie("k", v)',
    'return player:set_cookie(v, "x")', 'return player:transfer(v)', 'return player:sound(v)', 'return player:may(v)',
    'return player:field(v)', 'return player:connect(v)', 'return person(v)',
  'return player:dialog { title = "t", inputs = { { "n", "text", label = v } } }',
    'return player:dialog { title = "t", inputs = { { "n", "text", label = "x", value = v } } }',
    'return player:dialog { title = "t", inputs = { { v, "text", label = "x" } } }',
  'return player:send(text { "x", suggest = v })', 'return player:send(text { "x", run_command = "/" .. v })',
    'return player:send(text { "x", copy = v })', 'return player:send(text { "x", open_url = v })',
    'return player:send(text { "x", color = v })',
  'return command(v, function() end)', 'return command("x", { description = v }, function() end)', 'return on(v, function() end)',
    'return after(v, function() end)', 'return sleep(v)', 'return event:redirect(v)', 'return v:read()', 'return (v .. ""):read()',
    'return player:boss_bar { text = v, color = v }',
  'local t = { [v] = 1 } for k in pairs(t) do return tostring(k) end',
    'local t = setmetatable({}, { __index = function(_, k) return tostring(k) end }) return t[v]',
    'local t = setmetatable({}, { __concat = function(a, b) return tostring(b) end }) return t .. v',
    'local t = setmetatable({}, { __eq = function(a, b) return b end }) return t == v',
  'error(setmetatable({}, { __tostring = function() return v end }))',
    'return tostring(setmetatable({}, { __tostring = function() return v end }))', 'return tostring(setmetatable({}, { __name = v }))',
    'goto x ::x:: return v.form .. v.field_name'
]

test('nothing that a plugin does with a value tells what it says', async t => {
  const { sekisho, player, backend } = await playing(t, `${head}
on("player.chat", function(player, event)
  local values = { player.name, player.uuid, player:field("connection.hostname"), player:field("connection.ip"), event.text }
  for _, v in ipairs(values) do
    ${tries(ways)}
    sleep(0.01)
  end
  log.info("all tried")
end)`)
  player.type(words)
  await saying(sekisho, /all tried/, 'spy')
  await chatRoundTrip(player, backend, 'still here')
  assert.equal(find({ ...canaries, uuid: player.client.uuid }, Buffer.from(said(sekisho, 'spy').join('\n'))), undefined)
  assert.equal(sekisho.sql('SELECT count(*) AS n FROM plugin_value')[0].n, 0)
})

test('a rule reveals a value to one plugin on one server, and the log stays without it', async t => {
  const reader = name => `plugin { name = "${name}", version = "1", reads = { ["chat.message"] = "service", ["player.name"] = "service" } }
on("player.chat", function(player, event)
  local ok, text = pcall(event.text.read, event.text)
  player:send("${name} " .. tostring(ok) .. " reads " .. string.reverse(tostring(text)))
  player:send("${name} may " .. tostring(event.text.readable))
  log.info("${name} " .. tostring(text))
  log.info("in capitals " .. string.upper(tostring(text)))
  log.info("name " .. tostring(pcall(player.name.read, player.name)))
  error("about " .. tostring(text))
end)
command("say", { arguments = { { "what", "greedy" } } }, function(player, args) log.info("typed " .. args.what) error(args.what) end)
`.replace(/command\("say"/, `command("say${name}"`)
  const { sekisho, player } = await playing(t, reader('filter'), {
    rules: rules + 'reveal "chat.message" { to = "filter", purpose = "service" }\n', files: { 'plugins/other.lua': reader('other') }
  })
  player.type(words)
  await player.hears('filter true reads ' + [...words].reverse().join(''))
  await player.hears('filter may true')
  await player.hears('other false reads')
  await player.hears('other may false')
  await saying(sekisho, /about <chat.message>/, 'filter')
  await saying(sekisho, /in capitals <chat.message>/, 'filter')
  await saying(sekisho, /name false/, 'filter')
  await saying(sekisho,
    /no rule of the server game lets this plugin read chat.message; write reveal .* in scripts\/game.lua/, 'other')
  player.type('/sayfilter CanaryTyped')
  await saying(sekisho, /typed <chat.command>/, 'filter')
  await saying(sekisho, /lua:\d+: <chat.command>/, 'filter')
  assert.equal(find({ ...canaries, typed: 'CanaryTyped' }, Buffer.from(sekisho.stderr)), undefined)
})

test('whoever accepted before a rule revealed a value is not read until they accept anew', async t => {
  const plugin = `${manifest}
on("player.chat", function(player, event) log.info("read " .. type(event.text:read())) end)`
  const { sekisho, player, join } = await playing(t, plugin, { rules: rules + '-- accepted so\n' })
  player.leave()
  await player.gone()
  sekisho.write('scripts/game.lua', rules + 'reveal "chat.message" { to = "spy", purpose = "service" }\n')
  assert.equal(sekisho.command('reload', '-c', 'config/sekisho.lua').status, 0)
  const again = join({ username: canaries.name, host: canaries.host })
  await again.playing()
  again.type(words)
  await saying(sekisho, /read nil/, 'spy')
})

test('one player sees another one\'s values as their own server may know them', async t => {
  const other = await startBackend(t, { version: '1.20.4' })
  const { player, join } = await playing(t, `${manifest}
on("player.chat", function(player, event)
  for _, each in ipairs(players()) do
    if each ~= player then
      each:send("from " .. player.name .. " at " .. player:field("connection.hostname") .. ": " .. event.text)
      each:title(player.name, player:field("connection.hostname"))
      each:boss_bar { text = "bar " .. player.name }
      each:disconnect("out by " .. player.name .. " of " .. player:field("connection.hostname"))
    end
  end
end)`, {
    more: { other: { address: other.address, rules: 'scripts/other.lua', hosts: ['other.example.net'] } },
    files: { 'scripts/other.lua': 'forward "player.uuid" { form = pseudonym }\nforward "player.name" { form = pseudonym }\n' }
  })
  const stranger = join({ host: 'other.example.net' })
  const seen = []
  stranger.client.on('raw', bytes => seen.push(Buffer.from(bytes)))
  await letIn(stranger)
  player.type('no canary')
  await stranger.gone()
  assert.equal(find({ name: canaries.name, host: canaries.host }, Buffer.concat(seen)), undefined)
})

const hangs = [
  'while true do end', 'while true do pcall(function() while true do end end) end',
    'local t = setmetatable({}, { __index = function(t, k) return t[k + 1] end }) return t[1]',
  'local t = setmetatable({}, { __concat = function() while true do end end }) return t .. "x"',
    'return tostring(setmetatable({}, { __tostring = function() while true do end end }))',
  'local x <close> = setmetatable({}, { __close = function() while true do end end })',
    'table.sort({ 3, 2, 1 }, function() while true do end end)', 'return string.rep("x", 1e9)',
    'local t = {} for i = 1, 1e9 do t[i] = i end', 'local s = "x" while true do s = s .. s end',
  'local function f() return f() + 1 end return f()', 'local v = player.name for i = 1, 1e6 do v = v .. "x" end',
    'local v = player.name for i = 1, 1e6 do v = text { v } end',
    'return table.concat(setmetatable({}, { __len = function() return 1e9 end, __index = function() return "x" end }))',
  'for i = 1, 1e6 do after(1000, function() end) end', 'for i = 1, 1e6 do on("proxy.reload", function() end) end',
    'for i = 1, 1e6 do command("c" .. i, function() end) end', 'table.sort({ 3, 2, 1 }, function() sleep(0.01) end)',
    'table.sort({ 3, 2, 1 }, function() store.get("x") end)',
  'local t = setmetatable({}, { __index = function() sleep(0.01) end }) return t.x', 'return select(-1e9, 1)',
    'return utf8.char(table.unpack({}, 1, 1e6))', 'return table.unpack({}, 1, 1e7)', 'return table.move({}, 1, 1e9, 2)',
    'return table.move({}, math.mininteger, math.maxinteger, 2)',
    'table.insert(setmetatable({}, { __len = function() return 1e9 end }), 1, 1)',
    'table.remove(setmetatable({}, { __len = function() return 1e9 end }), 1)',
    'table.sort(setmetatable({}, { __len = function() return 1e9 end }), rawequal)',
    'local t = {} for i = 1, 50000 do t[i] = string.rep("x", 200000) end table.sort(t)', 'return setmetatable({}, 5)',
    'return setmetatable({}, player)', 'return string.format("%" .. string.rep("9", 99) .. "d", 1)', 'return ("x"):rep(-1)',
  'player:send(string.rep("x", 100000))', 'player:send("\\xff\\xfe")', 'player:send("a\\0b")', 'player:title("x", "y", { stay = 0/0 })',
    'player:title("x", "y", { stay = 1/0 })', 'player:title("x", "y", { stay = -1 })', 'player:boss_bar { text = "x", progress = 0/0 }',
    'player:sound(string.rep("n", 65536))', 'player:message("spy:channel", string.rep("x", 1e5))', 'sleep(0/0)', 'sleep(1/0)',
    'sleep(-1)', 'after(1e300, function() end)', 'every(0, function() end)',
  'player:dialog(setmetatable({ title = "x" }, { __index = function() error("x") end }))',
    'player:dialog { title = "x", inputs = { setmetatable({ "n", "text" }, { __index = function() return {} end }) } }',
    'player:title("x", "y", setmetatable({}, { __index = function(_, k) return player end }))',
    'http.get(setmetatable({}, { __index = function() sleep(1) end }))',
    'json.encode(setmetatable({}, { __pairs = error, __index = error }))', 'local t = {} t[1] = t json.encode(t)',
    'json.decode(string.rep("[", 1e5))', 'event:deny(event)', 'event:deny({})', 'event.deny(player)', 'player.send(event, "x")',
    'player.name.read(player)', 'error()', 'error(nil)', 'error(error)', 'error(event)',
  'kept_event = event after(0, function() kept_event:deny("x") end)', 'error(string.rep("x", 2e5))',
    'pcall(error, player) assert(false, player.name)'
]

test('no plugin hangs or ends the process, and others play on', async t => {
  const cases = hangs.map((call, i) => `plugin { name = "bad${i}", version = "1", ${reads}, channels = { "spy:channel" } }
local kept_event
on("player.chat", function(player, event) ${call.replace(/^return (.*)$/, 'local _ = $1')} end)
on("player.disconnect", function(player) player:send("x") player:title("y") local _ = player.name end)
`)
  const files = Object.fromEntries(cases.map((text, i) => [`plugins/bad${i}.lua`, text]))
  const { sekisho, player, backend } = await playing(t, `${manifest}\nlocal e on("player.chat", { priority = -1 }, function(player, event)
    player:send("heard by the last") end)`, { files })
  player.type('first words')
  await player.hears('heard by the last')
  await chatRoundTrip(player, backend, 'second words')
  player.leave()
  await player.gone()
  await sekisho.stop()
  assert.doesNotMatch(sekisho.stderr, /Sanitizer|runtime error/)
})
