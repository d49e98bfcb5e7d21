// What plugins ask of other machines: hosts that they declare, and nothing of a player before the ledger says so.
import test from 'node:test'
import assert from 'node:assert/strict'
import http from 'node:http'
import { EventEmitter } from 'node:events'
import { gzipSync } from 'node:zlib'
import { chatRoundTrip, letIn, scene } from './lib/scene.mjs'
import { policyLua, startSekisho } from './lib/sekisho.mjs'
import { until } from './lib/wait.mjs'

const servers = { game: { address: '127.0.0.1:1' } }
const rules = 'forward "player.name" {}\nforward "connection.ip" { form = truncate(16, 32) }\n'
const says = (sekisho, pattern) => until(sekisho, `the log to say ${pattern}`, () => pattern.exec(sekisho.stderr))
const provisions = sekisho => sekisho.sql("SELECT entry FROM ledger WHERE kind = 'provision' ORDER BY id").map(row => JSON.parse(row.entry))

// A machine that is asked: remembers what came, and what `seen` finds in that moment.
class Machine extends EventEmitter {
  constructor (answer = () => ({})) {
    super()
    this.requests = []
    this.server = http.createServer((request, response) => {
      const parts = []
      request.on('data', part => parts.push(part)).on('end', () => {
        const { method, url, headers } = request
        const asked = { method, url, headers, body: Buffer.concat(parts).toString(), seen: this.seen?.() }
        this.requests.push(asked)
        const { status = 200, headers: more, body = 'hello' } = answer(asked)
        if (status) response.writeHead(status, more).end(body)
        this.emit('change')
      })
    })
  }
}

async function startMachine (t, answer) {
  const machine = new Machine(answer)
  await new Promise(resolve => machine.server.listen(0, '127.0.0.1', resolve))
  machine.address = `127.0.0.1:${machine.server.address().port}`
  machine.url = `http://${machine.address}`
  t.after(() => new Promise(resolve => { machine.server.close(resolve); machine.server.closeAllConnections() }))
  return machine
}

const manifest = hosts => `plugin { name = "caller", version = "1.0.0", hosts = { ${hosts} },
  reads = { ["player.name"] = "analytics", ["connection.ip"] = "analytics", ["client.brand"] = "service" } }\n`
const declared = '["127.0.0.1"] = { reason = "shows the ranking on the website", purpose = "analytics" }'
const alone = (t, text, hosts = '"127.0.0.1"') => startSekisho(t, { servers, files: { 'plugins/caller.lua': manifest(hosts) + text } })

test('a plugin asks a host that it declares, by any method, and reads the answer', async t => {
  const moved = { status: 302, headers: { Location: '/elsewhere' } }
  const machine = await startMachine(t, ({ url }) => url === '/moved' ? moved : { status: 201, body: '{"a":[1,null,"日本"]}' })
  const sekisho = await alone(t, `
on("proxy.start", function()
  local answer = http.get { url = "${machine.url}/a?b=c d", headers = { ["X-Key"] = "k" } }
  local read = json.decode(answer.body)
  log.info("got " .. answer.status .. " " .. read.a[1] .. read.a[3])
  log.info("posted " .. http.post { url = "${machine.url}/p", json = { x = 1, list = { true, "t" } } }.status)
  log.info("put " .. http.request { method = "PUT", url = "${machine.url}/q", body = "words" }.status)
  log.info("empty " .. http.post { url = "${machine.url}/e" }.status)
  log.info("deleted " .. http.request { method = "DELETE", url = "${machine.url}/d" }.status)
  log.info("moved " .. http.get { url = "${machine.url}/moved" }.status)
end)`)
  await says(sekisho, /got 201 1日本/)
  await says(sekisho, /moved 302/)
  const told = machine.requests.map(({ method, url, headers, body }) => [method, url, headers['content-type'], body])
  assert.deepEqual(told, [
    ['GET', '/a?b=c%20d', undefined, ''],
    ['POST', '/p', 'application/json', '{"list":[true,"t"],"x":1}'],
    ['PUT', '/q', 'text/plain; charset=utf-8', 'words'],
    ['POST', '/e', 'text/plain; charset=utf-8', ''],
    ['DELETE', '/d', undefined, ''],
    ['GET', '/moved', undefined, '']
  ])
  assert.equal(machine.requests[0].headers['x-key'], 'k')
  assert.deepEqual(provisions(sekisho), [])
})

