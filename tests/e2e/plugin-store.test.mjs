// What plugins keep: of nobody, and of players, who see it, take it with them and have it erased.
import test from 'node:test'
import assert from 'node:assert/strict'
import { noClock, settableClock } from './lib/clock.mjs'
import { letIn, scene } from './lib/scene.mjs'
import { onlineScene } from './lib/accounts.mjs'
import { ask } from './lib/privacy.mjs'
import { startSekisho } from './lib/sekisho.mjs'
import { until } from './lib/wait.mjs'

const config = ['-c', 'config/sekisho.lua']
const manifest = 'plugin { name = "keeper", version = "1.0.0", reads = { ["player.name"] = "service", ["connection.ip"] = "service" } }\n'
const servers = { game: { address: '127.0.0.1:1' } }
const rules = `forward "connection.ip" { form = truncate(16, 32) }
forward "player.name" {}
`

const says = (sekisho, pattern) => until(sekisho, `the log to say ${pattern}`, () => pattern.exec(sekisho.stderr))

// A plugin that needs no player.
const alone = (t, text, more) => startSekisho(t, { servers, ...more, files: { 'plugins/keeper.lua': manifest + text } })

// A player who plays, and a plugin that does something when they do.
async function playing (t, text, more = {}) {
  const built = await scene(t, { version: '1.20.4', rules, ...more, files: { 'plugins/keeper.lua': manifest + text } })
  const player = built.join(more.join)
  await letIn(player)
  return { ...built, player }
}

const show = (sekisho, who, word = 'show') => {
  const { status, stdout, stderr } = sekisho.command('player', word, ...config, '--json', who)
  assert.equal(status, 0, stderr)
  return JSON.parse(stdout)
}

test('a plugin keeps values of its own over a restart, and adds to numbers', async t => {
  const sekisho = await alone(t, `
on("proxy.start", function()
  local starts = store.add("starts", 1)
  if starts == 1 then
    store.put("home", { x = 1.5, list = { 1, 2, 3 }, words = "日本", nested = { deep = true } })
    store.put("gone", "soon")
    log.info("put nil " .. tostring(store.put("gone", nil)) .. " " .. tostring(store.delete("gone")))
    for _, key in ipairs { "b:2", "a", "b:1" } do store.put(key, key) end
  end
  local keys = {}
  for _, row in ipairs(store.list("b:", { limit = 10 })) do keys[#keys + 1] = row.key .. "=" .. row.value end
  log.info("starts " .. starts .. " home " .. json.encode(store.get("home")) .. " gone " .. tostring(store.get("gone")))
  log.info("list " .. table.concat(keys, ",") .. " count " .. store.count() .. #store.list("") .. store.count(""))
end)`)
  await says(sekisho, /put nil true false/)
  await says(sekisho, /starts 1 home \{"list":\[1,2,3\],"nested":\{"deep":true\},"words":"日本","x":1\.5\} gone nil/)
  await says(sekisho, /list b:1=b:1,b:2=b:2 count 555/)
  await sekisho.stop()
  await sekisho.start()
  await says(sekisho, /starts 2 home \{"list":\[1,2,3\],"nested":\{"deep":true\},"words":"日本","x":1\.5\} gone nil/)
})

