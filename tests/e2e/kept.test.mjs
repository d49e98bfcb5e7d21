// What is kept of a visit: its beginning and end, what the client says of itself, and what the
// player writes; private messages never.
import test from 'node:test'
import assert from 'node:assert/strict'
import { scene, letIn } from './lib/scene.mjs'
import { until } from './lib/wait.mjs'

const everything = ['session.start', 'session.duration', 'session.server', 'session.ping', 'client.view_distance',
  'client.chat_mode', 'client.chat_colors', 'client.skin_parts', 'chat.message', 'chat.command', 'client.channels']
const collectEverything = everything.map(field => `collect "${field}" { purpose = "service", keep = "7d" }\n`).join('')

function values (sekisho, field) {
  return sekisho.rowsWith(field).map(row => JSON.stringify(row))
}

for (const version of ['1.7.10', '1.8.8', '1.12.2', '1.16.5', '1.19.4', '1.20.4', '1.21.4', '26.1']) {
  test(`${version}: a visit leaves what the rules collect, and no private message`, async t => {
    const { backend, sekisho, join } = await scene(t, { version, rules: collectEverything })
    const player = await letIn(join({}))
    const seen = await backend.joined(player.username)
    await until(seen, 'settings', () => seen.settings)
    player.type('canary words')
    player.type('/report canaryword')
    player.type('/msg Somebody canarysecret')
    player.type('/minecraft:tell Somebody canarysecret')
    player.type('/execute as Somebody run W Somebody canarysecret')
    player.type('last words')
    await until(seen, 'the last words', () => seen.chats.includes('last words'))
    player.leave()
    await until(sekisho, 'the end of the session', () => /closed in state=/.test(sekisho.stderr))
    await sekisho.stop()
    assert.match(values(sekisho, 'session.start').join(), /20\d\d-\d\d-\d\dT/)
    assert.match(values(sekisho, 'session.server').join(), /"game"/)
    assert.equal(values(sekisho, 'session.duration').length, 1)
    assert.equal(values(sekisho, 'session.ping').length, 1)
    assert.match(values(sekisho, 'client.view_distance').join(), /"\d+"/)
    assert.equal(values(sekisho, 'chat.message').length, 2)
    assert.match(values(sekisho, 'chat.message').join(), /canary words.*last words/)
    assert.equal(values(sekisho, 'chat.command').length, 1)
    assert.match(values(sekisho, 'chat.command').join(), /"report canaryword"/)
    assert.ok(!sekisho.storeBytes().includes('canarysecret'), 'a private message in the store')
    assert.ok(!/canary/.test(sekisho.stderr + sekisho.stdout), 'words of a player in the log')
  })
}

test('a private command of the community\'s own is not kept either', async t => {
  const { backend, sekisho, join } = await scene(t, {
    version: '1.16.5',
    rules: collectEverything,
    config: { private_commands: ['hush'] }
  })
  const player = await letIn(join({}))
  const seen = await backend.joined(player.username)
  player.type('/hush Somebody canarysecret')
  player.type('last words')
  await until(seen, 'the last words', () => seen.chats.includes('last words'))
  await sekisho.stop()
  assert.ok(!sekisho.storeBytes().includes('canarysecret'))
})

test('what a function of the rules lets through is kept, and the server learns its answer', async t => {
  const { backend, sekisho, join } = await scene(t, {
    version: '1.20.4',
    rules: `
      include "common.lua"
      collect "chat.command" { purpose = "service", when = function(ctx) return starts_with(ctx.value, "report ") end }
      forward "client.locale" { form = function(ctx) return short(ctx.value) end }
      forward "client.brand" { form = category }`,
    files: { 'scripts/common.lua': 'function short(v) if starts_with(v, "qz") then return "ja_jp" end end\n' }
  })
  const player = await letIn(join({ locale: 'qz_qz', brand: 'Fabric canary' }))
  const seen = await backend.joined(player.username)
  await until(seen, 'settings and brand', () => seen.settings && seen.brand !== undefined)
  assert.equal(seen.settings.locale, 'ja_jp')
  assert.equal(seen.brand, 'fabric')
  player.type('/spawn canaryword')
  player.type('/report it')
  player.type('last words')
  await until(seen, 'the last words', () => seen.chats.includes('last words'))
  await sekisho.stop()
  assert.match(values(sekisho, 'chat.command').join(), /"report it"/)
  assert.ok(!sekisho.storeBytes().includes('canaryword'))
})
