// A server that asks for a policy of its own besides: shown before it is dialled, recorded for
// itself, and declined without being kept out from elsewhere.
import test from 'node:test'
import assert from 'node:assert/strict'
import { added, addedLua, forget, ofSurvival, rules, twoServers } from './lib/addition.mjs'
import { ask, offers } from './lib/privacy.mjs'
import { letIn, records } from './lib/scene.mjs'
import { Sekisho } from './lib/sekisho.mjs'
import { until } from './lib/wait.mjs'

for (const version of ['1.7', '1.8.8', '1.12.2', '1.16.5', '1.20.4', '1.21.4', '1.21.6']) {
  test(`${version}: who goes to the server has accepted both, each with a record`, async t => {
    const { survival, sekisho, join } = await twoServers(t, version, ['survival', 'lobby'])
    const player = join({ username: 'Settler' })
    await player.gate()
    assert.ok(!/survival/.test(player.shown))
    const policy = { dialogs: player.dialogs.length }
    await player.accept()
    forget(player)
    await ofSurvival(player)
    assert.match(player.shown, /has a policy of its own besides/)
    assert.equal(survival.connections, 0)
    await player.accept()
    await player.playing(1000.5)
    player.type('/canaryone')
    const found = await records(sekisho, 2)
    assert.deepEqual(found.map(record => record.purposes), [['service'], ['maps']])
    assert.notEqual(found[0].policy_sha256, found[1].policy_sha256)
    assert.ok(policy)
    player.leave()
    const again = await join({ username: 'Settler' }).playing(1000.5)
    assert.ok(!/survival/.test(again.shown))
    await until(survival.players[0], 'the command', () => survival.players[0].chats.length > 0)
    await sekisho.stop()
    assert.deepEqual(sekisho.sql('SELECT purpose, policy_version FROM observation'), [{ purpose: 'maps', policy_version: '2026-01' }])
  })

  test(`${version}: who declines goes elsewhere, and can ask for it with /server`, async t => {
    const { lobby, survival, sekisho, join } = await twoServers(t, version, ['survival', 'lobby'])
    const player = join({})
    await player.accept()
    forget(player)
    await ofSurvival(player)
    await player.decline()
    await player.playing()
    await player.hears('You declined the policy of a server')
    forget(player)
    player.type('/server survival')
    await ofSurvival(player)
    await until(lobby, 'the lobby to be left', () => lobby.players[0].ended)
    await player.decline()
    await until(lobby, 'the player back in the lobby', () => lobby.players.length === 2)
    await player.hears('You declined the policy of a server')
    assert.equal(survival.connections, 0)
    forget(player)
    player.type('/server survival')
    await ofSurvival(player)
    await player.accept()
    await player.playing(1000.5)
    assert.deepEqual((await records(sekisho, 4)).map(record => record.decision),
      ['accepted', 'declined', 'declined', 'accepted'])
    assert.deepEqual(player.errors, [])
  })
}

for (const version of ['1.8.8', '1.20.4', '1.21.6']) {
  test(`${version}: a withdrawal is one of the added policy, too, and both are asked again`, async t => {
    const { survival, sekisho, join } = await twoServers(t, version, ['survival', 'lobby'])
    const player = join({})
    await player.accept()
    forget(player)
    await ofSurvival(player)
    await player.accept()
    await player.playing(1000.5)
    await ask(player, 'status', /the survival server: 2026-01/)
    player.type('/privacy withdraw')
    const offer = await player.until('an offer to withdraw', () =>
      offers(player).find(({ words }) => /^withdraw \d{6}$/.test(words ?? '')))
    forget(player)
    offer.act()
    await player.gate()
    const found = await records(sekisho, 4)
    assert.deepEqual(found.map(record => [record.decision, record.policy]), [['accepted', 'test-network'],
      ['accepted', 'survival-rules'], ['withdrawn', 'test-network'], ['withdrawn', 'survival-rules']])
    assert.equal(found[3].policy_sha256, found[1].policy_sha256)
    player.leave()
    const again = join({ username: player.username })
    await again.accept()
    forget(again)
    await ofSurvival(again)
    assert.equal(survival.connections, 1)
  })
}

test('where there is no other server, who declines is told, and out', async t => {
  const { survival, join } = await twoServers(t, '1.21.6', ['survival'])
  const player = join({})
  await player.accept()
  forget(player)
  await ofSurvival(player)
  await player.decline()
  assert.match(await player.gone(), /declined/)
  assert.equal(survival.connections, 0)
})