test('what is wrong with a call is said, with file and line, and nothing is kept', async t => {
  const wrong = [
    ['store.put("", 1)', /a key has 1 to 1024 bytes/],
    ['store.put("k", function() end)', /a function cannot be written as JSON/],
    ['store.put("k", 1, { expire = "1d" })', /there is no "expire"; did you mean "expires"\?/],
    ['store.put("k", 1, { expires = "soon" })', /expires = "soon" is no time; write it as "30d"/],
    ['store.put("k", 1, { expires = 0 })', /expires = "0" is no time/],
    ['store.put("k", 1, { expires = math.mininteger })', /is no time/],
    ['store.put("k", 1, { expires = 1.5 })', /is no time/],
    ['store.put("k", string.rep("x", 65536))', /a value that is kept has 64 KiB at most/],
    ['local t = {} t.t = t store.put("k", t)', /nested deeper than 64, or holds itself/],
    ['store.put("k", 1 / 0)', /infinite or none/],
    ['store.put("k", { [1] = 1, x = 2 })', /either the keys 1, 2, 3/],
    ['store.add("k", 1.5)', /number has no integer representation/],
    ['store.list("k", { limit = 1001 })', /limit has to be a number from 1\.0 to 1000/],
    ['store.gett("k")', /attempt to call a nil value/]
  ]
  const calls = wrong.map(([call]) => `function() ${call} end`).join(', ')
  const sekisho = await alone(t, `
on("proxy.start", function()
  for i, call in ipairs { ${calls} } do
    local ok, why = pcall(call)
    log.info("case " .. i .. " " .. tostring(ok) .. " " .. why)
  end
  log.info("word " .. tostring(store.put("words", "x")) .. " " .. tostring(select(2, store.add("words", 1))))
  log.info("count " .. store.count())
end)`)
  await says(sekisho, /count 1/)
  for (const [i, [, expected]] of wrong.entries()) {
    const [line] = new RegExp(`case ${i + 1} .*`).exec(sekisho.stderr)
    assert.match(line, /case \d+ false /)
    assert.match(line, expected)
  }
  await says(sekisho, /word true what is kept there is no whole number/)
})

test('nothing can be kept while the plugin is read, and no plugin sees what another one keeps', async t => {
  const sekisho = await startSekisho(t, {
    servers,
    files: {
      'plugins/one.lua': `plugin { name = "one", version = "1" }
log.info("early " .. tostring(select(2, pcall(store.get, "x"))))
on("proxy.start", function() store.put("x", "mine") log.info("one is done") end)`,
      'plugins/two.lua': `plugin { name = "two", version = "1" }
on("proxy.start", function() log.info("two sees " .. tostring(store.get("x")) .. " of " .. store.count()) end)`
    }
  })
  await says(sekisho, /early .*nothing can wait while the plugin is read/)
  await says(sekisho, /two sees nil of 0/)
})

test('what expires is gone', { skip: noClock }, async t => {
  const clock = settableClock(t, Date.now())
  const sekisho = await alone(t, `
on("proxy.start", function()
  if store.get("stays") == nil then
    store.put("short", 1, { expires = "1h" }) store.put("seconds", 1, { expires = 3600 }) store.put("stays", 1)
  end
  log.info("short " .. tostring(store.get("short")) .. " stays " .. tostring(store.get("stays")))
end)`, { wrapper: clock.wrapper })
  await says(sekisho, /short 1 stays 1/)
  await sekisho.stop()
  clock.set(Date.now() + 2 * 3600 * 1000)
  await sekisho.start()
  await says(sekisho, /short nil stays 1/)
  assert.deepEqual(sekisho.sql('SELECT key FROM plugin_value'), [{ key: 'stays' }])
})

const keepsWins = `
on("server.connected", function(player)
  local wins = player:add("wins", 3, { purpose = "service", keep = "30d" })
  local ip = player:put("ip", player:field("connection.ip"), { purpose = "service" })
  local opt, why = player:put("time", 7, { purpose = "analytics" })
  log.info("wins " .. wins .. " ip " .. tostring(ip) .. " time " .. tostring(opt) .. " " .. tostring(why))
  log.info("again " .. player:get("wins") .. " " .. tostring(player:get("ip")) .. " of " .. #player:list())
  player:send("you came from " .. player:get("ip"))
end)
`

