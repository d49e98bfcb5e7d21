// Players with a marker in every field: none of them reaches a place that the rules do not name.
import test from 'node:test'
import assert from 'node:assert/strict'
import fs from 'node:fs'
import zlib from 'node:zlib'
import { createRequire } from 'node:module'
import { letIn, records } from './lib/scene.mjs'
import { onlineScene, dashed } from './lib/accounts.mjs'
import { find } from './lib/canary.mjs'
import { until } from './lib/wait.mjs'
import { protocolOf } from './lib/versions.mjs'

const mc = createRequire(import.meta.url)('minecraft-protocol')
const versions = ['1.7.10', '1.8.8', '1.12.2', '1.16.5', '1.19.4', '1.20.4', '1.21.4', '1.21.6', '26.1']

// Every field that can be kept, in the form that leaves the least.
const least = `
collect "player.uuid"            { purpose = "service", form = pseudonym }
collect "player.name"            { purpose = "service", form = pseudonym }
collect "connection.ip"          { purpose = "service", form = truncate(8, 16) }
collect "connection.hostname"    { purpose = "service", form = pseudonym }
collect "client.brand"           { purpose = "service", form = category }
collect "client.locale"          { purpose = "service", form = pseudonym }
collect "client.mods"            { purpose = "service", form = flag }
collect "client.channels"        { purpose = "service", form = category }
collect "chat.message"           { purpose = "service", form = count(flag) }
collect "chat.command"           { purpose = "service", form = flag }
`

// What a player brings, by what it is.
function markersOf (person) {
  return {
    name: person.name,
    uuid: dashed(person.id),
    'uuid without dashes': person.id,
    skin: person.properties[0].value,
    'signature of the skin': person.properties[0].signature,
    address: '127.0.0.77',
    hostname: 'canaryhost.example.org',
    brand: 'canarybrand',
    locale: 'qz_canary',
    channel: 'canarychannel:main',
    'message to a mod': 'canarypayload',
    cookie: 'canarycookie',
    mod: 'canarymod',
    chat: 'canarychat',
    command: 'canarycommand',
    'private message': 'canarysecret'
  }
}

function only (markers, names) {
  return Object.fromEntries(Object.entries(markers).filter(([name]) => names.includes(name)))
}

function without (markers, names) {
  return Object.fromEntries(Object.entries(markers).filter(([name]) => !names.includes(name)))
}

// Forge's list of one mod, as its handshake up to 1.12.2 has it.
const text = words => Buffer.concat([Buffer.from([words.length]), Buffer.from(words)])
const modList = name => Buffer.concat([Buffer.from([2, 1]), text(name), text('1.0')])

// None of them what a server is told without a rule.
const settings = {
  viewDistance: 7,
  chatFlags: 1,
  chatColors: false,
  difficulty: 1,
  showCape: false,
  skinParts: 5,
  mainHand: 0,
  disableTextFiltering: true,
  enableTextFiltering: true,
  enableServerListing: true,
  particleStatus: 'minimal'
}
const neutral = {
  viewDistance: 7, // which the game needs
  chatFlags: 0,
  chatColors: true,
  difficulty: 2,
  showCape: true,
  skinParts: 127,
  mainHand: 1,
  disableTextFiltering: false,
  enableTextFiltering: false,
  enableServerListing: false,
  particleStatus: 'all'
}

// Says all that a client can say, and waits until the game server has heard the last of it.
async function sayEverything (player, seen, markers) {
  const { client } = player
  const old = player.protocol < 393
  client.write('settings', { locale: markers.locale, ...settings })
  const send = (channel, data) => client.write('custom_payload', { channel, data: Buffer.from(data) })
  send(old ? 'REGISTER' : 'minecraft:register', markers.channel)
  send(old ? 'canarychannel' : markers.channel, markers['message to a mod'])
  if (old) send('FML|HS', modList(markers.mod))
  if (player.protocol >= 766) client.write('cookie_response', { key: 'canary:key', value: Buffer.from(markers.cookie) })
  player.type(`my ${markers.chat}`)
  player.type(`/${markers.command} me`)
  player.type(`/msg Somebody ${markers['private message']}`)
  player.type('the last words')
  await until(seen, 'the last words', () => seen.chats.includes('the last words'))
}

const ping = port => new Promise((resolve, reject) =>
  mc.ping({ host: '127.0.0.1', port }, (error, answer) => error ? reject(error) : resolve(JSON.stringify(answer))))

// All that the page answers to whoever asks.
async function pagesOf (sekisho) {
  const port = Number(/page: serving on 127\.0\.0\.1:(\d+)/.exec(sekisho.stdout)[1])
  const parts = []
  for (const path of ['', 'policy', 'answer', 'metrics', 'status', 'admin', 'nothing']) {
    const response = await fetch(`http://127.0.0.1:${port}/${path}`)
    parts.push(JSON.stringify([...response.headers]), await response.text())
  }
  return Buffer.from(parts.join('\n'))
}

