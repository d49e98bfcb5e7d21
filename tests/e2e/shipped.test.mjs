// The plugins that ship, with the settings of their examples where a test needs no others.
import test from 'node:test'
import assert from 'node:assert/strict'
import fs from 'node:fs'
import { createRequire } from 'node:module'
import { startBackend } from './lib/backend.mjs'
import { offlineUuid } from './lib/answered.mjs'
import { freshName, joinAs } from './lib/player.mjs'
import { press } from './lib/privacy.mjs'
import { startSekisho, policyLua, Sekisho } from './lib/sekisho.mjs'
import { plain } from './lib/text.mjs'
import { until } from './lib/wait.mjs'

const mc = createRequire(import.meta.url)('minecraft-protocol')
const usual = '1.20.4'
const root = new URL('../../', import.meta.url)
const read = path => fs.readFileSync(new URL(path, root), 'utf8')
const names = fs.readdirSync(new URL('plugins', root)).filter(name => /^[a-z]+\.lua$/.test(name)).map(name => name.slice(0, -4))
const example = name => read(`config/plugins/${name}.lua.example`)

const rules = 'forward "player.name" {}\n'
const policy = policyLua.replace('analytics', 'playtime')

// The plugin with its settings, a lobby and a survival server; staff have every permission.
async function playing (t, name, settings = example(name), options = {}) {
  const version = options.version ?? usual
  const lobby = await startBackend(t, { version })
  const survival = await startBackend(t, { version })
  const staff = freshName('Staff')
  const permissions = `return { groups = { staff = { permissions = { "*", "-queue.skip" }, members = { "${offlineUuid(staff)}" } } } }`
  const sekisho = await startSekisho(t, {
    ...options,
    servers: {
      lobby: { address: lobby.address, rules: 'scripts/lobby.lua', ...options.lobby },
      survival: { address: survival.address, rules: 'scripts/survival.lua' }
    },
    files: {
      [`plugins/${name}.lua`]: read(`plugins/${name}.lua`),
      [`config/plugins/${name}.lua`]: settings,
      'config/permissions.lua': permissions,
      'config/policy/policy.lua': policy,
      'scripts/lobby.lua': rules,
      'scripts/survival.lua': rules,
      ...options.files
    }
  })
  assert.doesNotMatch(sekisho.stderr, /error/)
  const join = more => joinAs(t, { port: sekisho.port, version, ...more })
  const enter = async more => {
    const player = join(more)
    await player.accept()
    await lobby.joined(player.username)
    await player.until('the world', () => player.positions.length > 0)
    return player
  }
  return { sekisho, lobby, survival, staff, join, enter }
}

// The first line of the server list.
const ping = async (sekisho, host = '127.0.0.1') => plain((await mc.ping({ host, port: sekisho.port, version: usual })).description)

test('each ships with an example of its settings, and sleeps without them', async t => {
  assert.deepEqual(names, ['announcer', 'bans', 'hub', 'motd', 'queue', 'staff', 'stats', 'whitelist'])
  const files = Object.fromEntries(names.map(name => [`plugins/${name}.lua`, read(`plugins/${name}.lua`)]))
  const sekisho = await startSekisho(t, { files })
  assert.doesNotMatch(sekisho.stderr, /error/)
  const { stdout } = sekisho.command('plugins', '--json')
  for (const line of stdout.trim().split('\n')) assert.equal(JSON.parse(line).state, 'asleep')
})

// A folder of all of them, with these settings, and without any game server that runs.
function folder (t, settings, servers) {
  const files = { 'config/policy/policy.lua': policy }
  for (const file of fs.readdirSync(new URL('plugins', root)).filter(name => name.endsWith('.lua'))) {
    files[`plugins/${file}`] = read(`plugins/${file}`)
  }
  for (const name of names) if (settings[name]) files[`config/plugins/${name}.lua`] = settings[name]
  const sekisho = new Sekisho({ servers, files })
  t.after(() => sekisho.dispose())
  return sekisho
}
const nowhere = { lobby: { address: '127.0.0.1:1' }, survival: { address: '127.0.0.1:2' } }

test('all of them run beside one another', t => {
  const { status, stderr } = folder(t, Object.fromEntries(names.map(name => [name, example(name)])), nowhere).command('check')
  assert.equal(status, 0, stderr)
})

