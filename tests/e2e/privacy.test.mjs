// /privacy: what a player may ask about themselves, and change, on every version.
import test from 'node:test'
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { scene, records, letIn, chatRoundTrip } from './lib/scene.mjs'
import { assertRecord } from './lib/answered.mjs'
import { startBackend } from './lib/backend.mjs'
import { startSekisho, policyPhrases } from './lib/sekisho.mjs'
import { joinAs } from './lib/player.mjs'
import { ForgeClient, forgeServer, marker } from './lib/forge1.mjs'
import { ask, press, offers, shows } from './lib/privacy.mjs'
import { supportedVersions, protocolOf } from './lib/versions.mjs'
import { squeeze } from './lib/text.mjs'
import { until } from './lib/wait.mjs'

const versions = ['1.8.8', '1.12.2', '1.16.5', '1.20.4', '1.21.4', '1.21.6', '26.1']
const rules = `
collect "client.brand" { purpose = "analytics", keep = "30d" }
forward "client.locale" { purpose = "analytics", form = full }
forward "connection.ip" { form = truncate(24, 48) }
`

async function playing (t, version, more) {
  const { backend, sekisho, join } = await scene(t, { version, rules, ...more })
  const player = await letIn(join(more?.player))
  const seen = await backend.joined(player.username)
  return { backend, sekisho, join, player, seen }
}

const forget = player => Object.assign(player, { dialogs: [], books: [], bookOpened: false, chats: [], positions: [] })

// Withdraws by the newest offer to; from then on only what is shown next counts.
async function withdraw (player) {
  const offer = await player.until('an offer to withdraw', () =>
    offers(player).find(({ words }) => /^withdraw \d{6}$/.test(words ?? '')))
  forget(player)
  offer.act()
}

const lastSetting = seen => seen.settings?.locale

function nothingSeen (seen) {
  assert.ok(!seen.holds('privacy'), `never seen by a server: ${seen.describe()}`)
}

