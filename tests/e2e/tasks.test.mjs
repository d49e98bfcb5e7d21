// What servers are told of erasures: by RCON and by webhooks, through outages, restarts and nonsense.
import test from 'node:test'
import assert from 'node:assert/strict'
import crypto from 'node:crypto'
import fs from 'node:fs'
import http from 'node:http'
import { EventEmitter } from 'node:events'
import { letIn, scene } from './lib/scene.mjs'
import { startSekisho } from './lib/sekisho.mjs'
import { startRcon, Rcon, packet } from './lib/rcon.mjs'
import { PATIENCE_MS, until } from './lib/wait.mjs'

const password = 'open sesame'
const secret = 'thirty-two characters and some more'
const uuid = '1c1f397b-0000-4000-8000-000000000001'
const personal = ['Forgotten', uuid, password, secret]

const byRcon = (address, command = 'whitelist remove {name}') => ({ rcon: { address, password_file: 'config/game.rcon', command } })
const byWebhook = address => ({ webhook: `http://${address}/erased`, secret_file: 'config/game.secret' })

async function start (t, onErasure, files) {
  return startSekisho(t, {
    servers: { game: { address: '127.0.0.1:1', on_erasure: onErasure } },
    files: { 'config/game.rcon': { text: password + '\n', mode: 0o600 },
      'config/game.secret': { text: secret + '\n', mode: 0o600 }, ...files }
  })
}

// As an erasure leaves it behind: whom it is about stands behind a mask, here of zeros.
function put (sekisho, { name = 'Forgotten', server = 'game', attempts = 0, nextAt = 0 } = {}) {
  const masked = Buffer.alloc(176)
  masked.write(name, 88)
  masked.write(uuid, 88 + 51)
  sekisho.sql(`PRAGMA busy_timeout = 5000; BEGIN IMMEDIATE;
    INSERT INTO task (request, subject, server, pseudonym, state, attempts, created_at, next_at)
    VALUES (7, 'ab12', '${server}', 0, 'open', ${attempts}, 0, ${nextAt});
    INSERT INTO task_person VALUES (last_insert_rowid(), X'${masked.toString('hex')}'); COMMIT`)
}

const config = ['-c', 'config/sekisho.lua']

function tasks (sekisho) {
  const { status, stdout, stderr } = sekisho.command('task', 'list', ...config, '--json')
  assert.equal(status, 0, stderr)
  return stdout.split('\n').filter(Boolean).map(line => JSON.parse(line))
}

// Waits until the log says that, and no secret or name with it.
async function logged (sekisho, expected) {
  await until(sekisho, `the log to say ${expected}`, () => expected.test(sekisho.stderr))
  for (const text of personal) assert.ok(!sekisho.stderr.includes(text), `${text} is in the log`)
}

// The task in this state, once it has been written.
async function inState (sekisho, state) {
  const end = Date.now() + PATIENCE_MS
  for (;;) {
    const found = tasks(sekisho)
    if (found.some(task => task.state === state)) return found.find(task => task.state === state)
    assert.ok(Date.now() < end, `no task ${state}: ${JSON.stringify(found)}`)
    await new Promise(resolve => setTimeout(resolve, 100))
  }
}

const told = /task=1 server=game was told of an erasure/

class Webhook extends EventEmitter {
  constructor (statuses = []) {
    super()
    Object.assign(this, { statuses, requests: [] })
    this.server = http.createServer((request, response) => {
      const parts = []
      request.on('data', part => parts.push(part)).on('end', () => {
        this.requests.push({ method: request.method, headers: request.headers, body: Buffer.concat(parts) })
        response.writeHead(this.statuses.shift() ?? 204).end()
        this.emit('change')
      })
    })
  }
}

async function startWebhook (t, statuses) {
  const webhook = new Webhook(statuses)
  await new Promise(resolve => webhook.server.listen(0, '127.0.0.1', resolve))
  webhook.address = `127.0.0.1:${webhook.server.address().port}`
  t.after(() => new Promise(resolve => { webhook.server.close(resolve); webhook.server.closeAllConnections() }))
  return webhook
}

test('a server is told by RCON, and what it took is kept no longer', async t => {
  const rcon = await startRcon(t, { answer: () => 'Removed Forgotten from the whitelist' })
  const sekisho = await start(t, byRcon(rcon.address, 'forget {name} {uuid} {name}'))
  put(sekisho)
  await logged(sekisho, told)
  assert.deepEqual(rcon.commands, [`forget Forgotten ${uuid} Forgotten`])
  const task = await inState(sekisho, 'done')
  assert.equal(task.player_name, null)
  assert.equal(task.attempts, 1)
  const [entry] = sekisho.sql("SELECT entry FROM ledger WHERE kind = 'task'").map(row => JSON.parse(row.entry))
  assert.deepEqual(entry.facts, { task: 1, request: 7, server: 'game', step: 'told' })
  assert.equal(entry.subject, 'ab12')
  assert.match(sekisho.command('task', 'list', ...config).stdout, /^1 +game +done +20/)
  await sekisho.stop()
  for (const text of personal) assert.ok(!sekisho.storeBytes().includes(text), `${text} is in the store`)
})

