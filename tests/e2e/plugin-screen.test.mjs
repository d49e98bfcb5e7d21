// What plugins show: every means on every version, what waits between worlds and stays from one to
// the next, and what goes with its plugin.
import test from 'node:test'
import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import { startBackend } from './lib/backend.mjs'
import { startSekisho } from './lib/sekisho.mjs'
import { customClick } from './lib/dialog.mjs'
import { joinAs } from './lib/player.mjs'
import { ask, press as confirm } from './lib/privacy.mjs'
import { scene, letIn, chatRoundTrip } from './lib/scene.mjs'
import { component, plain } from './lib/text.mjs'
import { protocolOf } from './lib/versions.mjs'
import { until } from './lib/wait.mjs'

const nbt = createRequire(import.meta.url)('prismarine-nbt')
const versions = ['1.7.10', '1.8.8', '1.12.2', '1.16.5', '1.19.4', '1.20.4', '1.21.4', '1.21.6', '1.21.11', '26.1']

const manifest = `plugin {
  name = "show", version = "1.0.0", reads = { ["player.name"] = "service", ["chat.command"] = "service" },
  channels = { "show:channel" }, hosts = { "play.example.net" },
}
`

// Everything of these names that the client got, as it came.
function collect (player) {
  const seen = {}
  player.client.on('packet', (data, { name }) => {
    ;(seen[name] ??= []).push(data)
    player.emit('change')
  })
  return seen
}

async function play (t, version, plugin, options = {}) {
  const set = await scene(t, { version, rules: options.rules ?? '', ...options, files: { 'plugins/show.lua': manifest + plugin } })
  const player = set.join()
  const seen = collect(player)
  await letIn(player)
  return { ...set, player, seen }
}

const everything = `
on("server.connected", function(player)
  local results = {}
  local function note(what, ok) results[#results + 1] = what .. "=" .. tostring(ok) end
  local name = player.name
  log.info("about to greet " .. name)
  note("send", player:send(text { "Hello ", name, "!", color = "#ffaa01", bold = true, suggest = "/msg you", hover = "hover" }))
  note("action_bar", player:action_bar(text { "bar of ", name, color = "red" }))
  note("title", player:title("title of " .. name, "below", { fade_in = 0, stay = 2, fade_out = 0.5 }))
  local bar, why = player:boss_bar { text = "boss", progress = 0.5, color = "green", notches = 10 }
  note("boss_bar", not why)
  note("bar", bar:update { text = "boss of " .. name, progress = 0.25 })
  bar:remove()
  bar:update { color = "red" }
  note("tab_list", player:tab_list("above " .. name, text { "below", italic = true }))
  note("sound", player:sound("minecraft:block.note_block.pling", { volume = 0.5, pitch = 2, category = "record" }))
  note("message", player:message("show:channel", "data"))
  note("set_cookie", player:set_cookie("crumb", "what was stored"))
  note("transfer", false)
  player:send("done " .. table.concat(results, " "))
end)
`

const soundOf = params => params.soundName ?? params.sound?.data?.soundName ?? params.soundEvent?.resource ?? params.sound?.soundName

function seesTitles (seen, protocol, name) {
  if (protocol < 47) return assert.ok(!seen.title && !seen.set_title_text)
  if (protocol < 755) {
    const old = protocol < 315 ? ['title', 'subtitle', undefined, 'times'] : ['title', 'subtitle', 'bar', 'times']
    const by = Object.fromEntries(seen.title.map(data => [data.action, data]))
    assert.equal(plain(by[0].text), `title of ${name}`)
    assert.equal(plain(by[1].text), 'below')
    const times = by[old.indexOf('times') - (protocol < 315 ? 1 : 0)]
    assert.deepEqual([times.fadeIn, times.stay, times.fadeOut], [0, 40, 10])
    if (protocol >= 315) assert.equal(plain(by[2].text), `bar of ${name}`)
    else assert.equal(seen.chat.filter(({ position }) => position === 2).map(({ message }) => plain(message))[0], `§cbar of §c${name}`)
    return
  }
  assert.equal(plain(seen.set_title_text[0].text), `title of ${name}`)
  assert.equal(plain(seen.set_title_subtitle[0].text), 'below')
  assert.deepEqual({ ...seen.set_title_time[0] }, { fadeIn: 0, stay: 40, fadeOut: 10 })
  assert.equal(plain(seen.action_bar[0].text), `bar of ${name}`)
}