test('a server that is lost: the next one asks first', async t => {
  for (const version of ['1.16.5', '1.20.4', '1.21.6']) {
    const { lobby, sekisho, join } = await twoServers(t, version, ['lobby', 'survival'])
    const player = await letIn(join({}))
    await lobby.joined(player.username)
    forget(player)
    await lobby.stop()
    await ofSurvival(player)
    await player.accept()
    await player.playing(1000.5)
    await records(sekisho, 2)
  }
})

test('an optional purpose of the server is chosen for the server', async t => {
  const { survival, join } = await twoServers(t, '1.20.4', ['survival'])
  for (const [username, brand, expected] of [['Chooser', 'canaryone', 'canaryone'], ['Other', 'canarytwo', 'vanilla']]) {
    const player = join({ username, brand })
    await player.accept()
    forget(player)
    await ofSurvival(player)
    if (username === 'Chooser') player.type('/choose heat')
    await player.accept()
    const seen = await survival.joined(username)
    await until(seen, 'the brand', () => seen.brand !== undefined)
    assert.equal(seen.brand, expected)
  }
})

test('another version of what the server adds asks who is there, and nobody elsewhere', async t => {
  const { lobby, survival, sekisho, join } = await twoServers(t, '1.20.4', ['lobby', 'survival'])
  const away = await letIn(join({}))
  const player = await letIn(join({}))
  forget(player)
  player.type('/server survival')
  await ofSurvival(player)
  await player.accept()
  await player.playing(1000.5)
  forget(player)
  for (const [name, text] of Object.entries(added('More words of the survival server.',
    addedLua.replace('"2026-01"', '"2026-02"').replace('"2026-01-01"', '"2026-01-02", material = true')))) {
    sekisho.write(name.replace('survival/', 'survival/2026-02/'), text)
  }
  assert.equal(sekisho.command('reload').status, 0)
  await player.until('the new words', () => /More\s+words\s+of\s+the\s+survival/.test(player.shown))
  await until(survival.players[0], 'the server to be left', () => survival.players[0].ended)
  await player.accept()
  await until(survival, 'the player again', () => survival.players.length === 2)
  assert.ok(!lobby.players[0].ended)
  assert.equal(away.ended, false)
  await records(sekisho, 4)
  assert.match(sekisho.command('policy', 'list').stdout, /^policy test-network\n[^]*\npolicy survival-rules\n[^]*\* version 2026-02/)
})

test('what is wrong with an added policy is told with file and line', t => {
  const check = (files, more) => {
    const sekisho = new Sekisho({
      servers: { survival: { address: '127.0.0.1:25566', policy: 'config/survival', rules: 'scripts/survival.lua' }, ...more },
      files: { 'scripts/survival.lua': rules, ...files }
    })
    t.after(() => sekisho.dispose())
    return sekisho.command('check')
  }
  const good = check(added())
  assert.equal(good.status, 0, good.stderr)
  assert.match(good.stdout, /policy config\/survival: survival-rules, version 2026-01/)
  assert.match(good.stdout, /asks for the policy survival-rules besides/)
  assert.match(check(added('', addedLua.replace('survival-rules', 'test-network'))).stderr,
    /config\/survival\/policy\.lua:2: id: "test-network" is the id of the policy of config\/policy\/policy\.lua/)
  assert.match(check(added('', addedLua.replace('heat', 'service'))).stderr,
    /config\/survival\/policy\.lua:\d+: purposes\.service: config\/policy\/policy\.lua has a purpose of this name/)
  assert.match(check(added('', addedLua.replace('survival-rules', 'analytics'))).stderr,
    /config\/survival\/policy\.lua:2: id: "analytics" is a purpose of the policy of config\/policy\/policy\.lua/)
  const creative = { creative: { address: '127.0.0.1:25567', policy: 'config/creative' } }
  const texts = { 'config/creative/en.md': '# Words\n', 'config/creative/ja.md': '# Words\n' }
  const both = lua => check({ ...added(), ...texts, 'config/creative/policy.lua': lua }, creative)
  assert.match(both(addedLua.replace('survival-rules', 'creative-rules').replace('heat', 'other')).stderr,
    /(survival|creative)\/policy\.lua:\d+: purposes\.maps: config\/(survival|creative)\/policy\.lua has a purpose of this name/)
  assert.equal(both(addedLua.replace('survival-rules', 'creative-rules').replace('maps', 'plots').replace('heat', 'other')).status, 0)
  assert.match(check({}).stderr, /config\/survival\/policy\.lua:?\d*: cannot be read/)
})
