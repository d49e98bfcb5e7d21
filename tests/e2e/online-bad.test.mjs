// What no honest client sends while encryption is being turned on, by a client written for it.
import test from 'node:test'
import assert from 'node:assert/strict'
import crypto from 'node:crypto'
import { chatRoundTrip, letIn } from './lib/scene.mjs'
import { onlineScene } from './lib/accounts.mjs'
import { connectRaw, frame, handshake, string } from './lib/raw.mjs'
import { until } from './lib/wait.mjs'
import { varint } from './lib/release777.mjs'

const PROTOCOL = 754 // 1.16.5
const refused = /cannot be understood/

// A VarInt from the front: [value, bytes].
function readVarint (bytes) {
  let value = 0
  for (let i = 0; i < 5; i++) {
    value |= (bytes[i] & 0x7f) << (7 * i)
    if (bytes[i] < 0x80) return [value, i + 1]
  }
  throw new Error('no VarInt')
}

// Cuts off bytes behind their length: [bytes, rest].
function cut (bytes) {
  const [length, size] = readVarint(bytes)
  return [bytes.subarray(size, size + length), bytes.subarray(size + length)]
}

function signedHex (digest) {
  const value = BigInt('0x' + digest.toString('hex'))
  return (digest[0] & 0x80 ? value - (1n << 160n) : value).toString(16)
}

// A login up to the encryption request.
async function asked (t, { sekisho }, name = 'RawPlayer', loginStart = string(name)) {
  const raw = connectRaw(t, sekisho.port)
  raw.send(handshake(PROTOCOL, 2), frame([0], loginStart))
  await until(raw, 'the encryption request', () => raw.received.length > 100 || raw.closed)
  const [packet] = cut(raw.received)
  assert.equal(packet[0], 1, 'an encryption request')
  const [serverId, afterId] = cut(packet.subarray(1))
  const [key, afterKey] = cut(afterId)
  const [token, rest] = cut(afterKey)
  assert.deepEqual([serverId.length, token.length, rest.length], [0, 4, 0])
  raw.taken = raw.received.length
  raw.token = token
  raw.der = key
  raw.secret = crypto.randomBytes(16)
  raw.seal = bytes => crypto.publicEncrypt({
    key: crypto.createPublicKey({ key, format: 'der', type: 'spki' }),
    padding: crypto.constants.RSA_PKCS1_PADDING
  }, bytes)
  return raw
}

const response = (secret, token) =>
  frame([1], varint(secret.length), secret, varint(token.length), token)

// Tells the session service of this connection, as an honest client would.
function join (accounts, person, raw, secret = raw.secret) {
  const digest = crypto.createHash('sha1').update(secret).update(raw.der).digest()
  accounts.joined.set(signedHex(digest), person)
}

const decrypted = raw => crypto.createDecipheriv('aes-128-cfb8', raw.secret, raw.secret)
  .update(raw.received.subarray(raw.taken)).toString()

const scene = t => onlineScene(t, { version: '1.16.5' })

async function letsNobodyIn ({ accounts, backend, sekisho, joinWith }) {
  assert.equal(backend.connections, 0)
  const player = await letIn(joinWith(accounts.create('Bystander')))
  await chatRoundTrip(player, backend)
  assert.equal(sekisho.exit, null)
}

// Waits for the end, and hangs up, as Sekisho waits for the goodbye to be read.
async function ended (raw) {
  await raw.untilClosed()
  raw.destroy()
}

test('a captured response does not open a second connection', async t => {
  const all = await scene(t)
  const person = all.accounts.create('RawPlayer')
  const first = await asked(t, all)
  const captured = response(first.seal(first.secret), first.seal(first.token))
  join(all.accounts, person, first)
  first.send(captured)
  await until(first, 'login success', () => decrypted(first).includes('RawPlayer'))
  const second = await asked(t, all)
  assert.notDeepEqual(second.token, first.token, 'each login has a token of its own')
  second.secret = first.secret
  second.send(captured)
  await ended(second)
  first.destroy()
  assert.match(decrypted(second), refused)
  assert.equal(all.accounts.asked.length, 1)
  await letsNobodyIn(all)
})

test('an old token in a fresh response is refused', async t => {
  const all = await scene(t)
  const person = all.accounts.create('RawPlayer')
  const first = await asked(t, all)
  const second = await asked(t, all)
  join(all.accounts, person, second)
  second.send(response(second.seal(second.secret), second.seal(first.token)))
  await ended(second)
  first.destroy()
  assert.match(decrypted(second), refused)
  assert.equal(all.accounts.asked.length, 0)
  await letsNobodyIn(all)
})