test('what a plugin may not ask is said before anything leaves', async t => {
  const machine = await startMachine(t)
  const wrong = [
    [`{ url = "http://localhost:${machine.server.address().port}/" }`, /talks to localhost; add hosts = \{ "localhost" \}/],
    ['{ url = "https://example.com/" }', /does not say that it talks to example\.com/],
    ['{ url = "http://api.example.net/" }', /https:\/\/ is needed but to this machine itself/],
    ['{ url = "https://example.net.evil.org/" }', /does not say that it talks to example\.net\.evil\.org/],
    ['{ url = "https://api.example.net@127.0.0.1/" }', /no address that can be asked/],
    ['{ url = "https://api.example.net\\\\@evil.org/" }', /no address that can be asked/],
    ['{ url = "file:///etc/passwd" }', /no address that can be asked/],
    ['{ url = "https://2130706433/" }', /does not say that it talks to 2130706433/],
    ['{}', /url has to be a text/],
    [`{ url = "${machine.url}", about = "Mika" }`, /about has to be a player, or who person\(\.\.\.\) found/],
    [`{ url = "${machine.url}", headers = { Host = "x" } }`, /Host, Content-Length and their like/],
    [`{ url = "${machine.url}", headers = { ["X-A"] = "a\\r\\nX-B: b" } }`, /texts in one line/],
    [`{ url = "${machine.url}", timeout = 61 }`, /timeout has to be a number from 0\.01 to 60$/],
    [`{ url = "${machine.url}", redirect = true }`, /http: there is no "redirect"/],
    [`{ url = "${machine.url}", json = {}, body = "" }`, /either json or body/],
    [`{ url = "${machine.url}", method = "TRACE" }`, /method has to be one of GET, POST/]
  ]
  const sekisho = await alone(t, `
on("proxy.start", function()
  for i, options in ipairs { ${wrong.map(([options]) => options).join(', ')} } do
    log.info("case " .. i .. " " .. tostring(select(2, pcall(http.request, options))))
  end
  log.info("done")
end)`, '"127.0.0.1", "*.example.net"')
  await says(sekisho, /info plugin=caller done/)
  for (const [i, [, expected]] of wrong.entries()) {
    assert.match(new RegExp(`case ${i + 1} .*`).exec(sekisho.stderr)[0], expected)
  }
  assert.deepEqual(machine.requests, [])
})

test('what goes wrong on the way is an answer: nil and why', async t => {
  const answers = {
    '/long': { body: 'x'.repeat(256 * 1024 + 1) },
    '/fits': { body: 'x'.repeat(256 * 1024) },
    '/bomb': { headers: { 'Content-Encoding': 'gzip' }, body: gzipSync(Buffer.alloc(10e6)) },
    '/heads': { headers: Object.fromEntries([...Array(400).keys()].map(n => [`X-${n}`, 'x'.repeat(1000)])) },
    '/round': { status: 302, headers: { Location: '/round' } }
  }
  const machine = await startMachine(t, ({ url }) => answers[url] ?? { status: 0 })
  const sekisho = await alone(t, `
on("proxy.start", function()
  local function why(...) local answer, why = http.get(...) return tostring(answer and #answer.body) .. " " .. tostring(why) end
  log.info("long " .. why { url = "${machine.url}/long" })
  log.info("fits " .. why { url = "${machine.url}/fits" })
  log.info("bomb " .. why { url = "${machine.url}/bomb" })
  log.info("heads " .. why { url = "${machine.url}/heads" })
  log.info("round " .. why { url = "${machine.url}/round" })
  log.info("slow " .. why { url = "${machine.url}/slow", timeout = 0.2 })
  log.info("nobody " .. why { url = "http://127.0.0.1:1/" })
end)`)
  await says(sekisho, /long nil the answer is longer than 256 KiB/)
  await says(sekisho, /fits 262144 nil/)
  // Nothing is unpacked: it comes as it was sent.
  await says(sekisho, new RegExp(`bomb ${answers['/bomb'].body.length} nil`))
  await says(sekisho, /heads nil /)
  await says(sekisho, /round 5 nil/)
  await says(sekisho, /slow nil .*[Tt]ime/)
  await says(sekisho, /nobody nil .*connect/)
})

