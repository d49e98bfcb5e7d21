// The session service in all its moods, and what it says about who a player is.
import test from 'node:test'
import assert from 'node:assert/strict'
import fs from 'node:fs'
import https from 'node:https'
import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { offlineUuid } from './lib/answered.mjs'
import { scene, letIn, records, chatRoundTrip } from './lib/scene.mjs'
import { loginOf, onlineScene, startAccounts } from './lib/accounts.mjs'
import { startSekisho } from './lib/sekisho.mjs'
import { until } from './lib/wait.mjs'

const japanese = /[\u3040-\u30ff\u4e00-\u9fff]/

test('the name is spelled as the service spells it, and the UUID is the person', async t => {
  const { accounts, sekisho, joinWith } = await onlineScene(t, { version: '1.21.4' })
  const person = accounts.create('CamelCase')
  const shouting = { ...person, name: 'CAMELCASE' }
  await letIn(joinWith(shouting)).then(player => player.leave())
  assert.equal((await records(sekisho, 1))[0].player_name, 'CamelCase')
  person.name = 'NewName'
  const again = await joinWith(person).playing()
  assert.equal(again.books.length, 0, 'known under the new name')
  const impostor = accounts.create('CamelCase')
  await joinWith(impostor).gate()
})

test('what was accepted under a name that was only claimed does not count for who proves it', async t => {
  const { accounts, sekisho, join, joinWith } = await onlineScene(t, { version: '1.21.6', config: { auth: 'offline' } })
  const claimed = await letIn(join())
  claimed.leave()
  await records(sekisho, 1)
  await sekisho.stop()
  const file = sekisho.path('config/sekisho.lua')
  fs.writeFileSync(file, fs.readFileSync(file, 'utf8').replace('"offline"', '"online"'))
  await sekisho.start()
  // As some communities' services give them.
  const person = accounts.create(claimed.username, { id: offlineUuid(claimed.username).replaceAll('-', '') })
  const port = sekisho.port
  await letIn(joinWith(person, { port })).then(player => player.leave())
  assert.deepEqual((await records(sekisho, 2)).map(({ identity }) => identity), ['offline', 'verified'])
  assert.equal((await joinWith(person, { port }).playing()).dialog, undefined, 'known from now on')
})

test('the address is told only where prevent_proxy_connections says so', async t => {
  const { accounts, joinWith } = await onlineScene(t,
    { version: '1.21.6', config: { prevent_proxy_connections: true } })
  await letIn(joinWith(accounts.create('Addressed')))
  assert.equal(accounts.asked[0].ip, '127.0.0.1')
})

for (const [mode, attempts] of [['garbage', 1], ['megabytes', 1], ['many', 1], ['another', 1], ['no-uuid', 1],
  ['redirect', 1], ['error', 3], ['reset', 3]]) {
  test(`a session service that answers with ${mode} lets nobody in, and the player is told`, async t => {
    const { accounts, backend, sekisho, joinWith } = await onlineScene(t, { version: '1.21.6' })
    accounts.mode = mode
    const player = joinWith(accounts.create('Unlucky_One'))
    const words = await player.gone()
    assert.match(words, /does not answer/)
    assert.equal(accounts.asked.length, attempts)
    assert.equal(backend.connections, 0)
    assert.doesNotMatch(sekisho.stderr, /Unlucky_One|hasJoined\?/, 'the log names no player')
    assert.deepEqual(sekisho.records(), [])
  })
}

for (const mode of ['no', 'forbidden']) {
  test(`a session service that says ${mode} is final, in the community's language, too`, async t => {
    const { accounts, backend, joinWith } = await onlineScene(t, {
      version: '1.16.5',
      policy: { ja: '# 規約\n\n本文です。\n', en: '# Policy\n\nText.\n' },
      files: { 'config/policy/policy.lua': 'return { id = "x", version = "1", effective = "2026-01-01", ' +
        'default_language = "ja", languages = { "en", "ja" }, purposes = { service = { keep = "1d" } } }' }
    })
    accounts.mode = mode
    const words = await joinWith(accounts.create('NotYou')).gone()
    assert.match(words, /could not be confirmed/)
    assert.match(words, japanese)
    assert.equal(accounts.asked.length, 1)
    assert.equal(backend.connections, 0)
  })
}

test('a service that is back after an error is asked again within the same login', async t => {
  const { accounts, backend, joinWith } = await onlineScene(t, { version: '1.21.6' })
  accounts.modes = ['error', 'reset']
  const player = await letIn(joinWith(accounts.create('Patient')))
  assert.equal(accounts.asked.length, 3)
  await chatRoundTrip(player, backend)
})