test('what is wrong with settings is told before players meet it, with the line', t => {
  const mistakes = {
    hub: ['server = "loby"', 'server = "loby" is no server; did you mean "lobby"?'],
    announcer: ['messages = { { en = "One" }, "Two" }',
      'messages has to be a list of texts by language; number 2 is not { en = "...", ja = "..." }'],
    motd: ['hours = { { from = 18, to = 30, description = "x" } }', 'hours has to be a list; 1 is not'],
    whitelist: ['code_letters = 3', 'code_letters has to be 6 or more'],
    bans: ['purpose = "revenge"', 'purpose = "revenge" is no purpose of the policy'],
    staff: ['reports = 0', 'reports has to be 1 or more'],
    stats: ['purpose = "statistics"', 'purpose = "statistics" is no purpose of the policy'],
    queue: ['places = { survivl = 20 }', 'places is of survivl, which is no server']
  }
  const settings = Object.fromEntries(Object.entries(mistakes).map(([name, [text]]) => [name, `return {\n  ${text},\n}\n`]))
  const { status, stderr } = folder(t, settings, nowhere).command('check')
  assert.equal(status, 1)
  for (const [name, [, words]] of Object.entries(mistakes)) {
    assert.ok(stderr.includes(`config/plugins/${name}.lua:2: ${words}`), `${words} in:\n${stderr}`)
  }
})

test('their own tests pass', t => {
  const sekisho = folder(t, {})
  sekisho.write('config/policy/policy.lua', policyLua)
  const { status, stdout, stderr } = sekisho.command('test', '-c', 'config/sekisho.lua')
  assert.equal(status, 0, stdout + stderr)
  assert.match(stdout, /^16 passed, 0 failed$/m)
})

test('staff: what is reported while the old reports are read is not lost', t => {
  const sekisho = folder(t, {})
  const slow = read('plugins/staff.lua').replace('player:list("report:")', '(function(rows) sleep(5) return rows end)($&)')
  sekisho.write('plugins/staff.lua', slow)
  sekisho.write('plugins/staff_test.lua', `
with_servers { "lobby" }
test("it", function()
  local staff, player = join { name = "Sora", permissions = { "staff.reports" } }, join { name = "Mika" }
  player:command("/report somebody shouts")
  advance(6)
  staff:command("/reports")
  staff:sees("somebody shouts")
  staff:sees("Reports in all: 1")
end)`)
  const { status, stdout } = sekisho.command('test', '-c', 'config/sekisho.lua', 'plugins/staff_test.lua')
  assert.equal(status, 0, stdout)
})

// What stands in the guide and in the README as a plugin is one.
for (const page of ['README.md', 'docs/plugins.md']) {
  for (const [index, [, text]] of
    [...read(page).matchAll(/```lua\n((?:-- plugins\/|plugin \{|on\(|command\(|local own = settings)[^]*?)```/g)].entries()) {
    test(`${page}: plugin ${index + 1} loads`, t => {
      const plugin = text.includes('plugin {') ? text : `plugin { name = "shown", version = "1.0.0" }\n${text}`
      const files = { 'plugins/shown.lua': plugin, 'config/policy/policy.lua': policyLua.replace('analytics', 'community') }
      const sekisho = new Sekisho({ servers: { lobby: { address: '127.0.0.1:1' } }, files })
      t.after(() => sekisho.dispose())
      const { status, stderr } = sekisho.command('check')
      assert.equal(status, 0, stderr)
    })
  }
}

test('hub: /hub and /lobby lead back', async t => {
  const { enter, lobby, survival } = await playing(t, 'hub', example('hub'), { version: '1.8.8' })
  const player = await enter()
  // They stand there before they type the next one.
  const go = async (command, server) => {
    const [before, stood] = [server.players.length, player.positions.length]
    player.type(command)
    await until(server, `${command} to lead there`, () => server.players.length > before)
    await player.until('its world', () => player.positions.length > stood)
  }
  player.type('/hub')
  await player.hears('You are in the lobby already.')
  for (const command of ['/hub', '/lobby']) {
    await go('/server survival', survival)
    await go(command, lobby)
  }
})

test('announcer: everybody reads messages in their language, one after the other', async t => {
  const { enter } = await playing(t, 'announcer', 'return { every = 1, messages = { { en = "One", ja = "いち" }, { en = "Two" } } }')
  const [english, japanese] = [await enter(), await enter({ locale: 'ja_jp' })]
  await english.until('both', () => /One[^]*Two[^]*One|Two[^]*One[^]*Two/.test(english.chatText))
  await japanese.until('both', () => /いち[^]*Two|Two[^]*いち/.test(japanese.chatText))
})

