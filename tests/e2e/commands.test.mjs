// Commands of plugins: what they take, what the client shows of them, who may, and who sees them.
import test from 'node:test'
import assert from 'node:assert/strict'
import { offlineUuid } from './lib/answered.mjs'
import { askFor, completer, hearTrees, treeOf, treeWith, under } from './lib/commands.mjs'
import { joinAs, freshName } from './lib/player.mjs'
import { scene, letIn, chatRoundTrip } from './lib/scene.mjs'
import { startSekisho } from './lib/sekisho.mjs'
import { protocolOf } from './lib/versions.mjs'
import { quiet, until } from './lib/wait.mjs'

const games = `plugin { name = "games", version = "1.0.0", reads = { ["player.name"] = "service" } }
command("play", { description = "plays a game", aliases = { "game" }, arguments = {
  { "n", "integer", min = 1, max = 5 },
  { "mode", "choice", choices = { "easy", "hard" } },
  { "who", "player", optional = true },
  { "text", "greedy", optional = true } } },
  function(player, args)
    local line = args.n + 1 .. " " .. args.mode .. " " .. (args.text or "nothing")
    return args.who and line .. " with " .. args.who.name or line
  end)
command("pick", { arguments = { { "colour", "word", complete = function(player, beginning)
  return { "red", "ruby", "blue", 5, beginning .. "!" }
end } } }, function(player, args)
  sleep(0.01)
  player:send("you picked " .. args.colour)
end)
command("pay", { arguments = { { "who", "word" }, { "sum", "word", complete = function(player, beginning, before)
  if beginning == "never" then sleep(3600) end
  store.put("asked", before.who)
  return { store.get("asked") .. "1", store.get("asked") .. "2" }
end } } }, function(player, args) return args.sum == "odd" and {} or 123 end)
command("broken", function() error("inside") end)
command("about", { arguments = { { "who", "person" } } }, function(player, args)
  return type(args.who) == "string" and "away: " .. args.who or "here: " .. args.who.name
end)
command("slow", function() sleep(3600) end)
command("secret", { permission = "games.secret" }, function(player)
  return "the secret; " .. (player:may("games.other") and "other" or "nothing else")
end)
`

const files = { 'plugins/games.lua': games }
const versions = ['1.7.10', '1.8.8', '1.12.2', '1.13.2', '1.16.5', '1.19.4', '1.20.4', '1.21.4', '26.1']

async function playing (t, version, options = {}) {
  const { backend, sekisho, join } = await scene(t, { version, files, ...options })
  const player = await letIn(join(options.player))
  return { backend, sekisho, join, player, seen: await backend.joined(player.username) }
}

for (const version of versions.filter(version => protocolOf(version) >= 393)) {
  test(`${version}: a command and what it takes are part of the client's tree`, async t => {
    const { player, seen } = await playing(t, version)
    const tree = await treeOf(player, seen)
    const commands = under(tree)
    assert.deepEqual(Object.keys(commands).sort(), ['about', 'broken', 'game', 'pay', 'pick', 'play', 'privacy', 'server', 'slow'])
    assert.equal(commands.play.flags.has_command, 0)
    assert.equal(commands.broken.flags.has_command, 1)
    assert.deepEqual(commands.game.children, commands.play.children)
    const { n } = under(tree, commands.play)
    assert.equal(n.extraNodeData.parser, 'brigadier:integer')
    assert.deepEqual([n.extraNodeData.properties.min, n.extraNodeData.properties.max], [1, 5])
    assert.equal(n.flags.has_command, 0)
    const modes = under(tree, n)
    assert.deepEqual(Object.keys(modes).sort(), ['easy', 'hard'])
    assert.equal(modes.easy.flags.has_command, 1)
    const { who } = under(tree, modes.hard)
    assert.equal(who.extraNodeData.parser, 'brigadier:string')
    assert.equal(who.extraNodeData.properties, 'SINGLE_WORD')
    assert.equal(who.extraNodeData.suggestionType, 'minecraft:ask_server')
    const { text } = under(tree, who)
    assert.equal(text.extraNodeData.properties, 'GREEDY_PHRASE')
    assert.equal(text.flags.has_command, 1)
    assert.equal(under(tree, commands.pick).colour.extraNodeData.suggestionType, 'minecraft:ask_server')
    assert.deepEqual(player.errors, [])
  })
}