function seesBars (seen, protocol, name) {
  if (protocol < 107) return assert.ok(!seen.boss_bar)
  const [add, progress, title, remove, again] = seen.boss_bar
  assert.deepEqual([add.action, plain(add.title), add.health, add.color, add.dividers], [0, 'boss', 0.5, 3, 2])
  assert.deepEqual([progress.action, progress.health], [2, 0.25])
  assert.deepEqual([title.action, plain(title.title)], [3, `boss of ${name}`])
  assert.equal(add.entityUUID, title.entityUUID)
  assert.equal(remove.action, 1)
  assert.deepEqual([again.action, plain(again.title), again.health, again.color, again.dividers], [0, `boss of ${name}`, 0.25, 2, 2])
}

for (const version of versions) {
  const protocol = protocolOf(version)
  test(`${version}: everything that a plugin shows is seen, with the player's own name in it`, async t => {
    const { backend, sekisho, player, seen } = await play(t, version, everything)
    const name = player.username
    await player.hears('done ')
    await player.hears(`Hello ${name}!`)
    const said = player.chats.map(({ text }) => text).find(text => text.startsWith('done '))
    const expected = { send: true, action_bar: protocol >= 47, title: protocol >= 47, boss_bar: protocol >= 107,
      bar: protocol >= 107, tab_list: protocol >= 47, sound: true, message: true, set_cookie: protocol >= 766, transfer: false }
    assert.equal(said, `done ${Object.entries(expected).map(([what, ok]) => `${what}=${ok}`).join(' ')}`)
    const line = [...seen.chat ?? [], ...seen.system_chat ?? []].map(({ message, content }) => component(content ?? message))
      .find(each => plain(each).startsWith('Hello '))
    assert.equal(line.color, protocol >= 735 ? '#ffaa01' : 'gold')
    assert.equal((line.click_event ?? line.clickEvent).action, 'suggest_command')
    seesTitles(seen, protocol, name)
    seesBars(seen, protocol, name)
    const list = seen.playerlist_header?.at(-1)
    assert.equal(list && plain(list.header), protocol < 47 ? undefined : `above ${name}`)
    // Before 1.19.3 the client has to tell where it is: it has told its place at the spawn point, or does now.
    const tell = () => player.client.write('position', { x: 1234.5, y: 70, z: -42.5, stance: 71.62, onGround: true, flags: {} })
    const heard = await player.until('the sound', () => {
      if (protocol < 761) tell()
      return (seen.entity_sound_effect ?? seen.named_sound_effect)?.[0]
    })
    assert.equal(soundOf(heard), 'minecraft:block.note_block.pling')
    assert.equal(heard.volume, 0.5)
    if (protocol >= 761) assert.equal(heard.entityId, seen.login.at(-1).entityId)
    // The library's order of feet and head is not the game's in 1.7.
    else assert.deepEqual([heard.x, heard.y, heard.z].map(each => each / 8), [1234.5, protocol < 47 ? 71.5 : 70, -42.5])
    assert.equal(seen.custom_payload.find(({ channel }) => channel === 'show:channel').data.toString(), 'data')
    await until(sekisho, 'the log', () => /plugin=show about to greet <player\.name>/.test(sekisho.stderr))
    assert.ok(!sekisho.stderr.includes(name), 'the name is in the log')
    await chatRoundTrip(player, backend, 'after all that')
    assert.deepEqual(player.errors, [])
  })
}

