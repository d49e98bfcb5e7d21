// Online mode: real clients log in encrypted, with accounts of a session service on loopback.
import test from 'node:test'
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { letIn, records, chatRoundTrip } from './lib/scene.mjs'
import { onlineScene, chatKeys, dashed } from './lib/accounts.mjs'
import { until } from './lib/wait.mjs'
import { protocolOf } from './lib/versions.mjs'

const versions = ['1.7', '1.8.8', '1.12.2', '1.16.5', '1.18.2', '1.19', '1.19.2', '1.19.4', '1.20.4',
  '1.21.4', '1.21.6', '26.1']

const packets = (player, name) => {
  const found = []
  player.client.on(name, data => found.push(data))
  return found
}

for (const version of versions) {
  test(`${version}: an account is let in encrypted, recorded as verified, and plays`, async t => {
    const { accounts, backend, sekisho, joinWith } = await onlineScene(t, { version })
    const person = accounts.create('Steve_' + protocolOf(version))
    const player = joinWith(person)
    const success = packets(player, 'success')
    await letIn(player)
    assert.ok(player.client.cipher, 'the client encrypts')
    const [record] = await records(sekisho, 1)
    assert.equal(record.identity, 'verified')
    assert.equal(record.player_uuid, dashed(person.id))
    assert.equal(record.player_name, person.name)
    assert.equal(success[0].uuid.replaceAll('-', ''), person.id)
    if (protocolOf(version) >= 759) assert.deepEqual(success[0].properties.map(p => ({ ...p })), person.properties)
    assert.deepEqual(Object.keys(accounts.asked[0]).sort(), ['serverId', 'username'], 'no address is told')
    await chatRoundTrip(player, backend)
    const seen = await backend.joined()
    const large = randomBytes(protocolOf(version) < 765 ? 75_000 : 30_000).toString('hex')
    for (let i = 0; i < 12; i++) backend.say(seen.client, `${i};${large}`)
    const words = Array.from({ length: 100 }, (_, i) => `${i}:${randomBytes(40).toString('hex')}`)
    for (const word of words) player.type(word)
    await player.until('all of it', () => player.chats.some(chat => chat.text === `11;${large}`))
    await until(seen, 'all words', () => seen.chats.length >= words.length + 1)
    assert.deepEqual(seen.chats.slice(1), words)
    assert.deepEqual(player.errors, [])
  })
}

for (const version of ['1.19', '1.19.2']) {
  test(`${version}: a client with a chat key signs its token`, async t => {
    const { accounts, sekisho, joinWith } = await onlineScene(t, { version })
    await letIn(joinWith(accounts.create('Signer'), {}, chatKeys()))
    assert.equal((await records(sekisho, 1))[0].identity, 'verified')
  })

  test(`${version}: a token that is signed by another key is refused`, async t => {
    const { accounts, backend, joinWith } = await onlineScene(t, { version })
    const keys = { ...chatKeys(), private: chatKeys().private }
    const player = joinWith(accounts.create('Forger'), {}, keys)
    assert.match(await player.gone(), /cannot be understood/)
    assert.equal(accounts.asked.length, 0, 'the session service is not even asked')
    assert.equal(backend.connections, 0)
  })
}