test('a declared name that stands for a private address is not asked, but that address itself is', async t => {
  const machine = await startMachine(t)
  const port = machine.server.address().port
  const sekisho = await alone(t, `
on("proxy.start", function()
  log.info("localhost " .. http.get { url = "http://localhost:${port}/" }.status)
  log.info("sub " .. tostring(select(2, http.get { url = "https://a.localhost:${port}/" })))
  log.info("star " .. tostring(select(2, http.get { url = "https://192.0.0.1:${port}/" })))
end)`, '"localhost", "*.localhost", "*.0.0.1"')
  await says(sekisho, /localhost 200/)
  await says(sekisho, /sub the name stands for an address of a private network; declare the address itself in hosts/)
  await says(sekisho, /star the name stands for an address of a private network/)
  assert.equal(machine.requests.length, 1)
})

const sends = machine => `
on("player.chat", function(player)
  local answer, why = http.post {
    url = "${machine.url}/rank", json = { name = player.name, from = { player:field("connection.ip"), 3 } },
  }
  log.info("sent " .. tostring(answer and answer.status) .. " " .. tostring(why))
end)`

async function play (t, text, { hosts = declared, choose, policy = policyLua, more = '', plugins = {} } = {}) {
  const files = { 'config/policy/policy.lua': policy, 'plugins/caller.lua': manifest(hosts) + text, ...plugins }
  const built = await scene(t, { version: '1.16.5', rules: rules + more, files })
  const player = built.join()
  await player.gate()
  if (choose) player.type('/choose analytics')
  if (choose) await player.until('the tick', () => player.chats.some(chat => /\[x\] /.test(chat.text)))
  await letIn(player)
  return { ...built, player }
}

test('something of a player leaves when they permit it, after the ledger says so', async t => {
  const machine = await startMachine(t)
  const { sekisho, player, backend } = await play(t, sends(machine), { choose: true })
  machine.seen = () => provisions(sekisho)
  await chatRoundTrip(player, backend)
  await says(sekisho, /sent 200 nil/)
  const [request] = machine.requests
  assert.deepEqual(JSON.parse(request.body), { name: player.username, from: ['127.0.0.0', 3] })
  const [entry] = provisions(sekisho)
  const { fields, ...facts } = entry.facts
  const reason = 'shows the ranking on the website'
  assert.deepEqual(facts, { step: 'given', to: '127.0.0.1', ground: 'permission', reason, purpose: 'analytics' })
  assert.deepEqual(fields.map(({ field, server, form, values }) => [field, server, form, values]).sort(),
    [['connection.ip', 'game', 'truncate', 1], ['player.name', 'game', 'full', 1]])
  assert.deepEqual(request.seen, [entry], 'the entry was there before the request')
  assert.ok(!JSON.stringify(entry).includes(player.username))
  assert.ok(!sekisho.stderr.includes(player.username))
})

test('who does not permit it is sent to nobody', async t => {
  const machine = await startMachine(t)
  const { sekisho } = await play(t, `
on("server.connected", function(player)
  local answer, why = http.post { url = "${machine.url}/rank", json = { hash = player:hash() }, about = player }
  log.info("sent " .. tostring(answer) .. " " .. tostring(why))
end)`)
  await says(sekisho, /sent nil the player gave no permission, or took it back/)
  assert.deepEqual(provisions(sekisho), [])
  assert.deepEqual(machine.requests, [])
})