// Clicks the button as a vanilla client does: with what was ticked and written, where it is asked.
function press (player, dialog, label, inputs = {}) {
  const button = dialog.buttons.find(each => each.label === label)
  const payload = structuredClone(button.payload)
  for (const [key, value] of Object.entries(inputs)) {
    payload.value[key] = typeof value === 'boolean' ? nbt.byte(value ? 1 : 0) : nbt.string(value)
  }
  player.click(button.id, payload)
  return { id: button.id, payload }
}

const clickIn = (player, text) => player.chats.flatMap(({ clicks }) => clicks).findLast(click => click.text.includes(text))

const form = `
on("server.connected", function(player)
  player:dialog {
    title = "Report by " .. player.name,
    "First text", text { "Second text", color = "gold" },
    inputs = {
      { "why", "text", label = "Reason", max = 30 },
      { "loud", "box", label = "Loud" },
      { "kept", "box", label = "Kept", ticked = true },
    },
    buttons = {
      { "Send", function(who, answer)
        local why = answer.why and "wrote " .. answer.why or "wrote nothing"
        who:send(text { "answered ", why, " ", tostring(answer.loud), " ", tostring(answer.kept) })
        log.info("answer " .. tostring(answer.why))
      end },
      { "Nothing" },
    },
  }
end)
`

for (const version of versions) {
  const protocol = protocolOf(version)
  test(`${version}: a dialog is answered, once, with what was ticked and written`, async t => {
    const { backend, sekisho, player } = await play(t, version, form)
    if (protocol >= 771) {
      const dialog = await player.until('the dialog', () => player.dialogs.find(each => each.title.startsWith('Report')))
      assert.equal(dialog.title, `Report by ${player.username}`)
      assert.deepEqual(dialog.bodies, ['First text', 'Second text'])
      assert.deepEqual(dialog.boxes.map(({ label, ticked }) => [label, ticked]), [['Loud', false], ['Kept', true]])
      const inputs = { text_0: '理由 because', purpose_0: true, purpose_1: false, purpose_2: true, text_5: 'no such' }
      const { id, payload } = press(player, dialog, 'Send', inputs)
      await player.hears('answered wrote 理由 because true false')
      player.click(id, payload)
    } else {
      await player.until('the buttons', () => clickIn(player, 'Send'))
      for (const line of [`Report by ${player.username}`, 'First text', 'Second text']) await player.hears(line)
      player.type(`${clickIn(player, 'Reason').value}理由 because`)
      await player.hears('[Reason] 理由 because')
      player.type(clickIn(player, 'Loud').value)
      await player.hears('[x] Loud')
      const count = player.chats.length
      player.type(clickIn(player, 'Kept').value)
      await player.until('the box', () => player.chats.slice(count).some(({ text }) => text.includes('[  ] Kept')))
      const send = clickIn(player, 'Send').value
      player.type(send)
      await player.hears('answered wrote 理由 because true false')
      player.type(send)
    }
    await chatRoundTrip(player, backend, 'after it')
    assert.equal(player.chats.filter(({ text }) => text.startsWith('answered')).length, 1, 'answered once')
    await until(sekisho, 'the log', () => /plugin=show answer <chat\.command>/.test(sekisho.stderr))
    assert.ok(!/because|理由/.test(sekisho.stderr), 'what was written is in the log')
    const seen = await backend.joined(player.username)
    assert.ok(!seen.holds('sekisho:page') && !seen.holds('because'), 'the server was told')
    assert.deepEqual(player.errors, [])
  })
}