async function play (t, version, rules, options) {
  const set = await onlineScene(t, {
    version, rules, server: { third_party: true }, ...options,
    config: { web: { address: '127.0.0.1:0', public_url: 'https://privacy.example.net/' } }
  })
  const person = set.accounts.create(`Cnry${protocolOf(version)}x`)
  const markers = markersOf(person)
  const player = set.joinWith(person, { host: markers.hostname, address: markers.address,
    brand: markers.brand, locale: markers.locale })
  await letIn(player)
  const seen = await set.backend.joined()
  await until(seen, 'settings and brand', () => seen.settings && seen.brand !== undefined)
  await sayEverything(player, seen, markers)
  return { ...set, markers, player, seen }
}

test('markers are found in every form', () => {
  const marker = { it: 'canarymarker.example' }
  const bytes = Buffer.from(marker.it)
  const utf16 = Buffer.from(marker.it, 'utf16le')
  for (const [expected, form] of [
    ['raw', bytes], ['hex', Buffer.from(bytes.toString('hex'))], ['UTF-16LE', utf16], ['UTF-16BE', Buffer.from(utf16).swap16()],
    ['base64', Buffer.from(Buffer.from(`x=${marker.it}&y`).toString('base64'))], ['raw, compressed', zlib.deflateSync(bytes)],
    ['hex, compressed', zlib.gzipSync(bytes.toString('hex'))], ['raw, compressed', zlib.deflateSync(bytes, { level: 0 })]
  ]) {
    const found = find(marker, Buffer.concat([Buffer.from('before'), form, Buffer.from('behind')]))
    assert.ok(found === `it (${expected})` || (expected === 'raw, compressed' && found === 'it (raw)'), `${expected}: ${found}`)
  }
  assert.equal(find(marker, Buffer.from('nothing of it')), undefined)
})

for (const version of versions) {
  for (const [kind, rules] of [['no rules', ''], ['the least of everything', least]]) {
    test(`${version}: of a player with a marker in every field, ${kind} leave none anywhere`, async t => {
      const { sekisho, markers, player, seen } = await play(t, version, rules)
      const needed = ['chat', 'command', 'private message'] // the game does not run without them
      if (player.protocol < 393) needed.push('mod')
      assert.equal(find(without(markers, needed), Buffer.concat(seen.bytes)), undefined, 'told to the game server')
      for (const each of needed) assert.match(find(only(markers, [each]), Buffer.concat(seen.bytes)), /raw/, 'it was looked for')
      const { locale, ...told } = seen.settings
      assert.match(locale, /^en_us$/i)
      assert.deepEqual(told, Object.fromEntries(Object.entries(neutral).filter(([name]) => name in told)))
      assert.equal(find(markers, Buffer.from(await ping(sekisho.port))), undefined, 'in the server list')
      assert.equal(find(markers, await pagesOf(sekisho)), undefined, 'on the web page')
      player.leave()
      await until(sekisho, 'the end of the session', () => /closed in state=/.test(sekisho.stderr))
      await records(sekisho, 1)
      await sekisho.stop()
      const evidence = ['name', 'uuid', 'uuid without dashes'] // of the acceptance
      assert.equal(find(without(markers, evidence), sekisho.storeBytes()), undefined, 'in the store')
      const log = Buffer.from(sekisho.stdout + sekisho.stderr)
      assert.equal(find(markers, log), undefined, 'in the log')
    })
  }
}

test('what the rules allow is found where it may be', async t => {
  const rules = `
    forward "player.name" { purpose = "service" }
    forward "player.uuid" { purpose = "service" }
    forward "player.skin" { purpose = "service" }
    forward "connection.ip" { purpose = "service" }
    forward "client.brand" { purpose = "service" }
    channel "canarychannel:*" { to_server = true, to_client = true }
    collect "chat.message" { purpose = "service" }
    collect "client.mods" { purpose = "service" }`
  const { sekisho, markers, player, seen } = await play(t, '1.12.2', rules, { server: { forwarding: 'legacy', third_party: true } })
  const told = ['name', 'uuid without dashes', 'skin', 'address', 'brand']
  for (const each of told) assert.ok(find(only(markers, [each]), Buffer.concat(seen.bytes)), each)
  player.leave()
  await until(sekisho, 'the end of the session', () => /closed in state=/.test(sekisho.stderr))
  await sekisho.stop()
  assert.ok(find(only(markers, ['chat']), sekisho.storeBytes()))
  assert.ok(find(only(markers, ['mod']), sekisho.storeBytes()))
})

// What players say and where they come from is in the memory while they play.
test('a crash leaves no core file behind', async t => {
  const wrapper = ['sh', '-c', 'ulimit -c unlimited && exec "$0" "$@"']
  const { sekisho } = await play(t, '1.21.6', '', { wrapper })
  const files = () => fs.readdirSync(sekisho.folder).sort()
  const before = files()
  assert.match(fs.readFileSync(`/proc/${sekisho.child.pid}/limits`, 'utf8'), /Max core file size +0 +0 /)
  process.kill(sekisho.child.pid, 'SIGABRT')
  assert.equal((await sekisho.exited()).signal, 'SIGABRT')
  assert.deepEqual(files(), before)
})