test('motd: by host, by hour, and in maintenance', async t => {
  const settings = `return { description = "usual", hosts = { ["localhost"] = "event" }, maintenance = "closed" }`
  const { sekisho, enter, join, staff } = await playing(t, 'motd', settings, { lobby: { hosts: ['localhost'] } })
  assert.equal(await ping(sekisho), 'usual')
  assert.equal(await ping(sekisho, 'localhost'), 'event')
  const operator = await enter({ username: staff })
  const player = await enter({ locale: 'ja_jp' })
  operator.type('/maintenance on')
  await operator.hears('Maintenance has begun.')
  assert.match(await player.gone(), /現在メンテナンス中です/)
  assert.equal(await ping(sekisho), 'closed')
  assert.match(await join().gone(), /We are doing maintenance/)
  operator.leave()
  await sekisho.stop()
  await sekisho.start()
  assert.match(await join().gone(), /We are doing maintenance/)
  const again = join({ username: staff })
  await again.until('the world', () => again.positions.length > 0)
  again.type('/maintenance off')
  await again.hears('Maintenance is over.')
  await enter()
  sekisho.write('config/plugins/motd.lua', 'return { hours = { { from = 1, to = 1, description = "never" }, ' +
    '{ from = 12, to = 0, description = "half" }, { from = 0, to = 12, description = "half" } } }')
  await until(sekisho, 'the new settings', () => sekisho.stderr.match(/plugin=motd .*loaded/g)?.length > 2)
  assert.equal(await ping(sekisho), 'half')
})

test('whitelist: a code comes on the list, and nobody is named there', async t => {
  const { sekisho, enter, join, staff } = await playing(t, 'whitelist')
  const username = freshName('Newcomer')
  const code = /code: ([0-9a-f]{10})$/.exec(await join({ username }).gone())[1]
  const operator = await enter({ username: staff })
  operator.type('/whitelist add nothing')
  await operator.hears('That is no code, and nobody of this name has been here.')
  operator.type(`/whitelist add ${code.toUpperCase()}`)
  await operator.hears(`On the list now: ${code}`)
  const player = await enter({ username })
  operator.type(`/whitelist remove ${username}`)
  await operator.hears(`Off the list now: ${code}`)
  assert.equal(await player.gone(), 'You are not on the list of this server any more.')
  operator.type(`/whitelist remove ${code}`)
  await operator.hears(`Not on the list: ${code}`)
  assert.match(await join({ username }).gone(), new RegExp(code))
  assert.doesNotMatch(sekisho.stderr, new RegExp(username))
})

test('bans: of those who are there and of those who are away, lifted by name and by code', async t => {
  const { sekisho, enter, join, staff } = await playing(t, 'bans')
  const operator = await enter({ username: staff })
  const player = await enter()
  player.type('/ban someone cheating')
  await player.until('no', () => player.chats.length > 0)
  operator.type('/ban Nobody_At_All cheating')
  await operator.hears('Nobody of this name has been here;')
  const never = freshName('Never')
  operator.type(`/ban ${offlineUuid(never)} griefing 12h`)
  await operator.hears('Banned. Code: ')
  assert.match(await join({ username: never }).gone(), /griefing\nHours left: 12$/)
  operator.type(`/unban ${offlineUuid(never)}`)
  await operator.hears('The ban is lifted.')
  operator.type(`/ban ${player.username} advertising 3`)
  assert.match(await player.gone(), /^You are banned from this server\.\nReason: advertising\nDays left: 3$/)
  await operator.until('the code', () => operator.chatText.match(/Banned\. Code/g)?.length === 2)
  assert.equal(sekisho.command('player', 'erase', player.username).status, 0)
  assert.match(await join({ username: player.username }).gone(), /advertising/, 'a ban stays when their data is gone')
  const kept = JSON.stringify(sekisho.sql("SELECT * FROM plugin_value"))
  assert.match(kept, /ban:/)
  for (const word of [player.username, offlineUuid(player.username)]) assert.ok(!kept.includes(word))
  const code = /Code: ([0-9a-f]{8})$/.exec(operator.chatText)[1]
  operator.type('/bans')
  await operator.hears(`${code}  Reason: advertising  Days left: 3`)
  operator.type(`/unban ${code}`)
  await operator.until('the lifting', () => operator.chatText.match(/lifted/g)?.length === 2)
  const back = join({ username: player.username })
  await back.accept()
  await back.playing()
  back.leave()
  operator.type(`/ban ${player.username} griefing`)
  await operator.until('another ban', () => operator.chatText.match(/Banned/g)?.length === 3)
  const away = join({ username: player.username })
  assert.match(await away.gone(), /griefing\nDays left: 30/)
  operator.type(`/unban ${player.username}`)
  await operator.until('it lifted', () => operator.chatText.match(/lifted/g)?.length === 3)
  operator.type('/bans')
  await operator.hears('Nobody is banned.')
})