test('1.21.11: who clicks with another nonce, another button or too long a text is not answered', async t => {
  const { backend, player } = await play(t, '1.21.11', form)
  const dialog = await player.until('the dialog', () => player.dialogs.find(each => each.title.startsWith('Report')))
  const { id, payload } = dialog.buttons.find(({ label }) => label === 'Send')
  const command = payload.value.command.value
  const other = words => ({ ...payload, value: { ...payload.value, command: nbt.string(words) } })
  const wrong = [command.replace(/^./, c => c === '0' ? '1' : '0'), command.replace(/ 0$/, ' 2'), command.replace(/ 0$/, ' '), '', 'x']
  for (const words of wrong) player.click(id, other(words))
  player.click(id, { ...payload, value: { ...payload.value, text_0: nbt.string('x'.repeat(31)) } })
  player.client.writeRaw(Buffer.concat([Buffer.from([0x41]), customClick(id, null)]))
  await chatRoundTrip(player, backend, 'after it')
  assert.ok(!player.chatText.includes('answered'))
  press(player, dialog, 'Send')
  await player.hears('answered wrote nothing false false')
})

const staying = `
on("player.join", function(player)
  player:boss_bar { text = "ours", progress = 1 }
  player:boss_bar { text = "below" }
  player:tab_list("our header")
end)
on("server.connect", function(player) player:send("on the way"); player:action_bar("soon") end)
`

// What the client shows of bars and the list's header, as it forgets them itself from 1.20.2 on.
function viewOf (player) {
  const view = { bars: {} }
  player.client.on('state', state => { if (state === 'configuration') view.bars = {} })
  player.client.on('login', () => { if (player.protocol >= 764) view.bars = {} })
  player.client.on('boss_bar', ({ action, entityUUID, title }) => {
    if (action === 0) view.bars[entityUUID] = plain(title)
    if (action === 1) delete view.bars[entityUUID]
  })
  player.client.on('playerlist_header', ({ header }) => { view.header = plain(header) })
  return view
}

for (const version of ['1.12.2', '1.19.4', '1.20.4']) {
  test(`${version}: at the gate nothing of plugins is on the screen, and comes back behind it`, async t => {
    const { join } = await scene(t, { version, files: { 'plugins/show.lua': manifest + staying } })
    const player = join()
    const view = viewOf(player)
    await letIn(player)
    await player.until('the bars', () => Object.values(view.bars).join() === 'ours,below')
    await ask(player, 'withdraw', /consent/)
    player.books.length = 0
    player.bookOpened = false
    await confirm(player, /^withdraw \w+$/)
    await player.gate()
    assert.deepEqual(view.bars, {})
    await player.accept()
    await player.until('the bars', () => Object.values(view.bars).join() === 'ours,below')
    assert.deepEqual(player.errors, [])
  })
}

for (const version of ['1.8.8', '1.12.2', '1.16.5', '1.19.4', '1.20.4', '1.21.4', '1.21.11', '26.1']) {
  const protocol = protocolOf(version)
  test(`${version}: bars and header stay when the player changes servers; what came between worlds is said in the next`, async t => {
    const one = await startBackend(t, { version })
    const two = await startBackend(t, { version, x: 99.5 })
    const sekisho = await startSekisho(t, {
      files: { 'plugins/show.lua': manifest + staying },
      servers: { one: { address: one.address }, two: { address: two.address } },
      config: { try: ['one'] }
    })
    const player = joinAs(t, { port: sekisho.port, version })
    const view = viewOf(player)
    await letIn(player)
    await player.hears('on the way')
    await player.until('the header', () => view.header === 'our header')
    const before = player.chats.length
    player.type('/server two')
    await player.playing(99.5)
    await player.until('the line again', () => player.chats.slice(before).some(({ text }) => text === 'on the way'))
    await chatRoundTrip(player, two, 'with two')
    assert.deepEqual(Object.values(view.bars), protocol >= 107 ? ['ours', 'below'] : [])
    assert.equal(view.header, 'our header')
    assert.deepEqual(player.errors, [])
  })
}