for (const version of versions) {
  test(`${version}: a command runs with what was typed, and no server sees it`, async t => {
    const { backend, player, seen } = await playing(t, version)
    player.type('/play 3 HARD')
    await player.hears('4 hard nothing')
    player.type(`/game  1 easy ${player.username.toUpperCase()}  with many  words`)
    await player.hears(`2 easy with many  words with ${player.username}`)
    player.type('/pick red')
    await player.hears('you picked red')
    player.type('/play 6 easy')
    await player.hears('This has to be a whole number: n (1 ... 5)\nUsage: /play <n> <mode> [who] [text]\nplays a game')
    player.type('/play 1')
    await player.hears('Something is missing: mode (easy, hard)')
    player.type('/play 1 easy Nobody')
    await player.hears('There is no player of this name: who')
    player.type('/pick red blue')
    await player.hears('There is too much behind the command.')
    player.type('/broken')
    await player.hears('The command failed.')
    player.type('/secret')
    await player.hears('You may not use this command.')
    player.type('/spawn')
    player.type('/minecraft:play 9')
    await chatRoundTrip(player, backend)
    await until(seen, "the server's own command", () => seen.chats.includes('/spawn'))
    assert.deepEqual(seen.chats, ['/spawn', '/minecraft:play 9', 'is anybody here'])
    assert.deepEqual(player.errors, [])
  })

  test(`${version}: arguments are completed here, the server's own there`, async t => {
    const { player, seen } = await playing(t, version)
    const complete = completer(player)
    const asked = []
    seen.client.on('tab_complete', ({ text, transactionId }) => {
      asked.push(text)
      seen.client.write('tab_complete', transactionId === undefined
        ? { matches: ['/plan'] }
        : { transactionId, start: text.lastIndexOf(' ') + 1, length: text.length - text.lastIndexOf(' ') - 1,
            matches: [{ match: 'there', tooltip: undefined }] })
    })
    assert.deepEqual(await complete('/play 1 easy '), [player.username])
    assert.deepEqual(await complete(`/play 1 easy ${player.username.slice(0, 4).toUpperCase()}`), [player.username])
    assert.deepEqual(await complete('/play 1 easy Nobody'), [])
    assert.deepEqual(await complete('/about '), [player.username])
    assert.deepEqual(await complete('/play 1 H'), ['hard'])
    assert.deepEqual(await complete('/pick r'), ['red', 'ruby', 'r!'])
    assert.deepEqual(await complete('/secret '), [])
    askFor(player, '/pay Bob never')
    assert.deepEqual(await complete('/pay Bob '), ['Bob1', 'Bob2'], 'one that waits, and not the one before')
    assert.deepEqual(await complete('/pay Bob bob2'), ['Bob2'])
    assert.deepEqual(await complete('/pick a'.padEnd(100, ' b')), [])
    assert.deepEqual(asked, [])
    if (player.protocol < 393) assert.deepEqual(await complete('/pl'), ['/plan', '/play'])
    else assert.deepEqual(await complete('/elsewhere t'), ['there'])
    assert.equal(asked.length, 1)
    assert.deepEqual(player.errors, [])
  })
}

for (const version of ['1.13.2', '1.20.4', '26.1']) {
  test(`${version}: a server's command of the same name lends its arguments to nobody`, async t => {
    const { player, seen } = await playing(t, version)
    const tree = await treeOf(player, seen, treeWith('game', 'theirs'))
    const roots = tree.nodes[tree.rootIndex].children.map(index => tree.nodes[index])
    const [ours, theirs, ...more] = roots.filter(({ extraNodeData }) => extraNodeData.name === 'game')
    assert.equal(more.length, 0)
    assert.deepEqual(Object.keys(under(tree, theirs)), ['theirs'])
    assert.deepEqual([ours.children, ours.flags.has_redirect_node], [[], 1], 'the client adds theirs to these, and goes on elsewhere')
    const hidden = tree.nodes[ours.redirectNode]
    assert.deepEqual(Object.keys(under(tree, hidden)), ['n'])
    assert.ok(!roots.includes(hidden))
    assert.equal(roots.find(({ extraNodeData }) => extraNodeData.name === 'play').redirectNode, ours.redirectNode)
    assert.equal(under(tree).pay.flags.has_redirect_node, 0)
    assert.deepEqual(player.errors, [])
  })
}