test('an answer in many packets is one answer', async t => {
  const rcon = await startRcon(t, { answer: () => 'x'.repeat(20000) })
  const sekisho = await start(t, byRcon(rcon.address))
  put(sekisho)
  await logged(sekisho, told)
  assert.equal(rcon.commands.length, 1)
})

test('a webhook is signed by the secret', async t => {
  const webhook = await startWebhook(t)
  const sekisho = await start(t, byWebhook(webhook.address))
  put(sekisho)
  await logged(sekisho, told)
  const [{ method, headers, body }] = webhook.requests
  assert.equal(method, 'POST')
  assert.equal(headers['content-type'], 'application/json')
  assert.equal(headers['x-sekisho-signature'], `sha256=${crypto.createHmac('sha256', secret).update(body).digest('hex')}`)
  const { at, ...rest } = JSON.parse(body)
  assert.deepEqual(rest, { event: 'player.erased', task: 1, server: 'game', player: { name: 'Forgotten', uuid } })
  assert.ok(Math.abs(Date.parse(at) - Date.now()) < 600000)
})

for (const status of [500, 503, 429, 408]) {
  test(`a webhook that answers ${status} is told again`, async t => {
    const webhook = await startWebhook(t, [status, status])
    const sekisho = await start(t, byWebhook(webhook.address))
    put(sekisho)
    await logged(sekisho, told)
    assert.equal(webhook.requests.length, 3)
    assert.match(sekisho.stderr, new RegExp(`attempt 2: the webhook answered with status ${status}; again in`))
  })
}

// Whatever a person has to mend is tried once. name: [how the server is, what the task says]
const strange = {
  'another password': [() => startedRcon({ password: 'another' }), /another RCON password/],
  'a command that it does not know': [
    () => startedRcon({ answer: () => 'Unknown or incomplete command, see below for error\nforget<--[HERE]' }),
    /does not know the command/]
}

async function startedRcon (options) {
  const rcon = await new Rcon(options).listen()
  return { onErasure: byRcon(rcon.address), rcon, close: () => rcon.close() }
}

for (const [name, [make, problem]] of Object.entries(strange)) {
  test(`a server with ${name} needs a person, who mends it and retries`, async t => {
    const { onErasure, rcon, close } = await make()
    t.after(close)
    const sekisho = await start(t, onErasure)
    put(sekisho)
    await logged(sekisho, /a person is needed/)
    const task = await inState(sekisho, 'needs a person')
    assert.match(task.problem, problem)
    assert.equal(task.player_name, 'Forgotten')
    assert.match(sekisho.command('task', 'list', ...config).stdout,
      /1 +game +needs a person Forgotten 1c1f397b-\S+, attempts: 1, for request 7: /)
    Object.assign(rcon, { password, answer: () => '' })
    assert.equal(sekisho.command('task', 'retry', '1', ...config).status, 0)
    await logged(sekisho, told)
    assert.equal(rcon.logins, 2)
  })
}

for (const status of [301, 400, 401, 404, 410]) {
  test(`a webhook that answers ${status} needs a person`, async t => {
    const webhook = await startWebhook(t, [status])
    const sekisho = await start(t, byWebhook(webhook.address))
    put(sekisho)
    await logged(sekisho, /a person is needed/)
    assert.equal((await inState(sekisho, 'needs a person')).problem, `the webhook answered with status ${status}`)
  })
}

// Nonsense: it is tried again, at no cost to anybody, and told once the server is itself again.
const nonsense = {
  'hangs up at once': socket => socket.destroy(),
  'speaks HTTP': socket => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'),
  'floods': socket => { const flood = () => { while (!socket.destroyed && socket.write(Buffer.alloc(65536, 0x41))); }
    socket.on('drain', flood); flood() },
  'has packets without end': socket => socket.write(Buffer.from([0xff, 0xff, 0xff, 0x7f])),
  'has packets of a negative length': socket => socket.write(Buffer.from([0xff, 0xff, 0xff, 0xff, 0, 0])),
  'answers without end': socket => socket.on('data', data => {
    const [id, type] = [data.readInt32LE(4), data.readInt32LE(8)]
    if (type === 3) socket.write(packet(id, 2, ''))
    else for (let i = 0; i < 100; i++) socket.write(packet(2, 0, 'x'.repeat(4096)))
  }),
  'answers somebody else': socket => socket.on('data', data => socket.write(packet(99, data.readInt32LE(8) === 3 ? 2 : 0, '')))
}