test('staff: /find, /send, /alert, and reports, which a new version of the plugin knows, and which are their player\'s', async t => {
  const { sekisho, enter, staff, survival } = await playing(t, 'staff', example('staff'), { version: '26.1' })
  const operator = await enter({ username: staff })
  const player = await enter({ locale: 'ja_jp' })
  operator.type(`/find ${player.username}`)
  await operator.hears(`${player.username} is on lobby`)
  operator.type('/alert look out')
  await player.hears('[スタッフ] look out')
  for (let i = 0; i < 4; i++) player.type(`/report it is ${i} o'clock`)
  await player.hears('報告が混み合っています')
  await operator.hears('Reports wait: /reports')
  sekisho.write('plugins/staff.lua', read('plugins/staff.lua') + '-- anew\n')
  await until(sekisho, 'it loaded anew', () => sekisho.stderr.match(/plugin=staff .*loaded/g)?.length > 1)
  operator.type('/reports')
  await operator.hears(`#1 ${player.username}, 0 min ago: it is 0 o'clock [Done]`)
  assert.match(sekisho.command('player', 'export', player.username).stdout, /it is 0 o'clock/)
  operator.type(operator.chats.flatMap(({ clicks }) => clicks).find(({ value }) => value === '/reports 1').value)
  await operator.hears('The report is closed.')
  assert.doesNotMatch(sekisho.command('player', 'export', player.username).stdout, /it is 0 o'clock/)
  operator.type(`/send ${player.username} survival`)
  await survival.joined(player.username)
  assert.equal(sekisho.command('player', 'erase', player.username).status, 0)
  await player.gone()
  operator.type('/reports')
  await operator.hears('No report waits.')
})

test('staff: a name reads as the server of the reader may know it', async t => {
  const files = { 'scripts/lobby.lua': 'forward "player.name" { form = pseudonym }\n' }
  const { sekisho, join, lobby, staff } = await playing(t, 'staff', example('staff'), { files })
  const [operator, player] = [join({ username: staff }), join()]
  for (const each of [operator, player]) {
    await each.accept()
    await each.playing()
  }
  player.type('/report somebody shouts')
  await player.hears('The staff have your report.')
  operator.type('/reports')
  await operator.hears(': somebody shouts [Done]')
  assert.ok(!operator.shown.includes(player.username))
  assert.ok(lobby.players.some(({ username }) => operator.chatText.includes(`${username}, 0 min ago: somebody shouts`)))
  assert.ok(!sekisho.stderr.includes(player.username))
})

test('stats: playing time is counted of those who agreed, and of nobody else, and goes when they leave the purpose out', async t => {
  const { sekisho, join, lobby } = await playing(t, 'stats')
  const other = join()
  await other.accept()
  await lobby.joined(other.username)
  other.type('/playtime')
  await other.hears('Your playing time is not counted.')
  const kept = () => sekisho.sql('SELECT count(*) AS n FROM plugin_personal')[0].n
  assert.equal(kept(), 0)
  const chosen = async times => {
    other.type('/privacy choose playtime')
    if (times === 1) await press(other, /^choose playtime \d{6}$/)
    await other.until('the choice', () => other.chatText.match(/Your choice is recorded/g)?.length === times)
    other.type('/playtime')
  }
  await chosen(1)
  await other.hears('You have played for 0 hours and 0 minutes.')
  assert.equal(kept(), 1)
  await chosen(2)
  await other.until('it left out', () => other.chatText.match(/is not counted/g)?.length === 2)
  assert.equal(kept(), 0)
})

test('queue: who finds the server full waits, also over a reload, and comes in when a place is free', async t => {
  const settings = 'return { places = { survival = 1 } }'
  const { sekisho, enter, survival } = await playing(t, 'queue', settings, { version: '1.16.5' })
  const [first, second, third] = [await enter(), await enter(), await enter()]
  first.type('/server survival')
  await survival.joined(first.username)
  for (const [place, player] of [second, third].entries()) {
    player.type('/server survival')
    await player.hears(`Your place in the queue: ${place + 1}`)
  }
  sekisho.write('config/plugins/queue.lua', settings + ' -- anew')
  await until(sekisho, 'it loaded anew', () => sekisho.stderr.match(/plugin=queue .*loaded/g)?.length > 1)
  second.type('/queue leave')
  await second.hears('You are out of the queue.')
  third.type('/queue')
  await third.hears('Queue: place 1')
  first.leave()
  await survival.joined(third.username)
  assert.ok(!survival.players.some(({ username }) => username === second.username))
})