test('what is kept of a player stands in what they are shown, and they alone read their own values', async t => {
  const { sekisho, player } = await playing(t, keepsWins)
  await says(sekisho, /wins 3 ip true time nil the player does not agree to this purpose/)
  await says(sekisho, /again 3 <connection\.ip> of 2/)
  await player.hears('you came from 127.0.0.0')
  const held = show(sekisho, player.username).held.filter(({ server }) => server === 'plugin keeper')
  assert.deepEqual(held.map(({ field, purpose, value }) => [field, purpose, value]),
    [['wins', 'service', '3'], ['ip', 'service', '127.0.0.0']])
  const days = ({ observed_at: from, expires_at: to }) => Math.round((Date.parse(to) - Date.parse(from)) / 86400000)
  assert.deepEqual(held.map(days), [30, 365])
  assert.equal(show(sekisho, player.username, 'export').held.filter(({ server }) => server === 'plugin keeper').length, 2)
  const review = sekisho.command('review', ...config)
  assert.match(review.stdout, /\| keeper \| service \| 2 \| 1 \|/)
  assert.doesNotMatch(sekisho.stderr, /127\.0\.0\.0/)
  const forget = name => sekisho.command('plugins', 'forget', ...config, name)
  assert.match(forget('keeper').stderr, /keeper runs, and would write anew; .*`sekisho plugins unload keeper`/)
  assert.equal(sekisho.command('plugins', 'unload', ...config, 'keeper').status, 0)
  const { status, stdout } = forget('keeper')
  assert.deepEqual([status, stdout], [0, 'plugin keeper: 2 values are erased\n'])
  assert.deepEqual(show(sekisho, player.username).held.filter(({ server }) => server === 'plugin keeper'), [])
  assert.match(forget('keeper').stdout, /keeper: keeps nothing/)
})

test('it shows in /privacy data, and is not offered for correction', async t => {
  const { accounts, joinWith } = await onlineScene(t, { version: '1.20.4', rules, files: { 'plugins/keeper.lua': manifest + keepsWins } })
  const player = await letIn(joinWith(accounts.create('Alice')))
  await player.hears('you came from')
  assert.match(await ask(player, 'data', /Erase my data/), /wins: 3 \(×1\) \| plugin keeper \| service \| until 20/)
  assert.doesNotMatch(await ask(player, 'correct', /./), /wins/)
})

test('it is gone with the erasure, from every file', async t => {
  const { sekisho, player } = await playing(t, `
on("server.connected", function(player)
  player:put("note", "canary-of-a-plugin", { purpose = "service" })
  log.info("kept")
end)
on("player.disconnect", function(player)
  log.info("late " .. tostring(player:put("note", "canary-too-late", { purpose = "service" })))
end)`)
  await says(sekisho, /kept/)
  assert.ok(!sekisho.storeBytes().includes('canary-of-a-plugin'), 'it is sealed')
  const result = sekisho.command('player', 'erase', ...config, player.username)
  assert.equal(result.status, 0, result.stderr)
  await says(sekisho, /late nil/)
  assert.deepEqual(sekisho.sql('SELECT * FROM plugin_personal'), [])
  assert.ok(!sekisho.storeBytes().includes('canary'))
  assert.equal(sekisho.command('ledger', 'verify', ...config).status, 0)
})

test('it ends with the consent', async t => {
  const { sekisho, player } = await playing(t, `
on("server.connected", function(player) player:put("wins", 3, { purpose = "service" }) log.info("kept") end)`)
  await says(sekisho, /kept/)
  player.type('/privacy withdraw')
  await until(player, 'the button', () => player.chats.some(chat => chat.clicks.some(({ value }) => /withdraw \S+/.test(value))))
  player.type(player.chats.flatMap(chat => chat.clicks).findLast(({ value }) => /withdraw \S+/.test(value)).value)
  await player.hears('withdrawn')
  assert.deepEqual(sekisho.sql('SELECT * FROM plugin_personal'), [])
})

