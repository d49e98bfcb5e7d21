// /privacy about the policy of a single server: read again, chosen, withdrawn alone.
import test from 'node:test'
import assert from 'node:assert/strict'
import { added, forget, ofSurvival, twoServers } from './lib/addition.mjs'
import { assertRecord } from './lib/answered.mjs'
import { completer, treeOf, under } from './lib/commands.mjs'
import { ask, offers, press, shows } from './lib/privacy.mjs'
import { chatRoundTrip, records } from './lib/scene.mjs'
import { until } from './lib/wait.mjs'

const versions = ['1.7', '1.8.8', '1.12.2', '1.16.5', '1.20.4', '1.21.4', '1.21.6', '26.1']
const id = 'survival-rules'

// A player on the server that asks for more, who accepted both.
async function settled (t, version, order = ['survival', 'lobby'], more = {}) {
  const scene = await twoServers(t, version, order)
  const player = scene.join(more)
  await player.accept()
  forget(player)
  await ofSurvival(player)
  await player.accept()
  await player.playing(1000.5)
  const seen = await scene.survival.joined(player.username)
  forget(player)
  return { ...scene, player, seen }
}

async function withdraw (player) {
  await ask(player, 'withdraw', /at any time/)
  await shows(player, /this server's own policy at any time/, () => press(player, new RegExp(`^withdraw ${id}$`)))
  const offer = await player.until('an offer to withdraw it', () =>
    offers(player).find(({ words }) => new RegExp(`^withdraw ${id} \\d{6}$`).test(words ?? '')))
  forget(player)
  offer.act()
}

// A text is sent at most once a second; what is asked for earlier is passed over.
async function again (player, act, pattern) {
  for (const end = Date.now() + 20000; !pattern.test(player.shown);) {
    assert.ok(Date.now() < end, `${pattern}: ${player.describe()}`)
    act()
    await new Promise(resolve => setTimeout(resolve, 300))
  }
}

async function reads (player, words, pattern) {
  const offer = await player.until(`an offer of ${words}`, () => offers(player).find(found => words.test(found.words ?? '')))
  forget(player)
  await again(player, () => offer.act(), pattern)
}

const listed = async sekisho => (await records(sekisho, 3)).map(record => [record.decision, record.policy])

for (const version of versions) {
  test(`${version}: the policy of a server is read again, by a click and by its name`, async t => {
    const { player } = await settled(t, version)
    await ask(player, 'policy', /We run this server/)
    await reads(player, new RegExp(`^policy ${id}$`), /The words of the survival server/)
    await reads(player, /^policy$/, /We run this server/)
    forget(player)
    await again(player, () => player.type(`/privacy policy ${id} now`), /The words of the survival server/)
    assert.match(await ask(player, 'status', /survival server: 2026-01/), /Of the survival server: 2026-01 \| maps/)
    assert.deepEqual(player.errors, [])
  })

  test(`${version}: an optional purpose of a server is chosen, and its rules follow at once`, async t => {
    const { survival, sekisho, player, seen, join } = await settled(t, version, ['survival', 'lobby'], { brand: 'canaryone' })
    await until(seen, 'the brand', () => seen.brand !== undefined)
    assert.equal(seen.brand, 'vanilla')
    await ask(player, 'choose', /also agree/)
    await shows(player, /Of the survival server/, () => press(player, new RegExp(`^choose ${id}$`)))
    if (player.means === 'dialog') await press(player, new RegExp(`^choose ${id} \\d{6}$`), { [player.dialog.boxes[0].key]: true })
    else await press(player, new RegExp(`^choose ${id} heat \\d{6}$`))
    await player.hears('Your choice is recorded')
    await until(seen, 'the brand as it is', () => seen.brand === 'canaryone')
    const found = await records(sekisho, 3)
    assertRecord(found[2], player, { decision: 'accepted', language: found[1].language,
      method: player.means === 'dialog' ? 'dialog' : 'chat', server: 'survival', policy_sha256: found[1].policy_sha256 })
    assert.deepEqual([found[2].policy, found[2].purposes], [id, ['maps', 'heat']])
    await ask(player, `choose ${id} heat`, /recorded/)
    assert.deepEqual((await records(sekisho, 4))[3].purposes, ['maps'])
    await chatRoundTrip(player, survival)
    player.leave()
    const again = await join({ username: player.username, brand: 'canarytwo' }).playing(1000.5)
    assert.ok(!/heat/.test(await ask(again, 'status', /survival server: 2026-01/)), 'found again as it was')
  })

  test(`${version}: the policy of a server is withdrawn alone, and the player led to the next`, async t => {
    const { lobby, survival, sekisho, player, seen, join } = await settled(t, version)
    const packets = seen.packets.length
    await withdraw(player)
    player.type('too late for the server')
    await until(seen, 'the server to be left', () => seen.ended)
    assert.ok(!seen.packets.slice(packets).some(({ name }) => /chat/.test(name)) && !seen.holds('too late'))
    await player.playing()
    await player.hears('You have withdrawn your consent to the policy of a server')
    await chatRoundTrip(player, lobby)
    const found = await records(sekisho, 3)
    assert.deepEqual(found.map(record => [record.decision, record.policy]),
      [['accepted', 'test-network'], ['accepted', id], ['withdrawn', id]])
    assert.equal(found[2].policy_sha256, found[1].policy_sha256)
    assert.deepEqual(found[2].purposes, [])
    assert.doesNotMatch(await ask(player, 'status', /Version: 2026-01/), /survival/)
    await ask(player, `withdraw ${id}`, /not accepted this server's own policy/)
    forget(player)
    player.type('/server survival')
    await ofSurvival(player)
    await player.accept()
    await player.playing(1000.5)
    assert.equal(survival.players.length, 2)
    player.leave()
    await join({ username: player.username }).playing(1000.5)
    assert.deepEqual(player.errors, [])
  })

  test(`${version}: where there is no other server, who withdraws waits, and may come back`, async t => {
    const { survival, sekisho, player, seen } = await settled(t, version, ['survival'])
    await withdraw(player)
    await until(seen, 'the server to be left', () => seen.ended)
    await player.hears("Sekisho's own waiting room")
    assert.match(player.chatText, /You have withdrawn your consent to the policy of a server/)
    assert.deepEqual((await listed(sekisho))[2], ['withdrawn', id])
    await ask(player, 'status', /Version: 2026-01/)
    forget(player)
    player.type('/server survival')
    await ofSurvival(player)
    await player.decline()
    await player.hears("Sekisho's own waiting room")
    forget(player)
    player.type('/server survival')
    await ofSurvival(player)
    await player.accept()
    await until(survival, 'the player again', () => survival.players.length === 2)
    await player.playing(1000.5)
    await chatRoundTrip(player, survival)
    assert.deepEqual(player.errors, [])
  })
}

for (const version of ['1.8.8', '1.16.5', '1.20.4', '1.21.6']) {
  test(`${version}: elsewhere a withdrawal of it changes nothing for the game`, async t => {
    const { lobby, player } = await settled(t, version)
    player.type('/server lobby')
    await player.playing()
    const seen = await lobby.joined(player.username)
    await withdraw(player)
    await player.hears('You have withdrawn your consent to the policy of a server')
    await chatRoundTrip(player, lobby)
    assert.equal(seen.ended, false)
  })

  test(`${version}: at the gate of a server everything can be withdrawn, and all is asked anew`, async t => {
    const { survival, sekisho, join } = await twoServers(t, version, ['survival', 'lobby'])
    const player = join({})
    await player.accept()
    forget(player)
    await ofSurvival(player)
    if (player.means === 'dialog') {
      player.click('sekisho:rights', player.dialog.buttons.find(({ id }) => id === 'sekisho:rights').payload)
      await press(player, /^withdraw$/)
    } else {
      player.type('/privacy withdraw')
    }
    const offer = await player.until('an offer to withdraw', () =>
      offers(player).find(({ words }) => /^withdraw \d{6}$/.test(words ?? '')))
    forget(player)
    offer.act()
    await player.until('the policy of all', () => /ENDMARKEN/.test(player.shown) || player.means !== 'dialog')
    await player.accept()
    await ofSurvival(player)
    assert.equal(survival.connections, 0)
    const found = await records(sekisho, 4)
    assert.deepEqual(found.map(record => [record.decision, record.policy]), [['accepted', 'test-network'],
      ['withdrawn', 'test-network'], ['timed_out', id], ['accepted', 'test-network']])
  })
}

for (const version of ['1.7', '1.8.8', '1.12.2', '1.13.2', '1.20.4', '1.21.6']) {
  test(`${version}: the policies of servers are completed while they are typed`, async t => {
    const { player, seen } = await settled(t, version)
    const complete = completer(player)
    assert.deepEqual(await complete('/privacy withdraw su'), [id])
    assert.deepEqual(await complete('/privacy policy '), [id])
    assert.deepEqual(await complete('/privacy Choose '), [id])
    assert.deepEqual(await complete('/privacy data su'), [])
    assert.deepEqual(await complete(`/privacy policy ${id} `), [])
    assert.deepEqual(await complete('/privacy w'), ['withdraw'])
    if (player.protocol < 393) return
    const tree = await treeOf(player, seen)
    const { text } = under(tree, under(tree, under(tree).privacy).withdraw)
    assert.equal(text.extraNodeData.suggestionType, 'minecraft:ask_server')
  })
}

test('explain, review and provision know the purposes of a server', async t => {
  const { sekisho, player, join } = await settled(t, '1.20.4')
  player.type('/canaryone')
  const lobbyist = join({})
  await lobbyist.accept()
  forget(lobbyist)
  await ofSurvival(lobbyist)
  await lobbyist.decline()
  await lobbyist.playing()
  await records(sekisho, 4)
  const explain = (field, who) => sekisho.command('explain', 'survival', field, '--player', who).stdout
  assert.match(explain('chat.command', player.username),
    /besides: +survival-rules: accepted[^]*for: maps\n[^]*kept: +applies to this player/)
  assert.match(explain('client.brand', player.username), /forwarded: +does not apply to this player, who did not choose heat/)
  assert.match(explain('chat.command', lobbyist.username),
    /besides: +survival-rules: declined[^]*kept: +does not apply to this player, who has not accepted the policy that the server adds/)
  const review = sekisho.command('review')
  assert.equal(review.status, 0, review.stderr)
  assert.match(review.stdout,
    /### Server survival\n\nIt asks for the policy survival-rules besides, version 2026-01\.\n[^]*\| maps \| 30d \| required \|/)
  for (const end = Date.now() + 20000; sekisho.sql('SELECT * FROM observation').length === 0;) {
    assert.ok(Date.now() < end, 'the command is kept')
    await new Promise(resolve => setTimeout(resolve, 50))
  }
  const provide = (purpose, ground) => sekisho.command('provision', 'make', '--to', 'Board', '--ground', ground, '--reason',
    'order 7', '--purpose', purpose, '--fields', 'chat.command', player.username)
  const made = provide('maps', 'law')
  assert.equal(made.status, 0, made.stderr)
  assert.equal(JSON.parse(made.stdout).values[0].server, 'survival')
  assert.match(provide('maps', 'permission').stderr, /maps is no optional purpose/)
  assert.match(provide('heat', 'permission').stderr, /permits this to nobody|no permission|heat/)
  assert.match(provide('map', 'law').stderr, /there is no purpose "map"; did you mean "maps"/)
})

test('permission for a purpose of a server ends with its withdrawal', async t => {
  const rules = 'collect "chat.command" { purpose = "heat", keep = "7d" }\n'
  const { sekisho, join } = await twoServers(t, '1.20.4', ['survival'], { ...added(), 'scripts/survival.lua': rules })
  const player = join({})
  await player.accept()
  forget(player)
  await ofSurvival(player)
  player.type('/choose heat')
  await player.accept()
  await player.playing(1000.5)
  player.type('/canaryone')
  for (const end = Date.now() + 20000; sekisho.sql('SELECT * FROM observation').length === 0;) {
    assert.ok(Date.now() < end, 'the command is kept')
    await new Promise(resolve => setTimeout(resolve, 50))
  }
  const provide = () => sekisho.command('provision', 'make', '--to', 'Board', '--ground', 'permission', '--reason',
    'they asked', '--purpose', 'heat', '--fields', 'chat.command', player.username)
  const made = provide()
  assert.equal(made.status, 0, made.stderr)
  await withdraw(player)
  await records(sekisho, 3)
  assert.match(provide().stderr, /accepted nothing that is in force/)
})