test('a Japanese player reads what is wrong in Japanese', async t => {
  const { player } = await playing(t, '1.20.4', { player: { locale: 'ja_jp' } })
  player.type('/play abc')
  await player.hears('整数で入力してください： n (1 ... 5)\n使い方： /play <n> <mode> [who] [text]')
})

test('what a command returns is told, and what is no text is a mistake that names it', async t => {
  const { sekisho, player } = await playing(t, '1.20.4')
  player.type('/pay Bob number')
  await player.hears('123')
  player.type('/pay Bob odd')
  await until(sekisho, 'the mistake', () => /\/pay returned a table; a command returns a text, or nothing/.test(sekisho.stderr))
})

test('who may is up to config/permissions.lua, and holds from the reload on', async t => {
  const username = freshName()
  const { sekisho, player, seen, join, backend } = await playing(t, '1.20.4', { player: { username } })
  assert.ok(!under(await treeOf(player, seen)).secret)
  sekisho.write('config/permissions.lua', `return { groups = {
    players = { permissions = { "games.*", "-games.other" }, members = { "${offlineUuid(username)}" } } } }`)
  const { status, stdout } = sekisho.command('reload', '-c', 'config/sekisho.lua')
  assert.equal(status, 0)
  assert.match(stdout, /^permissions: have changed$/m)
  await until(sekisho, 'the warning', () => /nobody proves who they are/.test(sekisho.stderr))
  player.type('/secret')
  await player.hears('the secret; nothing else')
  assert.ok(under(await treeOf(player, seen)).secret)
  const other = await letIn(join())
  other.type('/secret')
  await other.hears('You may not use this command.')
  assert.ok(!under(await treeOf(other, await backend.joined(other.username))).secret)

  sekisho.write('config/permissions.lua', 'return {\n  groups = { a = { permission = {} } } }')
  const bad = sekisho.command('reload', '-c', 'config/sekisho.lua')
  assert.equal(bad.status, 1)
  assert.match(bad.stderr, /config\/permissions\.lua:2: there is no key "permission" here; did you mean "permissions"\?/)
  const check = sekisho.command('check', '-c', 'config/sekisho.lua')
  assert.equal(check.status, 1)
  assert.match(check.stderr, /config\/permissions\.lua:2: /)
  player.type('/secret')
  await player.until('the secret twice', () => player.chatText.split('the secret').length === 3)
})

test("a player is known to who asks by the name that the asker's server knows", async t => {
  const { sekisho, join, backend } = await scene(t, {
    version: '1.20.4', files, rules: 'forward "player.uuid" { form = pseudonym }\nforward "player.name" { form = pseudonym }\n'
  })
  const hidden = await letIn(join())
  const player = await letIn(join())
  const known = backend.players.map(({ username }) => username)
  assert.ok(!known.includes(hidden.username))
  const complete = completer(player)
  assert.deepEqual((await complete('/play 1 easy ')).sort(), known.sort())
  player.type(`/play 1 easy ${hidden.username}`)
  await player.hears('There is no player of this name')
  player.type(`/play 1 easy ${known.find(name => !player.chatText.includes(name))}`)
  await player.hears('2 easy nothing with ')
  player.type(`/about ${hidden.username}`)
  await player.hears(`away: ${hidden.username}`)
  player.type(`/about ${known[0]}`)
  await player.hears('here: ')
  const waiting = join()
  await waiting.gate()
  assert.equal((await complete('/play 1 easy ')).length, 2, 'who is still asked is not there')
  assert.ok(!sekisho.stderr.includes(hidden.username))
})

test('who types on and on is told to wait, and keeps nobody else from it', async t => {
  const { sekisho, player, join } = await playing(t, '1.20.4')
  const other = await letIn(join())
  for (let i = 0; i < 6; i++) player.type('/slow')
  await player.hears('Your last commands are still at work.')
  other.type('/play 1 easy')
  await other.hears('2 easy nothing')
  for (let i = 0; i < 200; i++) player.type('/broken please')
  await quiet(300)
  const told = player.chatText.split('There is too much').length - 1
  assert.ok(told <= 20, `told ${told} times`)
  assert.ok(!/switched off/.test(sekisho.stderr))
})