test('a required purpose permits it where the policy names the recipient, and only there', async t => {
  const machine = await startMachine(t)
  const about = `
on("server.connected", function(player)
  local answer, why = http.post { url = "${machine.url}/rank", json = { n = 1 }, about = player }
  log.info("sent " .. tostring(answer and answer.status) .. " " .. tostring(why))
end)`
  const to = name => `["127.0.0.1"] = { to = "${name}", reason = "asks whether the account is banned", purpose = "service" }`
  const policy = policyLua.replace('  default_language', '  third_parties = { "Ban List" },\n  default_language')
  const named = await play(t, about, { hosts: to('Ban List'), policy })
  await says(named.sekisho, /sent 200 nil/)
  assert.deepEqual(provisions(named.sekisho).map(({ facts }) => [facts.to, facts.fields]), [['Ban List', []]])
  const other = await play(t, about, { hosts: to('Another'), policy })
  await says(other.sekisho, /sent nil what the player accepted does not permit this: "service" is no optional purpose/)
  assert.match(other.sekisho.stderr, /the policy does not name "Another" among its third_parties/)
  assert.equal(machine.requests.length, 1)
})

test('why something of a player is sent has to be said, and about one player at a time', async t => {
  const machine = await startMachine(t)
  const { sekisho, player, join } = await play(t, `
local other
on("server.connected", function(player)
  local function try(what, options) log.info(what .. " " .. tostring(select(2, pcall(http.post, options)))) end
  try("undeclared", { url = "http://localhost:${machine.server.address().port}/", json = { player.name } })
  try("body", { url = "${machine.url}/", body = player.name })
  try("url", { url = "${machine.url}/" .. player.name })
  try("header", { url = "${machine.url}/", headers = { ["X-A"] = player.name } })
  if other then try("two", { url = "${machine.url}/", json = { player.name, other.name } }) end
  other = player
end)`, { choose: true, hosts: `${declared}, "localhost"` })
  await says(sekisho, /header .*texts in one line/)
  assert.match(sekisho.stderr, /undeclared .*sent to localhost, so the plugin has to say why: hosts = \{ \["localhost"\] = \{ reason/)
  assert.match(sekisho.stderr, /body .*something of a player is sent by json/)
  assert.match(sekisho.stderr, /url .*url has to be a text/)
  const second = join()
  await second.gate()
  second.type('/choose analytics')
  await second.until('the tick', () => second.chats.some(chat => /\[x\] /.test(chat.text)))
  await letIn(second)
  await says(sekisho, /two .*one request is about one player/)
  assert.ok(player && machine.requests.length === 0)
})

test('who may read players in plain, and who listens to them, asks only what is about a player', async t => {
  const machine = await startMachine(t)
  const ask = `local function ask(what, options)
  options.url = "${machine.url}/" .. what
  local _, answer, why = pcall(http.get, options)
  log.info(what .. " " .. tostring(type(answer) == "table" and answer.status or answer) .. " " .. tostring(why))
end\n`
  const other = (name, listens) => `plugin { name = "${name}", version = "1.0.0", hosts = { "127.0.0.1" } }
${ask}on_message("${listens}.heard", function(text) log.info("heard " .. text) ask("${name}", {}) end)
on("player.chat", function() publish("${name}.heard", 1) end)`
  const { sekisho, player, backend } = await play(t, `${ask}
on("player.chat", function(player)
  local name = player.name:read()
  ask("text", { body = name })
  ask("of", { about = player, body = name })
  log.info("sent away " .. tostring(select(2, pcall(player.transfer, player, name .. ".example.net"))))
  publish("caller.heard", name)
end)`, {
    choose: true,
    hosts: `${declared}, "*.example.net"`,
    more: 'reveal "player.name" { to = "caller", purpose = "analytics" }\n',
    plugins: {
      'plugins/first.lua': other('first', 'caller'),
      'plugins/second.lua': other('second', 'first'),
      'plugins/third.lua': other('third', 'fourth'),
      'plugins/fourth.lua': other('fourth', 'third')
    }
  })
  await chatRoundTrip(player, backend)
  const refused = /rules let this plugin, or one that it listens to, read /
  for (const what of ['text', 'first', 'second']) assert.match((await says(sekisho, new RegExp(`${what} .*rules.*`)))[0], refused)
  for (const what of ['of', 'third', 'fourth']) await says(sekisho, new RegExp(` ${what} 200 nil`))
  await says(sekisho, /sent away .*only to hosts that its plugin \{ \.\.\. \} names whole/)
  assert.deepEqual(machine.requests.map(({ url }) => url).sort(), ['/fourth', '/of', '/third'])
  assert.equal(provisions(sekisho).length, 1)
  assert.match(sekisho.stderr, /plugin=first heard <player\.name>/)
  assert.ok(!sekisho.stderr.includes(player.username))
  const checked = sekisho.command('check').stdout
  assert.match(checked, /reads player\.name for analytics, in plain on game\n/)
  assert.match(checked, /talks to 127\.0\.0\.1, with data of players for analytics: of one player at a time, through the ledger\n/)
  assert.match(checked, /talks to \*\.example\.net: nothing can be asked there/)
  const explained = sekisho.command('explain', 'game', 'reveal', 'player.name:caller:analytics').stdout
  assert.match(explained, /plugin caller: reads players in plain\n {2}talks to /)
  assert.match(explained, /plugin second: reads players in plain, as a plugin tells it that it listens to\n/)
  assert.doesNotMatch(explained, /third/)
})

test('what cannot be written into the ledger does not leave', async t => {
  const machine = await startMachine(t)
  const { sekisho, player, backend } = await play(t, `
on("player.chat", function(player)
  local answer, why = http.post { url = "${machine.url}/rank", json = { player.name } }
  log.info("sent " .. tostring(answer) .. " " .. tostring(why))
end)`, { choose: true })
  sekisho.sql("CREATE TRIGGER full BEFORE INSERT ON ledger BEGIN SELECT raise(ABORT, 'no') ; END")
  await chatRoundTrip(player, backend)
  await says(sekisho, /sent nil the ledger cannot be written, and nothing leaves without its entry/)
  assert.deepEqual(machine.requests, [])
})

test('what is under way when Sekisho ends, or when the player has left, hurts nobody', async t => {
  const machine = await startMachine(t, () => ({ status: 0 }))
  const { sekisho, player } = await play(t, `
on("server.connected", function(player)
  after(0, function() log.info("about " .. tostring(http.post { url = "${machine.url}/about", json = { player.name }, timeout = 60 })) end)
  after(0, function() log.info("plain " .. tostring(http.get { url = "${machine.url}/plain", timeout = 60 })) end)
  for i = 1, 20 do after(0, function() local ok, why = pcall(http.get, { url = "${machine.url}/many" }) log.info("many " .. tostring(why))
    end) end
end)`, { choose: true })
  await says(sekisho, /many http: 16 requests of this plugin are under way already/)
  await until(machine, 'the requests', () => machine.requests.length === 16)
  assert.deepEqual([...new Set(machine.requests.map(({ url }) => url))].sort(), ['/about', '/many', '/plain'])
  player.leave()
  await sekisho.stop()
})

test('a manifest that is wrong about hosts is not loaded', async t => {
  const cases = [
    ['"https://example.net"', /"https:\/\/example\.net" is no host; write "api\.example\.net"/],
    ['["example.net"] = { reason = "because" }', /why something of players is sent to "example\.net", and for which purpose/],
    ['["example.net"] = { reason = "because", purpose = "ads" }', /the policy has no purpose "ads"/],
    ['["example.net"] = { why = "because" }', /there is no "why" of a host/],
    ['["example.net"] = { reason = "two\\nlines", purpose = "service" }', /reason of "example\.net" has a control character/],
    ['["example.net"] = true', /hosts has names as/]
  ]
  for (const [hosts, expected] of cases) {
    const sekisho = await alone(t, '', hosts)
    assert.match(sekisho.stderr, expected)
    await sekisho.stop()
  }
})