for (const [name, greet] of Object.entries(nonsense)) {
  test(`a console that ${name} is asked again later`, async t => {
    const rcon = await startRcon(t)
    rcon.greet = greet
    const sekisho = await start(t, byRcon(rcon.address))
    put(sekisho)
    await logged(sekisho, /task=1 server=game attempt 1: /)
    rcon.greet = null
    await logged(sekisho, told)
  })
}

test('a console that hangs is left alone in time', async t => {
  const rcon = await startRcon(t)
  rcon.greet = socket => socket.on('data', () => {})
  const sekisho = await start(t, byRcon(rcon.address))
  put(sekisho)
  await logged(sekisho, /attempt 1: no answer came in time/)
  rcon.greet = null
  await logged(sekisho, told)
})

test('a server that is down is told when it is back, by the next Sekisho, too', async t => {
  const rcon = await startRcon(t)
  const port = rcon.port
  await rcon.close()
  const sekisho = await start(t, byRcon(rcon.address))
  put(sekisho)
  await logged(sekisho, /attempt 2: the server cannot be reached/)
  await sekisho.kill()
  await sekisho.start()
  const back = new Rcon()
  await back.listen(port)
  t.after(() => back.close())
  await logged(sekisho, told)
  assert.deepEqual(back.commands, ['whitelist remove Forgotten'])
})

test('a Sekisho that is killed while it tells is followed by one that tells', async t => {
  const rcon = await startRcon(t)
  rcon.greet = socket => { rcon.seen = true; rcon.emit('change'); socket.on('data', () => {}) }
  const sekisho = await start(t, byRcon(rcon.address))
  put(sekisho)
  await until(rcon, 'a connection', () => rcon.seen)
  await sekisho.kill()
  rcon.greet = null
  await sekisho.start()
  await logged(sekisho, told)
  await inState(sekisho, 'done')
})

test('after a night of failures a person is needed; who may drop the task, for a reason', async t => {
  const rcon = await startRcon(t)
  await rcon.close()
  const sekisho = await start(t, byRcon(rcon.address))
  put(sekisho, { attempts: 19 })
  await logged(sekisho, /a person is needed: the server cannot be reached/)
  await inState(sekisho, 'needs a person')
  for (const [args, expected] of [
    [['drop', '1'], /--by NAME --reason TEXT/],
    [['drop', '2', '--by', 'Ann', '--reason', 'gone'], /no task 2/],
    [['drop', '1', '--by', 'Ann', '--reason', 'forgotten was told by hand'], /--reason names the player/],
    [['drop', 'one', '--by', 'Ann', '--reason', 'gone'], /no number/],
    [['forget', '1'], /there is no "forget"; it has list, retry and drop/]
  ]) {
    const { status, stderr } = sekisho.command('task', ...args, ...config)
    assert.equal(status, 1)
    assert.match(stderr, expected)
  }
  const { status, stderr } = sekisho.command('task', 'drop', '1', '--by', 'Ann', '--reason', 'that server is gone', ...config)
  assert.equal(status, 0, stderr)
  assert.equal(tasks(sekisho)[0].state, 'dropped')
  assert.match(sekisho.command('task', 'retry', '1', ...config).stderr, /has ended already: dropped/)
  const [entry] = sekisho.sql("SELECT entry FROM ledger WHERE kind = 'task'").map(row => JSON.parse(row.entry))
  assert.deepEqual(entry.facts, { task: 1, request: 7, server: 'game', step: 'dropped', by: 'Ann', reason: 'that server is gone' })
  await sekisho.stop()
  assert.ok(!sekisho.storeBytes().includes('Forgotten'), 'the name is in the store')
})

