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

const reads = 'reads = { ["player.name"] = "service", ["player.uuid"] = "service", ["connection.ip"] = "service", ["chat.message"] = "service", ["chat.command"] = "service", ["connection.hostname"] = "service" }'
const manifest = `plugin { name = "spy", version = "1.0.0", ${reads}, hosts = { "127.0.0.1" }, channels = { "spy:channel" } }\n`
const rules = 'forward "connection.hostname" { form = full }\nforward "connection.ip" { form = full }\n'
const words = 'CanaryWordsOfTheChat'
const canaries = { name: 'CanaryMika77', host: 'canaryhost.example.net', chat: words }

// What a plugin did, each by a function of its own: what it answered, or why not.
const tries = calls => calls.map(call => `attempt(function() ${call} end)`).join('\n')

const head = `${manifest}
local count = 0
function attempt(call)
  count = count + 1
  local ok, what = pcall(call)
  log.info("try " .. count .. " " .. tostring(ok) .. " " .. tostring(what))
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
  'return v:upper()', 'return string.upper(v)', 'return string.rep(v, 2)', 'return string.len(v)', 'return string.sub(v, 1, 1)', 'return string.byte(v, 1)', 'return string.reverse(v)',
  'return #v', 'return #(v .. v)', 'return rawlen(v)', 'return rawget(v, 1)', 'return rawset(v, "x", 1)', 'return next(v)', 'for k, x in pairs(v) do return x end', 'for i, x in ipairs(v) do return x end', 'return select("#", v)',
  'return v == "CanaryMika77"', 'return rawequal(v, "CanaryMika77")', 'return v == player.name', 'return v < "z"', 'return v <= v', 'return v < v .. ""', 'local l = { v, "a" } table.sort(l) return l[1]',
  'return table.concat({ v, v })', 'return table.concat({ "a" }, v)', 'return table.unpack(v)', 'return v + 1', 'return -v', 'return v // 1', 'return v & 1', 'return tonumber(v)', 'return tonumber(v, 16)', 'return math.floor(v)', 'return math.max(v, 1)', 'return math.type(v)',
  'return utf8.len(v)', 'return utf8.codepoint(v, 1)', 'for p, c in utf8.codes(v) do return c end', 'return utf8.char(v)',
  'return v[1]', 'return v.bytes', 'return v.__index', 'return v.__name', 'v.x = 1', 'return v()', 'return setmetatable(v, {})', 'return setmetatable({}, v)', 'return ("x" .. v).parts', 'return ("x" .. v)[1]', 'return text { v }[1]',
  'return getmetatable(v)', 'return debug.getuservalue(v)', 'return load(v)', 'return require(v)', 'return io.write(v)', 'return collectgarbage("count")', 'return string.gsub(v, ".", print)', 'return string.find(v, "C")', 'return string.dump(function() return v end)',
  'return json.encode(v)', 'return json.encode({ v })', 'return json.encode({ [v] = 1 })', 'return json.decode(v)', 'return json.encode(v .. "")',
  'return store.put("k", v)', 'return store.put("k", { v })', 'return store.put(v, 1)', 'return store.put("k", "x" .. v)', 'return store.get(v)', 'return store.list(v)', 'return store.add(v, 1)', 'return player:put(v, 1, { purpose = "service" })', 'return player:put("k", { v }, { purpose = "service" })',
  'return http.get { url = v }', 'return http.get { url = "http://127.0.0.1:1/" .. v }', 'return http.get { url = "http://127.0.0.1:1/", headers = { X = v } }', 'return http.get { url = "http://127.0.0.1:1/", headers = { [v] = "x" } }', 'return http.post { url = "http://127.0.0.1:1/", body = v }', 'return http.post { url = "http://127.0.0.1:1/", json = { v } }', 'return http.request { method = v, url = "http://127.0.0.1:1/" }',
  'return player:message("spy:channel", v)', 'return player:message(v, "x")', 'return player:set_cookie("k", v)', 'return player:set_cookie(v, "x")', 'return player:transfer(v)', 'return player:sound(v)', 'return player:may(v)', 'return player:field(v)', 'return player:connect(v)', 'return person(v)',
  'return player:dialog { title = "t", inputs = { { "n", "text", label = v } } }', 'return player:dialog { title = "t", inputs = { { "n", "text", label = "x", value = v } } }', 'return player:dialog { title = "t", inputs = { { v, "text", label = "x" } } }',
  'return player:send(text { "x", suggest = v })', 'return player:send(text { "x", run_command = "/" .. v })', 'return player:send(text { "x", copy = v })', 'return player:send(text { "x", open_url = v })', 'return player:send(text { "x", color = v })',
  'return command(v, function() end)', 'return command("x", { description = v }, function() end)', 'return on(v, function() end)', 'return after(v, function() end)', 'return sleep(v)', 'return event:redirect(v)', 'return v:read()', 'return (v .. ""):read()', 'return player:boss_bar { text = v, color = v }',
  'local t = { [v] = 1 } for k in pairs(t) do return tostring(k) end', 'local t = setmetatable({}, { __index = function(_, k) return tostring(k) end }) return t[v]', 'local t = setmetatable({}, { __concat = function(a, b) return tostring(b) end }) return t .. v', 'local t = setmetatable({}, { __eq = function(a, b) return b end }) return t == v',
  'error(setmetatable({}, { __tostring = function() return v end }))', 'return tostring(setmetatable({}, { __tostring = function() return v end }))', 'return tostring(setmetatable({}, { __name = v }))', 'goto x ::x:: return v.form .. v.field_name'
]

test('nothing that a plugin does with a value tells what it says', async t => {
  const { sekisho, player, backend } = await playing(t, `${head}
on("player.chat", function(player, event)
  local values = { player.name, player.uuid, player:field("connection.hostname"), player:field("connection.ip"), event.text }
  for _, v in ipairs(values) do
    ${tries(ways)}
  end
  log.info("all tried")
end)`)
  player.type(words)
  await saying(sekisho, /all tried/, 'spy')
  await chatRoundTrip(player, backend, 'still here')
  assert.equal(find({ ...canaries, uuid: player.client.uuid }, Buffer.from(said(sekisho, 'spy').join('\n'))), undefined)
  assert.equal(sekisho.sql('SELECT count(*) AS n FROM plugin_data')[0].n, 0)
})