// The server calls its own player back into configuration, as one does that changes its registries.
async function reconfigure (there, login) {
  const { client } = there
  // At once: what comes next is of the other phase.
  const goes = (name, state) => new Promise(resolve => client.once(name, () => { client.state = state; resolve() }))
  const acknowledged = goes('configuration_acknowledged', 'configuration')
  const finished = goes('finish_configuration', 'play')
  client.removeAllListeners('state') // the library would begin to send keep-alives a second time, for ever
  client.write('start_configuration', {})
  await acknowledged
  client.write('finish_configuration', {})
  await finished
  client.write('login', login)
}

for (const version of ['1.20.4', '1.21.11', '26.1']) {
  test(`${version}: a server that configures its player anew does not take away what plugins show`, async t => {
    const { backend, player, seen } = await play(t, version, staying + `
      on("server.connected", function(player) player:send("connected") end)
      on("player.command", function(player) player:sound("minecraft:block.note_block.pling") end)
    `)
    await player.until('the bar', () => seen.boss_bar)
    const there = await backend.joined(player.username)
    await reconfigure(there, { ...seen.login.at(-1), entityId: 99 })
    await player.until('the bars again', () => seen.boss_bar.length === 4)
    assert.deepEqual(seen.boss_bar.map(({ action, title }) => [action, plain(title)]),
      [[0, 'ours'], [0, 'below'], [0, 'ours'], [0, 'below']])
    assert.equal(seen.boss_bar[0].entityUUID, seen.boss_bar[2].entityUUID)
    await player.until('the header again', () => seen.playerlist_header.length === 2)
    player.type('/beep')
    const sound = await player.until('the sound', () => seen.entity_sound_effect?.[0])
    assert.equal(sound.entityId, 99)
    await chatRoundTrip(player, backend, 'after it')
    assert.equal(player.chats.filter(({ text }) => text === 'connected').length, 1, 'told of the server once')
    assert.deepEqual(player.errors, [])
  })
}

for (const version of ['1.20.6', '1.21.11', '26.1']) {
  test(`${version}: a cookie comes back to the plugin, player and key that stored it, and nothing else does`, async t => {
    const { backend, player, seen } = await play(t, version, `
      on("player.chat", function(player)
        player:send("early " .. select(2, pcall(player.cookie, player, "one")))
        after(0, function() ask(player) end)
      end)
      function ask(player)
        player:set_cookie("one", "what was stored")
        player:send("one " .. tostring(player:cookie("one")))
        player:send("two " .. tostring(player:cookie("two")))
        player:send("three " .. tostring(player:cookie("three")))
        player:send("none " .. tostring(player:cookie("none")))
      end
    `)
    const { client } = player
    client.on('cookie_request', ({ cookie: key }) => {
      const { value } = seen.store_cookie[0]
      const forged = { 'show:one': value, 'show:two': value, 'show:three': Buffer.from('made up, and long enough to be one of ours') }
      client.write('cookie_response', { key, value: forged[key] })
    })
    await chatRoundTrip(player, backend, 'go')
    await player.hears('one what was stored')
    await player.hears("the player's client waits for this handler")
    for (const key of ['two', 'three', 'none']) await player.hears(`${key} nil`)
    assert.equal(seen.store_cookie[0].key, 'show:one')
    assert.ok(!(await backend.joined(player.username)).all('cookie_response').length, 'the server was told')
  })
  test(`${version}: a transfer goes to a host of the manifest only`, async t => {
    const { player, seen, sekisho } = await play(t, version, `
      on("player.join", function(player)
        player:send("other " .. tostring(pcall(player.transfer, player, "elsewhere.example.net")))
        player:transfer("play.example.net", 25566)
      end)
    `)
    await player.hears('other false')
    const transfer = await player.until('the transfer', () => seen.transfer?.[0])
    assert.deepEqual({ ...transfer }, { host: 'play.example.net', port: 25566 })
    assert.equal(seen.transfer.length, 1)
    assert.doesNotMatch(sekisho.stderr, /error/)
  })
}