test('a name that means more than a name is in no command', async t => {
  const rcon = await startRcon(t)
  const sekisho = await start(t, byRcon(rcon.address))
  put(sekisho, { name: '@a' })
  await logged(sekisho, /a person is needed: the player's name cannot stand in a command/)
  assert.deepEqual(rcon.commands, [])
})

test('a task for a server that the configuration does not know needs a person', async t => {
  const sekisho = await start(t, byRcon('127.0.0.1:1'))
  put(sekisho, { server: 'elsewhere' })
  await logged(sekisho, /a person is needed: the configuration does not say how/)
})

test('a clock that was wrong puts nothing off for long', async t => {
  const rcon = await startRcon(t)
  const sekisho = await start(t, byRcon(rcon.address))
  put(sekisho, { nextAt: Date.now() + 400 * 86400000 })
  await logged(sekisho, told)
})

test('one that hangs holds up no other, and many are told a few at once', async t => {
  const rcon = await startRcon(t)
  const sekisho = await start(t, byRcon(rcon.address))
  for (let i = 0; i < 40; i++) put(sekisho)
  await logged(sekisho, /task=40 server=game was told/)
  assert.equal(rcon.commands.length, 40)
})

test('a secret that is gone needs a person', async t => {
  const rcon = await startRcon(t)
  const sekisho = await start(t, byRcon(rcon.address))
  fs.rmSync(sekisho.path('config/game.rcon'))
  put(sekisho)
  await logged(sekisho, /a person is needed: config\/game\.rcon: the password of RCON is not there/)
  sekisho.write('config/game.rcon', { text: password, mode: 0o600 })
  await inState(sekisho, 'needs a person')
  sekisho.command('task', 'retry', '1', ...config)
  await logged(sekisho, told)
})

// Two servers, one of others, which know a player who plays on the first.
async function played (t, game, guest) {
  const { sekisho, join } = await scene(t, {
    version: '1.16.5',
    server: { on_erasure: game },
    files: { 'config/game.rcon': { text: password, mode: 0o600 }, 'config/game.secret': { text: secret, mode: 0o600 } },
    more: { guest: { address: '127.0.0.1:1', third_party: true, on_erasure: guest } }
  })
  const player = await letIn(join())
  return { sekisho, join, player }
}

test('an erasure is done when every server was told, each of whom it knew, however long that takes', async t => {
  const rcon = await startRcon(t)
  const port = rcon.port
  const webhook = await startWebhook(t)
  const { sekisho, join, player } = await played(t, byRcon(rcon.address), byWebhook(webhook.address))
  const [{ player_uuid: playerUuid }] = sekisho.records()
  sekisho.sql("PRAGMA busy_timeout = 5000; INSERT INTO visit SELECT subject, 'guest' FROM person")
  const stranger = join()
  await stranger.gate()
  await stranger.decline()
  await stranger.gone()
  await rcon.close()
  const { status, stderr } = sekisho.command('player', 'erase', ...config, player.username)
  assert.equal(status, 0, stderr)
  assert.match(stderr, /request 1 \(erasure\) is running.*sekisho task list/)
  await until(webhook, 'the webhook', () => webhook.requests.length > 0)
  const { player: known } = JSON.parse(webhook.requests[0].body)
  assert.notEqual(known.name, player.username)
  assert.notEqual(known.uuid, playerUuid)
  await logged(sekisho, /server=game attempt 1: the server cannot be reached/)
  const { stdout: review } = sekisho.command('review', ...config)
  assert.match(review, /^Servers that are told of erasures \(`on_erasure`\): game, guest\.$/m)
  const request = () => JSON.parse(sekisho.command('request', 'show', ...config, '1', '--json').stdout)
  assert.equal(request().state, 'running')
  assert.equal(tasks(sekisho).find(({ server }) => server === 'game').player_name, player.username)
  for (const text of [player.username, playerUuid]) {
    assert.ok(!sekisho.storeBytes().includes(text), `${text} is found although it is masked`)
  }
  const back = await new Rcon().listen(port)
  t.after(() => back.close())
  await logged(sekisho, /server=game was told/)
  assert.deepEqual(back.commands, [`whitelist remove ${player.username}`])
  for (const end = Date.now() + PATIENCE_MS; request().state !== 'done';) assert.ok(Date.now() < end, 'the request is done')
  assert.deepEqual(tasks(sekisho).map(({ state }) => state), ['done', 'done'])
  const provided = sekisho.sql("SELECT entry FROM ledger WHERE kind = 'provision'").map(row => JSON.parse(row.entry).facts)
  const form = server => provided.find(({ to }) => to === server).fields.map(field => field.form)
  assert.deepEqual([form('game'), form('guest')], [['full', 'full'], ['pseudonym', 'pseudonym']])
  assert.equal(provided[0].ground, 'permission')
  // Who never accepted was told to nobody.
  assert.equal(sekisho.command('player', 'erase', ...config, stranger.username).status, 0)
  assert.equal(tasks(sekisho).length, 2)
  assert.equal(sekisho.command('ledger', 'verify', ...config).status, 0)
  assert.match(sekisho.command('provision', 'list', ...config).stdout, /of +somebody who was erased/)
  for (const text of [player.username, playerUuid]) assert.ok(!sekisho.stderr.includes(text), 'who was erased is in the log')
})
