// The plugins that ship, with the settings of their examples where a test needs no others.
import test from 'node:test'
import assert from 'node:assert/strict'
import fs from 'node:fs'
import { createRequire } from 'node:module'
import { startBackend } from './lib/backend.mjs'
import { offlineUuid } from './lib/answered.mjs'
import { freshName, joinAs } from './lib/player.mjs'
import { startSekisho, policyLua, Sekisho } from './lib/sekisho.mjs'
import { plain } from './lib/text.mjs'
import { until } from './lib/wait.mjs'

const mc = createRequire(import.meta.url)('minecraft-protocol')
const version = '1.20.4'
const root = new URL('../../', import.meta.url)
const read = path => fs.readFileSync(new URL(path, root), 'utf8')
const names = fs.readdirSync(new URL('plugins', root)).filter(name => /^[a-z]+\.lua$/.test(name)).map(name => name.slice(0, -4))
const example = name => read(`config/plugins/${name}.lua.example`)

const rules = 'forward "player.name" {}\n'

// The plugin with its settings, a lobby and a survival server; staff have every permission.
async function playing (t, name, settings = example(name), options = {}) {
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
const ping = async (sekisho, host = '127.0.0.1') => plain((await mc.ping({ host, port: sekisho.port, version })).description)

test('each ships with an example of its settings, and sleeps without them', async t => {
  assert.deepEqual(names, ['announcer', 'bans', 'hub', 'motd', 'queue', 'staff', 'stats', 'whitelist'])
  const files = Object.fromEntries(names.map(name => [`plugins/${name}.lua`, read(`plugins/${name}.lua`)]))
  const sekisho = await startSekisho(t, { files })
  assert.doesNotMatch(sekisho.stderr, /error/)
  const { stdout } = sekisho.command('plugins', '--json')
  for (const line of stdout.trim().split('\n')) assert.equal(JSON.parse(line).state, 'asleep')
})

test('all of them run beside one another', t => {
  const servers = { lobby: { address: '127.0.0.1:1' }, survival: { address: '127.0.0.1:2' } }
  const files = {}
  for (const name of names) {
    files[`plugins/${name}.lua`] = read(`plugins/${name}.lua`)
    files[`config/plugins/${name}.lua`] = example(name)
  }
  const sekisho = new Sekisho({ servers, files })
  t.after(() => sekisho.dispose())
  const { status, stderr } = sekisho.command('check')
  assert.equal(status, 0, stderr)
})

for (const servers of [undefined, { lobby: { address: '127.0.0.1:1', rules: 'scripts/lobby.lua' } }]) {
  test(`their own tests pass, ${servers ? 'on a server' : 'in the waiting room'}`, t => {
    const files = { 'scripts/lobby.lua': rules }
    for (const name of fs.readdirSync(new URL('plugins', root)).filter(name => name.endsWith('.lua'))) {
      files[`plugins/${name}`] = read(`plugins/${name}`)
    }
    const sekisho = new Sekisho({ servers, files })
    t.after(() => sekisho.dispose())
    const { status, stdout, stderr } = sekisho.command('test', '-c', 'config/sekisho.lua')
    assert.equal(status, 0, stdout + stderr)
    assert.match(stdout, /^7 passed, 0 failed$/m)
  })
}

// What stands in the guide and in the README as a plugin is one.
for (const page of ['README.md', 'docs/plugins.md']) {
  for (const [index, [, text]] of
    [...read(page).matchAll(/```lua\n((?:-- plugins\/|plugin \{|local own = settings)[^]*?)```/g)].entries()) {
    test(`${page}: plugin ${index + 1} loads`, t => {
      const plugin = text.includes('plugin {') ? text : `plugin { name = "shown", version = "1.0.0" }\n${text}`
      const policy = policyLua.replace('analytics', 'community')
      const files = { 'plugins/shown.lua': plugin, 'config/policy/policy.lua': policy }
      const sekisho = new Sekisho({ servers: { lobby: { address: '127.0.0.1:1' } }, files })
      t.after(() => sekisho.dispose())
      const { status, stderr } = sekisho.command('check')
      assert.equal(status, 0, stderr)
    })
  }
}

test('hub: /hub and /lobby lead back', async t => {
  const { enter, lobby, survival } = await playing(t, 'hub')
  const player = await enter()
  player.type('/hub')
  await player.hears('You are in the lobby already.')
  for (const command of ['/hub', '/lobby']) {
    const before = lobby.players.length
    player.type('/server survival')
    await until(survival, 'survival', () => survival.players.some(each => each.username === player.username && !each.ended))
    player.type(command)
    await until(lobby, 'the lobby', () => lobby.players.length > before)
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
  operator.type('/maintenance on')
  await operator.hears('Maintenance has begun.')
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
  await operator.hears('That is no code.')
  operator.type(`/whitelist add ${code.toUpperCase()}`)
  await operator.hears('The code is on the list.')
  const player = await enter({ username })
  player.leave()
  operator.type(`/whitelist remove ${code}`)
  await operator.hears('The code is off the list.')
  operator.type(`/whitelist remove ${code}`)
  await operator.hears('The code was not on the list.')
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
  await operator.hears('Nobody of this name has been here.')
  operator.type(`/ban ${player.username} advertising 3`)
  assert.match(await player.gone(), /^You are banned from this server\.\nReason: advertising\nDays left: 3$/)
  await operator.hears('Banned. Code: ')
  assert.match(await join({ username: player.username }).gone(), /advertising/)
  const kept = JSON.stringify(sekisho.sql("SELECT * FROM plugin_value"))
  assert.match(kept, /ban:/)
  for (const word of [player.username, offlineUuid(player.username)]) assert.ok(!kept.includes(word))
  const code = /Code: ([0-9a-f]{8})/.exec(operator.chatText)[1]
  operator.type('/bans')
  await operator.hears(`${code}\nReason: advertising`)
  operator.type(`/unban ${code}`)
  await operator.hears('The ban is lifted.')
  const back = join({ username: player.username })
  await back.until('the world', () => back.positions.length > 0)
  back.leave()
  operator.type(`/ban ${player.username} griefing`)
  await operator.until('the second ban', () => operator.chatText.match(/Banned/g)?.length === 2)
  const away = join({ username: player.username })
  assert.match(await away.gone(), /griefing\nDays left: 30/)
  operator.type(`/unban ${player.username}`)
  await operator.until('it lifted', () => operator.chatText.match(/lifted/g)?.length === 2)
  operator.type('/bans')
  await operator.hears('Nobody is banned.')
})

test('staff: /find, /send, /alert, and reports', async t => {
  const { enter, staff, survival } = await playing(t, 'staff')
  const operator = await enter({ username: staff })
  const player = await enter({ locale: 'ja_jp' })
  operator.type(`/find ${player.username}`)
  await operator.hears(`${player.username} is on lobby`)
  operator.type('/alert look out')
  await player.hears('[スタッフ] look out')
  for (let i = 0; i < 4; i++) player.type(`/report it is ${i} o'clock`)
  await player.hears('報告が混み合っています')
  await operator.hears('New report: /reports')
  operator.type('/reports')
  await operator.hears(`${player.username}: it is 0 o'clock`)
  operator.type(`/send ${player.username} survival`)
  await survival.joined(player.username)
  for (let i = 0; i < 3; i++) operator.type('/reports')
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
  await player.hears('Thank you.')
  operator.type('/reports')
  await operator.hears(': somebody shouts')
  assert.ok(!operator.shown.includes(player.username))
  assert.ok(lobby.players.some(({ username }) => operator.chatText.includes(`${username}: somebody shouts`)))
  assert.ok(!sekisho.stderr.includes(player.username))
})

test('stats: playing time is counted of those who agreed, and of nobody else', async t => {
  const policy = policyLua.replace('analytics', 'statistics')
  const { sekisho, join, lobby } = await playing(t, 'stats', example('stats'), { files: { 'config/policy/policy.lua': policy } })
  const other = join()
  await other.accept()
  await lobby.joined(other.username)
  other.type('/playtime')
  await other.hears('Your playing time is not counted.')
  assert.equal(sekisho.sql('SELECT count(*) AS n FROM plugin_personal')[0].n, 0)
  other.type('/privacy choose statistics')
  await other.until('the choice', () => {
    other.type('/playtime')
    return /You have played for 0 hours and 0 minutes/.test(other.chatText)
  })
})

test('queue: who finds the server full waits, and comes in when a place is free', async t => {
  const settings = 'return { server = "survival", places = 1, wait_at = "lobby" }'
  const { enter, survival } = await playing(t, 'queue', settings)
  const [first, second, third] = [await enter(), await enter(), await enter()]
  first.type('/server survival')
  await survival.joined(first.username)
  for (const [place, player] of [second, third].entries()) {
    player.type('/server survival')
    await player.hears(`Your place in the queue: ${place + 1}`)
  }
  second.type('/queue leave')
  await second.hears('You are out of the queue.')
  third.type('/queue')
  await third.hears('Queue: place 1')
  first.leave()
  await survival.joined(third.username)
  assert.ok(!survival.players.some(({ username }) => username === second.username))
})