const bad = {
  'a secret of 15 bytes': raw => response(raw.seal(crypto.randomBytes(15)), raw.seal(raw.token)),
  'a secret of 17 bytes': raw => response(raw.seal(crypto.randomBytes(17)), raw.seal(raw.token)),
  'a token of 3 bytes': raw => response(raw.seal(raw.secret), raw.seal(raw.token.subarray(0, 3))),
  'a token with a byte more': raw => response(raw.seal(raw.secret), raw.seal(Buffer.concat([raw.token, raw.token]))),
  'noise for the secret': raw => response(crypto.randomBytes(128), raw.seal(raw.token)),
  'noise for the token': raw => response(raw.seal(raw.secret), crypto.randomBytes(128)),
  'noise for both': () => response(crypto.randomBytes(128), crypto.randomBytes(128)),
  'nothing but zeros': () => response(Buffer.alloc(128), Buffer.alloc(128)),
  'numbers above the modulus': () => response(Buffer.alloc(128, 0xff), Buffer.alloc(128, 0xff))
}
test('a response with something wrong inside is refused, and nobody is asked about it', async t => {
  const all = await scene(t)
  for (const [what, make] of Object.entries(bad)) {
    await t.test(what, async t => {
      const raw = await asked(t, all)
      join(all.accounts, all.accounts.create('RawPlayer'), raw)
      raw.send(make(raw))
      await ended(raw)
      assert.doesNotMatch(raw.received.subarray(raw.taken).toString(), refused, 'not told in clear')
      assert.equal(all.accounts.asked.length, 0)
    })
  }
  await letsNobodyIn(all)
})

const malformed = {
  'a truncated response': raw => frame([1], varint(128), raw.seal(raw.secret).subarray(0, 100)),
  'a response without a token': raw => frame([1], varint(128), raw.seal(raw.secret)),
  'bytes behind the response': raw =>
    frame([1], varint(128), raw.seal(raw.secret), varint(128), raw.seal(raw.token), [0]),
  'a secret of 127 bytes': raw => response(raw.seal(raw.secret).subarray(1), raw.seal(raw.token)),
  'a secret of 2048 bits': raw => response(crypto.randomBytes(256), raw.seal(raw.token)),
  'an oversized response': raw => response(crypto.randomBytes(3000), raw.seal(raw.token)),
  'a frame over the limit': () => frame([1], crypto.randomBytes(20000)),
  'a length below zero': () => frame([1], [0xff, 0xff, 0xff, 0xff, 0x0f]),
  'a second login start': () => frame([0], string('SomebodyElse')),
  'login acknowledged': () => frame([3])
}
test('what is no encryption response is refused in clear words', async t => {
  const all = await scene(t)
  for (const [what, make] of Object.entries(malformed)) {
    await t.test(what, async t => {
      const raw = await asked(t, all)
      raw.send(make(raw))
      await ended(raw)
      assert.match(raw.received.subarray(raw.taken).toString(), refused)
    })
  }
  await letsNobodyIn(all)
})

test('a second response behind the first ends the login, encrypted', async t => {
  const all = await scene(t)
  const raw = await asked(t, all)
  const person = all.accounts.create('RawPlayer')
  join(all.accounts, person, raw)
  const one = response(raw.seal(raw.secret), raw.seal(raw.token))
  const cipher = crypto.createCipheriv('aes-128-cfb8', raw.secret, raw.secret)
  raw.send(one, cipher.update(one))
  await ended(raw)
  assert.match(decrypted(raw), refused, 'what came behind was decrypted')
  await letsNobodyIn(all)
})

test('a service that knows the player, but not this secret, says no', async t => {
  const all = await scene(t)
  const raw = await asked(t, all)
  join(all.accounts, all.accounts.create('RawPlayer'), raw, crypto.randomBytes(16))
  raw.send(response(raw.seal(raw.secret), raw.seal(raw.token)))
  await ended(raw)
  assert.match(decrypted(raw), /could not be confirmed/)
  await letsNobodyIn(all)
})

const names = ['', 'with space', 'a-b', 'x'.repeat(17), '名前', 'a"b', 'semi;colon', '.bridged', 'a/b', 'nul\0l', '§cRed']

test('what no account can be called is refused before anybody is asked', async t => {
  const { accounts, sekisho } = await scene(t)
  for (const name of names) {
    await t.test(JSON.stringify(name), async t => {
      const raw = connectRaw(t, sekisho.port).send(handshake(PROTOCOL, 2), frame([0], string(name)))
      await ended(raw)
      assert.match(raw.received.toString(), /not a valid player name/)
      assert.equal(accounts.asked.length, 0)
    })
  }
})
