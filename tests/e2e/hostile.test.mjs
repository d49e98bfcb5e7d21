// Plugins that keep every single rule and do harm by the sum of it, and those that end where they must not.
import test from 'node:test'
import assert from 'node:assert/strict'
import { treeOf } from './lib/commands.mjs'
import { said, saying } from './lib/plugins.mjs'
import { chatRoundTrip, letIn, scene } from './lib/scene.mjs'

const version = '1.21.6' // the first with dialogs
const head = (name, more = '') => `plugin { name = "${name}", version = "1", ${more} }\n`

async function playing (t, plugins) {
  const files = Object.fromEntries(Object.entries(plugins).map(([name, text]) => [`plugins/${name}.lua`, text]))
  const built = await scene(t, { version, rules: 'forward "player.name" { form = full }\n', files })
  const player = built.join()
  await letIn(player)
  return { ...built, player }
}

const without = bytes => !bytes.match(/Sanitizer|runtime error/)

test('what is little each time is not done for ever, and others play on', async t => {
  const { sekisho, player, backend } = await playing(t, {
    burns: head('burns') + `local function burn() for i = 1, 100000 do end end
for i = 1, 1000 do every(0.05, burn) end`,
    again: head('again') + 'local function again() after(0, again) end again()',
    naps: head('naps') + 'on("player.join", function() after(0, function() while true do sleep(0) end end) end)',
    hears: head('hears') + `on("player.join", function()
  local ok, why = pcall(function() for i = 1, 1e6 do on_message("hears." .. i, error) end end)
  log.info(why)
end)`,
    orders: head('orders') + `for i = 1, 1000 do command("order" .. i, { aliases = { "also" .. i, "too" .. i } }, error) end
on("player.join", function() log.info(select(2, pcall(command, "one-more", error))) end)`,
    chooses: head('chooses') + `local many = {} for i = 1, 101 do many[i] = "w" .. i end
command("choose", { arguments = { { "what", "choice", choices = many } } }, error)`
  })
  await saying(sekisho, /switched off: all its calls together took more than 1 s within 4 s/, 'burns')
  await saying(sekisho, /listens 100 times already/, 'hears')
  await saying(sekisho, /has 1000 commands already/, 'orders')
  assert.match(sekisho.stderr, /chooses\.lua:3: command: the argument "what" has more than 100 choices/)
  const { nodes } = await treeOf(player, await backend.joined(player.username))
  assert.ok(nodes.length > 1000, `${nodes.length} nodes`)
  await chatRoundTrip(player, backend, 'still here')
})

test('a line of a plugin is one line, whatever it says', async t => {
  const { sekisho, player } = await playing(t, {
    forger: head('forger') + `on("player.chat", function()
  log.info("first\\n2026-01-01T00:00:00.000Z info session=1 answer=accepted \\27[2J\\127")
  error("second\\r\\n2026-01-01T00:00:00.000Z info forged")
end)`
  })
  player.type('words')
  await saying(sekisho, /lua:4: second {2}2026-01-01T00:00:00.000Z info forged/, 'forger')
  await saying(sekisho, /^first 2026-01-01T00:00:00.000Z info session=1 answer=accepted {2}\[2J $/, 'forger')
})

test('a state that is far larger than the tables it is made of is not kept, and what a plugin learnt stays masked', async t => {
  const plugin = version => `plugin { name = "keeper", version = "${version}" }
local typed
command("keep", { arguments = { { "words", "greedy" } } }, function(_, args) typed = args.words log.info("kept " .. typed) end)
on("plugin.save", function()
  local many = {} for i = 1, 50 do many = { many, many } end
  return typed and { typed = typed } or many
end)
on("plugin.restore", function(state) log.info("restored " .. state.typed) end)`
  const { sekisho, player } = await playing(t, { keeper: plugin('1') })
  const reload = () => assert.equal(sekisho.command('plugins', 'reload', 'keeper', '-c', 'config/sekisho.lua').status, 0)
  reload()
  await saying(sekisho, /what plugin.save returns cannot be kept: this ran for too long/, 'keeper')
  player.type('/keep CanaryTyped')
  await saying(sekisho, /kept <chat.command>/, 'keeper')
  reload()
  await saying(sekisho, /restored <chat.command>/, 'keeper')
  assert.ok(!sekisho.stderr.includes('CanaryTyped'))
})

test('a button whose call is one too many switches its plugin off, once', async t => {
  const { sekisho, player, backend } = await playing(t, {
    full: head('full') + `local n = 0
on("player.join", function(player)
  player:dialog { title = "t", buttons = { { "Go", function() end } } }
  for i = 1, 1024 do after(0, function() n = n + 1 if n == 1024 then log.info("all wait") end sleep(1000) end) end
end)`
  })
  const { buttons } = await player.until('the dialog', () => player.dialog)
  await saying(sekisho, /all wait/, 'full')
  player.click(buttons[0].id, structuredClone(buttons[0].payload))
  await saying(sekisho, /switched off: more than 1024 of its calls wait at once/, 'full')
  await chatRoundTrip(player, backend, 'still here')
  assert.ok(without(sekisho.stderr))
})

test('nothing of a player stands in a page, which has links', async t => {
  const { sekisho, player, join } = await playing(t, {
    pages: head('pages', 'reads = { ["player.name"] = "service" }') + `local name
on("player.join", function(player) name = name or player.name end)
on("gate", function(player, event)
  if name then
    for _, text in ipairs { name, "https://evil.example/" .. name, text { translated { en = "x " .. name } } } do
      log.info(select(2, pcall(event.add_page, event, "title", text)))
    end
    log.info("all " .. tostring(pcall(event.add_page, event, "title", "https://example.net")))
  end
end)`
  })
  await letIn(join())
  await saying(sekisho, /all true/, 'pages')
  assert.equal(said(sekisho, 'pages').filter(line => /a page has links/.test(line)).length, 3)
  assert.ok(!sekisho.stderr.includes(player.username))
})

test('lists that do not fit in a plugin\'s memory are not read into it', async t => {
  const { sekisho, player, backend } = await playing(t, {
    lists: head('lists') + `local kept, failed = {}, 0
on("player.chat", function()
  local long = string.rep("x", 60000)
  for i = 1, 16 do store.put("k" .. i, long) end
  for i = 1, 60 do
    after(0, function()
      local list, why = store.list()
      kept[i] = list
      if not list then failed = failed + 1 log.info("list " .. why) end
    end)
  end
  local ok, why
  for i = 1, 200 do after(0, function() ok, why = pcall(store.list, "none") if not ok then log.info(why) end end) end
end)`
  })
  player.type('go')
  await saying(sekisho, /list the plugin has no memory left for so much/, 'lists')
  await saying(sekisho, /list: 128 lists of this plugin are under way already/, 'lists')
  await chatRoundTrip(player, backend, 'still here')
})
