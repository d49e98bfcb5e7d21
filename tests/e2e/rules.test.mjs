// What a game server learns and what is kept is what the rules say, and nothing else.
import test from 'node:test'
import assert from 'node:assert/strict'
import net from 'node:net'
import { scene, letIn, records } from './lib/scene.mjs'
import { offlineUuid } from './lib/answered.mjs'
import { until } from './lib/wait.mjs'
import { protocolOf } from './lib/versions.mjs'

const canary = { brand: 'canarybrand', locale: 'qz_qz', host: 'canary.example.org', address: '127.0.0.77' }
const versions = ['1.8.8', '1.16.5', '1.20.4', '1.21.6', '26.1']

const collectAll = `
collect "player.uuid"         { purpose = "service", keep = "180d" }
collect "player.name"         { purpose = "service", keep = "30d" }
collect "connection.ip"       { purpose = "service", keep = "7d", form = truncate(24, 48) }
collect "connection.hostname" { purpose = "service", keep = "7d" }
collect "client.brand"        { purpose = "service", keep = "90d", form = count }
collect "client.locale"       { purpose = "service", keep = "7d", form = pseudonym }
collect "client.protocol"     { purpose = "service", keep = "7d" }
`

const forwardAll = `
forward "connection.ip"       { form = full }
forward "connection.hostname" { form = full }
forward "client.brand"        { form = full }
forward "client.locale"       { form = full }
`

// The words that would betray the player, in every place where bytes could be kept or go.
function assertNowhere (marker, seen, sekisho) {
  assert.ok(!seen.holds(marker), `${marker} reached the game server`)
  assert.ok(!sekisho.storeBytes().includes(marker), `${marker} is in the store`)
  assert.ok(!sekisho.stderr.includes(marker) && !sekisho.stdout.includes(marker), `${marker} is in the log`)
}

async function play (t, version, rules, server) {
  const { backend, sekisho, join } = await scene(t, { version, rules, server })
  const player = await letIn(join(canary))
  const seen = await backend.joined(player.username)
  await until(seen, 'settings and brand', () => seen.settings && seen.brand !== undefined)
  await records(sekisho, 1)
  return { player, seen, sekisho, backend, join }
}

for (const version of versions) {
  for (const [kind, rules] of [['an empty rule file', ''], ['no rule file', undefined]]) {
    test(`${version}: behind ${kind} nothing of the player is told or kept`, async t => {
      const { player, seen, sekisho } = await play(t, version, rules)
      for (const marker of Object.values(canary)) assertNowhere(marker, seen, sekisho)
      assert.notEqual(seen.brand, '', 'a neutral brand')
      assert.match(seen.settings.locale, /^[a-z]{2,3}_[a-z]{2,3}$/i, 'a neutral locale')
      assert.ok(!sekisho.stderr.includes(player.username), 'no player name in the log')
      assert.ok(!sekisho.stderr.includes(offlineUuid(player.username)), 'no UUID in the log')
      // What the game cannot run without.
      assert.equal(seen.username, player.username)
      assert.equal(seen.handshake.protocolVersion, protocolOf(version))
    })
  }

  test(`${version}: what is forwarded in full arrives as it was`, async t => {
    const { seen, player } = await play(t, version, forwardAll, { forwarding: 'legacy' })
    assert.equal(seen.brand, canary.brand)
    assert.equal(seen.settings.locale, canary.locale)
    const [host, address, uuid] = seen.handshake.serverHost.split('\0')
    assert.equal(host, canary.host)
    assert.equal(address, canary.address)
    assert.equal(uuid, offlineUuid(player.username).replaceAll('-', ''))
  })

  test(`${version}: legacy forwarding gives a stand-in where the address is not forwarded`, async t => {
    const { seen, player, sekisho, backend, join } = await play(t, version, '', { forwarding: 'legacy' })
    for (const marker of Object.values(canary)) assertNowhere(marker, seen, sekisho)
    const standIn = seen.handshake.serverHost.split('\0')[1]
    assert.notEqual(net.isIP(standIn), 0, 'an address')
    player.leave()
    // Made from the player, not from the address: the same from elsewhere, another for others.
    await join({ username: player.username, address: '127.0.0.78' }).playing()
    await letIn(join(canary))
    await until(backend, 'three players', () => backend.players.length === 3)
    const [, again, other] = backend.players.map(each => each.handshake.serverHost.split('\0')[1])
    assert.equal(again, standIn)
    assert.notEqual(other, standIn)
  })
}

for (const version of ['1.16.5', '1.21.6']) {
  test(`${version}: what is collected is kept in its form, and only that`, async t => {
    const { player, seen, sekisho, join } = await play(t, version, collectAll)
    await letIn(join({ ...canary, locale: 'xy_xy' }))
    await sekisho.stop()
    const address = sekisho.rowsWith('connection.ip')
    assert.equal(address.length, 2)
    for (const row of address) assert.match(JSON.stringify(row), /127\.0\.0\.0/)
    assert.ok(!sekisho.storeBytes().includes(canary.address), 'the whole address')
    assert.equal(sekisho.rowsWith('connection.hostname').length, 2)
    assert.match(JSON.stringify(sekisho.rowsWith('connection.hostname')), /canary\.example\.org/)
    const tally = sekisho.rowsWith('client.brand')
    assert.equal(tally.length, 1, 'one tally of one brand')
    assert.ok(Object.values(tally[0]).includes(2), `counted twice: ${JSON.stringify(tally)}`)
    assert.doesNotMatch(JSON.stringify(tally), new RegExp(offlineUuid(player.username)))
    assert.equal(sekisho.rowsWith('client.locale').length, 2)
    assert.ok(!sekisho.storeBytes().includes(canary.locale), 'a pseudonym hides the locale')
    assert.match(JSON.stringify(sekisho.rowsWith('client.protocol')), new RegExp(`"${protocolOf(version)}"`))
    for (const marker of Object.values(canary)) {
      assert.ok(!seen.holds(marker), `${marker} was collected, not forwarded`)
    }
  })

  test(`${version}: a purpose that the player did not choose collects nothing`, async t => {
    const { sekisho } = await play(t, version,
      'collect "client.brand" { purpose = "analytics", keep = "30d" }')
    await sekisho.stop()
    assert.ok(!sekisho.storeBytes().includes(canary.brand))
  })
}