test('one connection to the service is kept for the next login, and one that it closed is made anew', async t => {
  const { accounts, joinWith } = await onlineScene(t, { version: '1.21.6' })
  // Of Sekisho alone: the clients' own requests close theirs.
  const asking = new Set()
  accounts.server.on('request', request => { if (request.url.includes('hasJoined')) asking.add(request.socket.remotePort) })
  for (const name of ['First', 'Second']) await joinWith(accounts.create(name)).gate()
  assert.equal(asking.size, 1, 'kept')
  const [kept] = [...accounts.sockets].filter(socket => asking.has(socket.remotePort))
  kept.destroy()
  await once(kept, 'close')
  for (const name of ['Third', 'Fourth']) await joinWith(accounts.create(name)).gate()
  assert.equal(asking.size, 2)
  assert.equal(accounts.asked.length, 4, 'nobody was asked about twice')
})

test('a service that is named instead of numbered is found for each login', async t => {
  const { accounts, joinWith } = await onlineScene(t, { version: '1.21.6', serviceHost: 'localhost' })
  for (const name of ['First', 'Second', 'Third']) {
    await joinWith(accounts.create(name)).gate()
    for (const socket of accounts.sockets) socket.destroy()
  }
})

test('a service with a certificate that nobody vouches for is not asked', async t => {
  const { stdout } = spawnSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', '-', '-subj', '/CN=localhost',
    '-addext', 'subjectAltName=DNS:localhost'], { encoding: 'utf8' })
  const accounts = await startAccounts(t)
  const server = https.createServer({ key: stdout, cert: stdout }, (...all) => accounts.server.emit('request', ...all))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => server.close())
  const { join, sekisho } = await scene(t, { version: '1.21.6',
    config: { auth: 'online', session_server: `https://localhost:${server.address().port}` } })
  assert.match(await join(loginOf(accounts, accounts.create('Careful'))).gone(), /does not answer/)
  assert.equal(accounts.asked.length, 0)
  assert.match(sekisho.stderr, /session service: .*certificate/)
})

test('a service elsewhere that is asked without encryption is warned of at the start', async t => {
  const warned = { 'http://192.0.2.1': true, 'HTTP://localhost.example.net:80/auth': true, 'http://127.example.net': true,
    'https://192.0.2.1': false, 'http://localhost:8080/auth': false, 'http://127.0.0.1:1': false }
  for (const [url, expected] of Object.entries(warned)) {
    const sekisho = await startSekisho(t, { config: { auth: 'online', session_server: url } })
    assert.equal(sekisho.stderr.includes('asked without encryption'), expected, url)
  }
})

test('who claims another account\'s name without joining as it is refused', async t => {
  const { accounts, backend, joinWith } = await onlineScene(t, { version: '1.20.4' })
  accounts.create('Victim')
  const attacker = accounts.create('Attacker')
  assert.match(await joinWith({ ...attacker, name: 'Victim' }).gone(), /could not be confirmed/)
  assert.equal(backend.connections, 0)
})

test('a service that is down is left alone after many failures, and found again', async t => {
  const { accounts, joinWith } = await onlineScene(t, { version: '1.21.6' })
  const people = Array.from({ length: 6 }, (_, i) => accounts.create(`Crowd_${i}`))
  accounts.mode = 'error'
  await Promise.all(people.map(person => joinWith(person).gone()))
  const asked = accounts.asked.length
  assert.ok(asked <= 12, `${asked} requests of 6 players`)
  assert.match(await joinWith(people[0]).gone(), /does not answer/)
  assert.equal(accounts.asked.length, asked, 'not asked while it is left alone')
  accounts.mode = 'normal'
  const end = Date.now() + 15000
  for (;;) {
    const player = joinWith(people[1])
    await until(player, 'an outcome', () => player.dialog || player.ended)
    if (player.dialog) break
    assert.ok(Date.now() < end, 'it is never asked again')
  }
})

test('a session service that answers drop by drop is waited for within bounds, and the player is told', async t => {
  const { accounts, joinWith } = await onlineScene(t, { version: '1.21.6' })
  accounts.mode = 'drops'
  const player = joinWith(accounts.create('Waiting'))
  await until(player, 'the end', () => player.ended, 60000)
  assert.match(player.disconnect.text, /does not answer/)
  assert.ok(accounts.asked.length >= 2, 'asked again')
})

test('Sekisho stops at once while the session service is silent', async t => {
  const { accounts, sekisho, joinWith } = await onlineScene(t, { version: '1.21.6' })
  accounts.mode = 'silent'
  const player = joinWith(accounts.create('Waiting'))
  await until(accounts, 'the question', () => accounts.asked.length === 1)
  await sekisho.stop()
  assert.match(await player.gone(), /restarting/)
})