test('a person who is away is found by name, and nothing of one is kept of another', async t => {
  const wrong = [
    ['away:put("name", player.name, { purpose = "service" })', /a player's player\.name can be kept of that player alone: player:put/],
    ['player:put("name", player.name, { purpose = "analytics" })', /read for the purpose "service", and cannot be kept for "analytics"/],
    ['player:put("x", 1, { purpose = "service", keep = "366d" })', /keep = "366d" is longer than the policy keeps for "service"/],
    ['player:put("x", 1)', /for which purpose of the policy it is kept has to be said/],
    ['player:put("x", 1, { purpose = "ads" })', /the policy has no purpose "ads"/],
    ['store.put("x", player.name)', /a player's player\.name can be kept of that player alone/],
    ['store.put(player.name, 1)', /string expected, got value/],
    ['store.put("x", "name: " .. player.name)', /a joined cannot be written as JSON/],
    ['json.encode { player.name }', /a player's player\.name cannot be written as JSON, which could be read/],
    ['player:put("x", { player.name }, { purpose = "service" })', /cannot be written as JSON/],
    ['hash("00000000-0000-0000-0000-000000000000")', /does not say that it reads player\.uuid/],
    ['person("00000000-0000-0000-0000-000000000000")', /does not say that it reads player\.uuid/]
  ]
  const { sekisho, player, join } = await playing(t, `
on("server.connected", function(player)
  local away, why = person("First")
  if not away then
    log.info("nobody: " .. why)
  elseif away:hash() == player:hash() then
    player:put("home", { 1, 2 }, { purpose = "service" })
    log.info("first " .. player:hash())
    log.info("policy " .. purpose("service").keep .. tostring(purpose("service").optional) .. tostring(purpose("none")))
  else
    local mail = away:add("mail", 1, { purpose = "service" })
    log.info("home " .. json.encode(away:get("home")) .. " mine " .. tostring(player:get("home")) .. " mail " .. mail)
    for i, call in ipairs { ${wrong.map(([call]) => `function() ${call} end`).join(', ')} } do
      log.info("case " .. i .. " " .. tostring(select(2, pcall(call))))
    end
    log.info("done " .. away:hash() .. " " .. tostring(select(2, person("Nobody"))))
  end
end)`, { join: { username: 'First' } })
  await says(sekisho, /first [0-9a-f]{64}/)
  await says(sekisho, new RegExp(`policy ${365 * 86400}falsenil`))
  player.leave()
  const second = join()
  await letIn(second)
  const [, hash] = await says(sekisho, /done ([0-9a-f]{64}) nobody of this name accepted the policy/)
  await says(sekisho, new RegExp(`first ${hash}`))
  await says(sekisho, /home \[1,2\] mine nil mail 1/)
  for (const [i, [, expected]] of wrong.entries()) {
    assert.match(new RegExp(`case ${i + 1} .*`).exec(sekisho.stderr)[0], expected)
  }
  assert.deepEqual(show(sekisho, 'First').held.map(({ field }) => field).sort(), ['home', 'mail'])
})

test('JSON is read and written, and what is none is told', async t => {
  const deep = n => '['.repeat(n) + ']'.repeat(n)
  const cases = [
    ['{"b":[1,2.5,-3],"a":{"x":true}}', '{"a":{"x":true},"b":[1,2.5,-3]}'],
    ['"a\\u0000\\"é"', '"a\\u0000\\"é"'],
    ['[null]', '[]'],
    ['{"a":[],"b":{},"c":[1,null,3]}', '{"a":[],"b":{},"c":[1,null,3]}'],
    ['{"a":1,"a":2}', '{"a":2}'],
    ['null', 'null'],
    ['9223372036854775807', '9223372036854775807'],
    ['9223372036854775808', 'no JSON: line 1'],
    [deep(64).replace('[]', '[1]'), 'no JSON|nested deeper|' + '['.repeat(8)],
    [deep(65), 'no JSON that is read here: it is nested deeper than 64'],
    ['['.repeat(100000), 'no JSON that is read here: it is nested deeper than 64'],
    ['{"a":', 'no JSON: line 1, column'],
    ['', 'no JSON']
  ]
  const quoted = text => `[==[${text}]==]`
  const sekisho = await alone(t, `
on("proxy.start", function()
  for i, text in ipairs { ${cases.map(([text]) => quoted(text)).join(', ')} } do
    local value, why = json.decode(text)
    log.info("json " .. i .. " " .. (why or json.encode(value)))
  end
  log.info("empty " .. json.encode { json.array {}, {} } .. " " .. tostring(select(2, pcall(json.encode, json.array { [1000] = 1 }))))
  log.info("bytes " .. tostring(select(2, pcall(json.encode, "\\xFF"))))
end)`)
  await says(sekisho, /bytes .*no UTF-8/)
  assert.match(sekisho.stderr, /empty \[\[\],\{\}\] .*most of the places of a list for JSON are empty/)
  for (const [i, [, expected]] of cases.entries()) {
    const [, line] = new RegExp(`json ${i + 1} (.*)`).exec(sekisho.stderr)
    assert.ok(expected.split('|').some(part => line.includes(part)), `${i + 1}: ${line}`)
  }
})