test('a plugin that is switched off leaves its commands to the servers', async t => {
  const { sekisho, player, seen } = await playing(t, '1.20.4')
  player.type('/broken')
  await player.hears('The command failed.')
  while (!/switched off/.test(sekisho.stderr)) {
    player.type('/broken')
    await quiet(50)
  }
  player.type('/play 1 easy')
  await until(seen, 'the command at the server', () => seen.chats.includes('/play 1 easy'))
  assert.deepEqual(Object.keys(under(await treeOf(player, seen))).sort(), ['privacy', 'server'])
})

for (const version of ['1.8.8', '1.16.5', '1.20.4']) {
  test(`${version}: in the waiting room commands work, at the gate they do not`, async t => {
    const sekisho = await startSekisho(t, { files })
    const player = joinAs(t, { port: sekisho.port, version })
    const trees = hearTrees(player)
    await player.gate()
    player.type('/play 1 easy')
    await player.accept()
    await player.hears('waiting room')
    player.type('/play 2 easy')
    await player.hears('3 easy nothing')
    assert.ok(!player.chatText.includes('2 easy'))
    const shown = ['about', 'accept', 'broken', 'choose', 'decline', 'game', 'language', 'pay', 'pick', 'play', 'policy',
      'privacy', 'server', 'slow']
    if (player.protocol >= 393) assert.deepEqual(Object.keys(under(trees.at(-1))).sort(), shown)
    if (player.protocol < 393) {
      const complete = completer(player)
      assert.deepEqual(await complete('/pick b'), ['blue', 'b!'])
      assert.deepEqual(await complete('/p'), ['/privacy', '/play', '/pick', '/pay'])
    }
    assert.deepEqual(player.errors, [])
  })
}

for (const [what, text, message] of [
  ['a name of Sekisho itself', 'command("privacy", print_nothing)', /bad argument|expected/],
  ['a name that is taken', 'command("server", function() end)', /\/server is a command of Sekisho itself already; choose another name/],
  ['the name of an answer', 'command("accept", function() end)', /\/accept answers the privacy policy/],
  ['the name of another plugin', 'command("PLAY", function() end)', /\/PLAY is a command of the plugin games already/],
  ['an unknown option', 'command("x", { permissions = "a" }, function() end)', /there is no "permissions"; did you mean "permission"\?/],
  ['an unknown kind', 'command("x", { arguments = { { "n", "int" } } }, function() end)', /an argument is no "int"/],
  ['a bound of a word', 'command("x", { arguments = { { "n", "word", min = 1 } } }, function() end)', /only integers have it/],
  ['a choice without choices', 'command("x", { arguments = { { "n", "choice" } } }, function() end)', /has choices/],
  ['two arguments of a name',
    'command("x", { arguments = { { "n", "word" }, { "n", "word" } } }, function() end)', /two arguments are named "n"/],
  ['no choices', 'command("x", { arguments = { { "n", "choice", choices = {} } } }, function() end)', /"n" has no choices/],
  ['an alias that is the name', 'command("x", { aliases = { "y", "X" } }, function() end)', /\/x has the name "X" twice/],
  ['a flag that is a word',
    'command("x", { arguments = { { "n", "word", optional = "no" } } }, function() end)', /optional has to be true or false/],
  ['a text in front', 'command("x", { arguments = { { "t", "greedy" }, { "n", "word" } } }, function() end)', /put it last/],
  ['no permission', 'command("x", { permission = "A.*" }, function() end)', /is no permission/],
  ['a name of two words', 'command("x y", function() end)', /is no name for a command/],
  ['no handler', 'command("x", {})', /function expected/]
]) {
  test(`a mistake is told with its place: ${what}`, async t => {
    const plugin = `plugin { name = "zz", version = "1.0.0" }\n\n${text.replace('print_nothing', '5')}\n`
    const sekisho = await startSekisho(t, { files: { ...files, 'plugins/zz.lua': plugin } }).catch(error => error)
    const told = sekisho.stderr ?? sekisho.message
    assert.match(told, message)
    assert.match(told, /plugins\/zz\.lua:3: /)
  })
}