for (const version of versions) {
  test(`${version}: /privacy says what there is to ask for, and the game goes on`, async t => {
    const { backend, player, seen } = await playing(t, version)
    await ask(player, '', /Your privacy/)
    const words = offers(player).map(offer => offer.words)
    for (const word of ['policy', 'status', 'mirror', 'choose', 'withdraw']) {
      assert.ok(words.includes(word), `${word} among ${words}`)
    }
    await shows(player, /Version: 2026-01/, () => press(player, /^status$/))
    await ask(player, 'no such thing', /Your privacy/)
    await chatRoundTrip(player, backend)
    nothingSeen(seen)
    assert.deepEqual(player.errors, [])
  })

  test(`${version}: /privacy policy shows the text that was accepted, without answers`, async t => {
    const { player, seen } = await playing(t, version)
    forget(player)
    await ask(player, 'policy', /We run this server/)
    for (let page = 2; offers(player).some(({ words }) => words === `policy ${page}`); page++) {
      const before = player.chats.length
      await press(player, new RegExp(`^policy ${page}$`))
      await player.until('the next page', () => player.chats.length > before)
    }
    const shown = squeeze(player.shown)
    for (const phrase of policyPhrases.en) assert.ok(shown.includes(squeeze(phrase)), `"${phrase}" in ${player.shown}`)
    assert.ok(!offers(player).some(({ words }) => /accept/.test(words)))
    nothingSeen(seen)
  })

  test(`${version}: /privacy status tells the record, in the player's language`, async t => {
    const { player } = await playing(t, version, { player: { locale: 'ja_jp' } })
    const text = await ask(player, 'status', /本人確認/)
    assert.match(text, /バージョン: 2026-01/)
    assert.match(text, /言語: 日本語/)
    assert.match(text, /利用目的: service/)
    assert.match(text, /同意した日時: 20\d\d-\d\d-\d\d \d\d:\d\d UTC/)
    assert.match(text, player.means === 'dialog' ? /同意の方法: ゲーム内の画面/ : /同意の方法: ゲーム内の本/)
    assert.match(text, /プレイヤー名のみ/)
  })

  test(`${version}: /privacy mirror tells what the server was told, and how`, async t => {
    const { player, seen } = await playing(t, version)
    await until(seen, 'the settings', () => seen.settings)
    const text = await ask(player, 'mirror', /Besides/)
    assert.match(text, /^game$/m)
    assert.match(text, new RegExp(`Player name: ${player.username} \\(as it is\\)`))
    assert.match(text, /Software of your game: vanilla \(a stand-in/)
    assert.match(text, /Language of your game: en_(us|US) \(a stand-in/)
    assert.match(text, /Address you typed: localhost \(a stand-in/)
    assert.match(text, new RegExp(`Version of your game: ${player.protocol} `))
    assert.match(text, /View distance: \d+ \(as it is\)/)
    assert.doesNotMatch(text, /127\.0\.0\.1/, 'not told, so not in the mirror')
    assert.equal(/Main hand/.test(text), player.protocol >= 107, 'what the version does not have is not told')
  })

  test(`${version}: /privacy choose changes an optional purpose, and rules follow at once`, async t => {
    const { sekisho, player, seen } = await playing(t, version, { player: { locale: 'fr_fr' } })
    await until(seen, 'the settings', () => seen.settings)
    assert.match(lastSetting(seen), /^en_us$/i, 'not agreed to')
    for (const guess of ['choose', 'choose analytics', 'choose analytics 123456']) {
      await ask(player, guess, /You may also agree/)
    }
    if (player.means === 'dialog') {
      assert.deepEqual(player.dialog.boxes.map(box => box.ticked), [false])
      await press(player, /^choose \d{6}$/, { [player.dialog.boxes[0].key]: true })
    } else {
      await press(player, /^choose analytics \d{6}$/)
    }
    await player.hears('Your choice is recorded')
    await until(seen, 'the language', () => lastSetting(seen) === 'fr_fr')
    const found = await records(sekisho, 2)
    assertRecord(found[1], player, { decision: 'accepted', language: found[0].language,
      method: player.means === 'dialog' ? 'dialog' : 'chat', server: 'game' })
    assert.deepEqual(found[1].purposes, ['service', 'analytics'])
    assert.equal(found[1].policy_sha256, found[0].policy_sha256)
    assert.notEqual(found[1].nonce, found[0].nonce)

    player.type('/privacy choose analytics')
    await until(seen, 'the neutral language', () => /^en_us$/i.test(lastSetting(seen)))
    assert.deepEqual((await records(sekisho, 3))[2].purposes, ['service'])
    nothingSeen(seen)
  })

  test(`${version}: /privacy withdraw acts at once, is recorded, and leads back to the gate`, async t => {
    const { backend, sekisho, player, seen } = await playing(t, version)
    await ask(player, 'withdraw', /at any time/)
    await shows(player, /at any time/, () => player.type('/privacy withdraw 000000x')) // a wrong code is none
    assert.equal(seen.ended, false)
    const before = seen.packets.length
    await withdraw(player)
    player.type('too late for the server')
    await until(seen, 'the end at the server', () => seen.ended)
    assert.ok(!seen.packets.slice(before).some(({ name }) => /chat/.test(name)), 'not one word more')
    assert.ok(!seen.holds('too late'))
    await player.until('a word on it', () => /You have withdrawn/.test(player.chatText))
    await player.gate()
    const found = await records(sekisho, 2)
    assertRecord(found[1], player, { decision: 'withdrawn', server: 'game' })
    assert.deepEqual(found[1].purposes, [])
    assert.equal(backend.connections, 1)
    await letIn(player)
    await until(backend, 'the player again', () => backend.players.length === 2)
    await chatRoundTrip(player, backend)
    assert.equal((await records(sekisho, 3))[2].decision, 'accepted')
    nothingSeen(seen)
    assert.deepEqual(player.errors, [])
  })

  test(`${version}: who withdrew and declines is out, and asked at the next join`, async t => {
    const { sekisho, join, player } = await playing(t, version)
    player.type('/privacy withdraw')
    await withdraw(player)
    await player.hears('You have withdrawn')
    await player.decline()
    await player.gone()
    const found = await records(sekisho, 3)
    assert.deepEqual(found.map(({ decision }) => decision), ['accepted', 'withdrawn', 'declined'])
    await join({ username: player.username }).gate()
  })

  test(`${version}: a flood of /privacy is bounded, and harms nobody`, async t => {
    const { backend, player } = await playing(t, version)
    const before = player.dialogs.length + player.chats.length
    const words = ['', 'policy', 'status', 'mirror', 'choose', 'withdraw', 'withdraw 123456', 'nonsense']
    for (let i = 0; i < 400; i++) player.type(`/privacy ${words[i % words.length]}`.trim())
    await chatRoundTrip(player, backend)
    const shown = player.dialogs.length + player.chats.length - before
    assert.ok(shown < 400, `${shown} screens and lines for 400 questions`)
  })
}

for (const version of supportedVersions) {
  test(`${version}: from play back to the gate, and on to the server`, async t => {
    const { backend, player, seen } = await playing(t, version)
    player.type('/privacy withdraw')
    await withdraw(player)
    await until(seen, 'the end at the server', () => seen.ended)
    await player.hears('You have withdrawn')
    await letIn(player)
    await until(backend, 'the player again', () => backend.players.length === 2)
    await chatRoundTrip(player, backend)
    assert.deepEqual(player.errors, [])
  })
}

for (const version of ['1.7', '1.12.2', '1.16.5', '1.20.4', '1.21.6', '26.1']) {
  test(`${version}: a withdrawal in the middle of a switch ends both connections`, async t => {
    const one = await startBackend(t, { version })
    let waiting // at the second server, whose login never goes on
    const two = await startBackend(t, { version, introduce: client => { waiting = client.sekishoPlayer; return new Promise(() => {}) } })
    const sekisho = await startSekisho(t, {
      servers: { one: { address: one.address }, two: { address: two.address } }, config: { try: ['one'] }
    })
    const player = await letIn(joinAs(t, { port: sekisho.port, version }))
    const seen = await one.joined(player.username)
    player.type('/privacy withdraw')
    await player.until('the page', () => offers(player).some(({ words }) => /^withdraw \d/.test(words ?? '')))
    player.type('/server two')
    await until(two, 'the login at the wanted server', () => waiting)
    await withdraw(player)
    await until(seen, 'the end at the first', () => seen.ended)
    await player.gate()
    await until(waiting, 'the end at the wanted server', () => waiting.ended)
    await letIn(player)
    await until(one, 'the player again', () => one.players.length === 2)
    await chatRoundTrip(player, one)
    assert.equal(two.players.length, 0)
  })
}

for (const version of ['1.9.4', '1.12.2', '1.16.5', '1.19.4', '1.20.1']) {
  test(`${version}: what the server put on the screen is gone at the gate`, async t => {
    const { player, seen } = await playing(t, version)
    const entityUUID = '12345678-1234-1234-1234-123456789abc'
    const bars = []
    player.client.on('boss_bar', bar => { bars.push(bar); player.emit('change') })
    seen.client.write('boss_bar', {
      entityUUID, action: 0, title: JSON.stringify({ text: 'a bar' }), health: 1, color: 0, dividers: 0, flags: 0
    })
    await player.until('the bar', () => bars.length > 0)
    player.type('/privacy withdraw')
    await withdraw(player)
    await player.gate()
    assert.ok(bars.some(bar => bar.action === 1 && bar.entityUUID === entityUUID), 'no bar is left')
  })
}

for (const version of ['1.16.5', '1.19.4']) {
  test(`${version}: with a mod loader whose handshake a limbo would break, the way back is the page`, async t => {
    const web = { address: '127.0.0.1:0', public_url: 'https://privacy.example.net/' }
    const { backend, player: first, join } = await playing(t, version, { config: { web } })
    first.leave()
    const player = join({ username: first.username, host: 'localhost\0FML2\0' })
    await player.playing()
    const seen = backend.players.at(-1)
    player.type('/privacy withdraw')
    await withdraw(player)
    assert.match(await player.gone(), /privacy\.example\.net[^]*[2-9A-HJ-NP-Z]{4}-[2-9A-HJ-NP-Z]{4}/)
    await until(seen, 'the end at the server', () => seen.ended)
  })
}

for (const version of ['1.8.8', '1.12.2']) {
  test(`${version}: Forge goes back to the gate, and shakes hands anew behind it`, async t => {
    const forge = forgeServer({})
    const backend = await startBackend(t, { version, shake: forge.shake })
    const sekisho = await startSekisho(t, { servers: { game: { address: backend.address } } })
    const player = joinAs(t, { port: sekisho.port, version, host: `localhost${marker}`, brand: 'fml,forge' })
    player.forge = new ForgeClient(player)
    await letIn(player)
    player.type('/privacy withdraw')
    await withdraw(player)
    await letIn(player)
    await until(backend, 'the player again', () => backend.players.length === 2)
    await chatRoundTrip(player, backend)
    assert.deepEqual(player.forge.errors, [])
    assert.equal(player.forge.states.filter(state => state === 'COMPLETE').length, 2, 'one handshake for each time')
  })
}

for (const version of ['1.13.2', '1.16.5', '1.19.4', '1.20.4', '1.21.6', '26.1']) {
  test(`${version}: /privacy is part of the command tree, in the game and in the waiting room`, async t => {
    const trees = []
    const hear = player => player.client.on('declare_commands', tree => { trees.push(tree); player.emit('change') })
    const named = ({ nodes }, indexes) => indexes.map(index => nodes[index].extraNodeData.name)
    const privacyOf = tree => tree.nodes.find(node => node.extraNodeData?.name === 'privacy')
    const { player, seen } = await playing(t, version)
    hear(player)
    seen.client.write('declare_commands', {
      nodes: [{
        flags: { unused: 0, allows_restricted: 0, has_custom_suggestions: 0, has_redirect_node: 0, has_command: 0, command_node_type: 0 },
        children: []
      }],
      rootIndex: 0
    })
    await player.until('the tree', () => trees.length > 0)
    assert.deepEqual(named(trees.at(-1), trees.at(-1).nodes[trees.at(-1).rootIndex].children).sort(), ['privacy', 'server'])
    assert.ok(named(trees.at(-1), privacyOf(trees.at(-1)).children).includes('withdraw'))

    const empty = await startSekisho(t, {})
    const waiting = joinAs(t, { port: empty.port, version })
    hear(waiting)
    await waiting.accept()
    await waiting.hears('waiting room')
    assert.ok(named(trees.at(-1), privacyOf(trees.at(-1)).children).includes('status'))
    await ask(waiting, 'status', /Version: 2026-01/)
    await ask(waiting, 'mirror', /No game server was told anything/)
    if (waiting.means === 'book') { // which it has, since nothing else is in the player's hand
      forget(waiting)
      waiting.type('/privacy policy')
      await waiting.until('the book', () => waiting.book && waiting.bookOpened)
      assert.match(squeeze(waiting.shown), /ENDMARKEN/)
      assert.deepEqual(waiting.book.flatMap(page => page.clicks).filter(({ action }) => /run/.test(action)), [])
    }
    assert.deepEqual(waiting.errors, [])
  })
}

for (const version of ['1.7', '1.8.8', '1.12.2']) {
  test(`${version}: /privacy is completed by tab`, async t => {
    const { player, seen } = await playing(t, version)
    const answers = []
    player.client.on('tab_complete', ({ matches }) => { answers.push(matches); player.emit('change') })
    seen.client.on('tab_complete', () => seen.client.write('tab_complete', { matches: ['/pray'] }))
    const complete = async text => {
      const before = answers.length
      player.client.write('tab_complete', { text, assumeCommand: false, block: undefined, hasPosition: false })
      await player.until(`a completion of ${text}`, () => answers.length > before)
      return answers.at(-1)
    }
    assert.deepEqual(await complete('/privacy w'), ['withdraw'])
    assert.deepEqual(await complete('/pr'), ['/pray', '/privacy'])
    assert.deepEqual(await complete('/'), ['/pray', '/server', '/privacy'])
  })
}

test('a text of a server that runs /privacy when it is clicked withdraws nothing', async t => {
  const { player, seen, sekisho } = await playing(t, '1.21.6')
  for (const words of ['withdraw confirm', 'withdraw yes', 'withdraw 000000']) player.type(`/privacy ${words}`)
  await player.until('the question instead', () => player.dialogs.length >= 3)
  assert.equal(seen.ended, false)
  assert.equal(sekisho.records().length, 1)
  assert.equal(protocolOf('1.21.6'), 771)
})

for (const version of ['1.16.5', '1.20.4', '1.21.6']) {
  test(`${version}: a withdrawal that cannot be recorded acts all the same, is told, and the player is out`, async t => {
    const { player, sekisho, seen, join } = await playing(t, version)
    await records(sekisho, 1)
    const holder = spawn('sqlite3', [sekisho.path('data/sekisho.db')], { stdio: ['pipe', 'pipe', 'ignore'] })
    t.after(() => holder.kill())
    holder.stdin.write("BEGIN IMMEDIATE; SELECT 'held';\n")
    await new Promise(resolve => holder.stdout.once('data', resolve))
    player.type('/privacy withdraw')
    await withdraw(player)
    await until(seen, 'the end at the server', () => seen.ended)
    assert.match(await player.gone(), /could not be recorded just now/)
    holder.kill()
    await join({ username: player.username }).playing() // so it says: withdraw once more
  })
}