const book = `
on("player.join", function(player)
  player:book { title = "Rules of " .. "the house", "Page one for " .. player.hash(player):sub(1, 4), text { "Page two", bold = true } }
end)
`

async function isPage (player, protocol) {
  if (protocol < 771) {
    for (const line of ['Rules of the house', 'Page one for ', 'Page two']) await player.hears(line)
    return
  }
  const dialog = await player.until('the dialog', () => player.dialogs.find(each => each.title === 'Rules of the house'))
  assert.match(dialog.bodies[0], /^Page one for/)
  assert.equal(dialog.type, 'minecraft:notice')
}

for (const version of versions) {
  const protocol = protocolOf(version)
  test(`${version}: a book is a dialog; before those, a book in the waiting room and lines on a server`, async t => {
    const waiting = await startSekisho(t, { files: { 'plugins/show.lua': manifest + book } })
    const alone = joinAs(t, { port: waiting.port, version })
    await alone.accept()
    if (protocol < 771 && protocol >= 47) {
      await alone.until('the book', () => alone.books.some(pages => pages[1]?.text === 'Page two'))
      assert.match(alone.books.at(-1)[0].text, /^Page one for [0-9a-f]{4}$/)
    } else {
      await isPage(alone, protocol)
    }
    const { player } = await play(t, version, book)
    await isPage(player, protocol)
    assert.deepEqual([...alone.errors, ...player.errors], [])
  })
}

const refusals = {
  'a value in a click': 'text { "x", run_command = "/x " .. player.name }',
  'a value in a suggestion': 'text { "x", suggest = player.name }',
  'a value in a link': 'text { "x", open_url = "https://example.net/" .. player.name }',
  'a click that tells the language': 'text { translated { en = text { "x", run_command = "/en" }, ja = "x" } }',
  'a link that is none': 'text { "x", open_url = "example.net" }',
  'a command without a slash': 'text { "x", run_command = "x" }',
  'a colour that is none': 'text { "x", color = "golden" }',
  'a key that is none': 'text { "x", colour = "gold" }',
  'a hole in the parts': 'text { "x", player:field("player.name") and nil, "y" }',
  'bytes that are no text': 'player:send("\\xff")',
  'a zero': 'player:send("a\\0b")',
  'too long a text': 'player:send(("x"):rep(30001))',
  'too long a text of parts': '(function() local t = "" for i = 1, 200 do t = t .. player.name end player:send(t) end)()',
  'too long a text for what it takes': 'player:send(("\\1"):rep(6000))',
  'texts too deep in texts': '(function() local t = "x" for i = 1, 20 do t = text { t } end end)()',
  'a value in a message': 'player:message("show:channel", player.name)',
  'another channel': 'player:message("other:channel", "x")',
  'a value in a cookie': 'player:set_cookie("x", player.name)',
  'a key of other plugins': 'player:cookie("a:b")',
  'a value in an input': 'player:dialog { title = "x", inputs = { { "a", "text", label = "l", value = player.name } } }',
  'a value as a label': 'player:dialog { title = "x", buttons = { { player.name } } }',
  'an input of no kind': 'player:dialog { title = "x", inputs = { { "a", "number", label = "l" } } }',
  'too many buttons': '(function() local b = {} for i = 1, 33 do b[i] = { "x" } end player:dialog { title = "x", buttons = b } end)()',
  'a number that is none': 'player:boss_bar { progress = 0/0 }',
  'notches that are none': 'player:boss_bar { notches = 7 }',
  'a book without pages': 'player:book { title = "x" }',
  'too long a book': '(function() local p = { title = "x" } for i = 1, 100 do p[i] = ("x"):rep(2000) end player:book(p) end)()'
}

for (const version of ['1.12.2', '1.21.11']) {
  test(`${version}: what cannot be shown, or would tell what a value says, is an error that says so; nobody is hurt`, async t => {
    const lines = Object.entries(refusals)
      .map(([what, code]) => `try("${what}", function() ${code.startsWith('text') ? 'return ' : ''}${code} end)`)
    const { backend, sekisho, player } = await play(t, version, `
      on("player.join", function(player)
        local function try(what, call)
          local ok, why = pcall(call)
          log.info("tried " .. what .. ": " .. tostring(ok) .. " " .. tostring(why))
        end
        ${lines.join('\n        ')}
        player:send("the end")
      end)
    `)
    await player.hears('the end')
    await until(sekisho, 'the log', () => sekisho.stderr.includes('tried too long a book'))
    const tried = [...sekisho.stderr.matchAll(/tried (.*?): (\w+) (.*)/g)].map(([, what, ok, why]) => [what, ok, why])
    assert.deepEqual(tried.map(([what]) => what), Object.keys(refusals))
    assert.deepEqual(tried.filter(([, ok]) => ok === 'true'), [])
    for (const [what, , why] of tried) assert.match(why, /^plugins\/show\.lua:\d+: /, what)
    assert.ok(!sekisho.stderr.includes(player.username), 'the name is in the log')
    await chatRoundTrip(player, backend, 'after it')
    assert.deepEqual(player.errors, [])
  })
}

for (const version of ['1.16.5', '1.21.11']) {
  test(`${version}: what a plugin left on the screen goes when it is switched off`, async t => {
    const { backend, sekisho, player, seen } = await play(t, version, `
      on("player.join", function(player)
        player:boss_bar { text = "ours" }
        player:tab_list("our header")
        player:dialog { title = "x", buttons = { { "Press", function() player:send("answered") end } } }
      end)
      on("player.chat", function() every(0.05, function() error("nothing but errors") end) end)
    `)
    await player.until('the header', () => seen.playerlist_header)
    await player.until('the button', () => player.dialogs.at(-1)?.buttons.length || clickIn(player, 'Press'))
    const cleared = player.dialogsCleared
    player.type('go')
    await until(sekisho, 'the end of the plugin', () => /plugin=show is switched off/.test(sekisho.stderr))
    await player.until('the bar to go', () => seen.boss_bar.at(-1).action === 1)
    await player.until('the header to go', () => plain(seen.playerlist_header.at(-1).header) === '')
    if (player.dialog) await player.until('the dialog to go', () => player.dialogsCleared === cleared + 1)
    if (player.dialog) press(player, player.dialog, 'Press')
    else player.type(clickIn(player, 'Press').value)
    await chatRoundTrip(player, backend, 'after it')
    assert.ok(!player.chatText.includes('answered'))
  })
}

for (const version of ['1.8.8', '1.16.5']) {
  test(`${version}: a place that is in no world is none to play a sound at`, async t => {
    const { backend, player, seen } = await play(t, version, `
      on("player.command", function(player) player:sound("minecraft:block.note_block.pling") end)
    `)
    await backend.joined(player.username)
    player.type('/beep')
    const at = (x, y, z) => player.client.write('position', { x, y, z, onGround: true })
    for (const far of [1e300, -1e300, Infinity, NaN, 1e9]) at(far, 64, 8)
    at(1, 1e300, 8)
    at(1, 64, NaN)
    at(16, 64, 8)
    const heard = await player.until('the sound', () => seen.named_sound_effect?.[0])
    assert.deepEqual([heard.x, heard.y, heard.z], [128, 512, 64])
    assert.equal(seen.named_sound_effect.length, 1)
  })
}

test('a release that is not known yet is shown nothing, and the plugin told so', async t => {
  const set = await scene(t, { version: '26.1', rules: '', files: {
    'plugins/show.lua': manifest + `
      on("player.login", function(player) log.info("said " .. tostring(select(2, player:send("x")))) end)
    `
  } })
  const player = set.join({ protocol: 790 })
  await until(set.sekisho, 'the log', () => /said this version of the game has nothing of the kind/.test(set.sekisho.stderr))
  await player.gate()
})
