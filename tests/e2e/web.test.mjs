// The page with a one-time code, for players whose game cannot show the policy.
import test from 'node:test'
import assert from 'node:assert/strict'
import net from 'node:net'
import { scene, records, letIn, chatRoundTrip } from './lib/scene.mjs'
import { assertRecord } from './lib/answered.mjs'
import { startSekisho } from './lib/sekisho.mjs'
import { joinAs } from './lib/player.mjs'
import { listener, saying } from './lib/plugins.mjs'
import { connectRaw, frame, string } from './lib/raw.mjs'
import { varint } from './lib/release777.mjs'
import { until } from './lib/wait.mjs'

const web = { address: '127.0.0.1:0', public_url: 'https://privacy.example.net/' }
const marker = { '1.16.5': '\0FML2\0', '1.19.4': '\0FML3\0', '1.20.1': '\0FML3\0' }
const codePattern = /[2-9A-HJ-NP-Z]{4}-[2-9A-HJ-NP-Z]{4}/

function portOf (sekisho) {
  return Number(/page: serving on 127\.0\.0\.1:(\d+)/.exec(sekisho.stdout)[1])
}

function pageOf (sekisho) {
  const port = portOf(sekisho)
  return async (path, form, headers = {}) => {
    const response = await fetch(`http://127.0.0.1:${port}/${path}`, {
      method: form ? 'POST' : 'GET',
      body: form && new URLSearchParams(form),
      headers
    })
    return { status: response.status, html: await response.text(), headers: response.headers }
  }
}

async function codeFor (join, version, more = {}) {
  const player = join({ host: `localhost${marker[version]}`, ...more })
  const words = await player.gone()
  assert.match(words, /https:\/\/privacy\.example\.net/)
  assert.equal(player.books.length, 0)
  const [code] = codePattern.exec(words) ?? assert.fail(`a code in ${words}`)
  return { player, code }
}

for (const version of Object.keys(marker)) {
  test(`${version}: a modded client accepts on the page, and plays with its handshake unharmed`, async t => {
    const plugin = listener(['consent.given'], { details: 'event.policy .. " " .. event.language .. " " .. tostring(player.online)' })
    const { backend, sekisho, join } = await scene(t, { version, config: { web }, files: { 'plugins/probe.lua': plugin } })
    const page = pageOf(sekisho)
    const { player, code } = await codeFor(join, version)
    assert.equal(backend.connections, 0)

    const policy = await page('policy', { code: code.toLowerCase().replace('-', ' ') }, { 'accept-language': 'en-GB,en' })
    assert.equal(policy.status, 200)
    assert.match(policy.html, /ENDMARKEN/)
    assert.match(policy.html, /<a [^>]*href="https:\/\/example\.net\/privacy"/)
    const answered = await page('answer', { code, answer: 'accept', language: 'en', purpose: 'analytics' })
    assert.equal(answered.status, 200)
    assert.match(answered.html, /join once more/)

    const [record] = await records(sekisho, 1)
    assertRecord(record, player, { decision: 'accepted', method: 'web', language: 'en' })
    assert.deepEqual(record.purposes, ['service', 'analytics'])
    await saying(sekisho, /^heard consent.given test-network en false/)
    assert.equal((await page('answer', { code, answer: 'accept', language: 'en' })).status, 403, 'used once')

    const again = await join({ username: player.username, host: `localhost${marker[version]}` }).playing()
    const seen = await backend.joined(player.username)
    assert.ok(seen.handshake.serverHost.endsWith(marker[version]), JSON.stringify(seen.handshake.serverHost))
    await chatRoundTrip(again, backend)
  })

  test(`${version}: without a page a modded client accepts in the limbo, and joins once more`, async t => {
    const { backend, join } = await scene(t, { version })
    const player = join({ host: `localhost${marker[version]}` })
    await player.accept()
    assert.match(await player.gone(), /join once more/)
    assert.equal(backend.connections, 0)
    await join({ username: player.username, host: `localhost${marker[version]}` }).playing()
  })
}

// A game server that asks the client three things before it lets it in, as Forge does.
async function askingServer (t) {
  const answers = []
  const server = net.createServer(socket => {
    let bytes = Buffer.alloc(0)
    let frames = 0
    socket.on('error', () => {})
    socket.on('data', chunk => {
      bytes = Buffer.concat([bytes, chunk])
      for (;;) {
        const head = readVarint(bytes, 0)
        if (!head || bytes.length < head.size + head.value) return
        const packet = bytes.subarray(head.size, head.size + head.value)
        bytes = bytes.subarray(head.size + head.value)
        frames++
        if (frames === 2) { // handshake and login start
          for (let i = 1; i <= 3; i++) {
            socket.write(frame([4], varint(i), string('fml:loginwrapper'), Buffer.alloc(5000 * i, i)))
          }
        } else if (frames > 2) {
          answers.push([packet[0], packet[1], packet.length - 3])
          if (answers.length === 3) socket.write(frame([0], string('the mods agree')))
        }
      }
    })
  })
  await new Promise(resolve => server.listen(0, '127.0.0.1', resolve))
  t.after(() => server.close())
  return { address: `127.0.0.1:${server.address().port}`, answers }
}

function readVarint (bytes, at) {
  let value = 0
  for (let size = 0; size < 5 && at + size < bytes.length; size++) {
    value |= (bytes[at + size] & 0x7f) << (7 * size)
    if (bytes[at + size] < 0x80) return { value, size: size + 1 }
  }
}

for (const version of ['1.16.5', '1.19.4']) {
  test(`${version}: the questions and answers of a mod loader's login pass between server and client`, async t => {
    const { address, answers } = await askingServer(t)
    const sekisho = await startSekisho(t, { servers: { modded: { address } } })
    const join = more => joinAs(t, { port: sekisho.port, version, ...more, host: `localhost${marker[version]}` })
    const player = join()
    await player.accept()
    await player.gone()
    const again = join({ username: player.username })
    again.client.removeAllListeners('login_plugin_request')
    again.client.on('login_plugin_request', ({ messageId, data }) =>
      again.client.write('login_plugin_response', { messageId, data }))
    assert.match(await again.gone(), /the mods agree/)
    assert.deepEqual(answers, [[2, 1, 5000], [2, 2, 10000], [2, 3, 15000]])
  })
}

test('the page declines as well, in the language that is asked for', async t => {
  const { sekisho, join } = await scene(t, { version: '1.16.5', config: { web } })
  const page = pageOf(sekisho)
  const { player, code } = await codeFor(join, '1.16.5')
  assert.match((await page('', undefined, { 'accept-language': 'ja' })).html, /コードを入力/)
  assert.match((await page('policy', { code, language: 'ja' })).html, /ENDMARKJA/)
  const { html } = await page('answer', { code, answer: 'decline', language: 'ja' })
  assert.match(html, /同意されませんでした/)
  assertRecord((await records(sekisho, 1))[0], player, { decision: 'declined', method: 'web', language: 'ja' })
})

test('a code ends after five wrong ones, and another one replaces it', async t => {
  const { sekisho, join } = await scene(t, { version: '1.16.5', config: { web } })
  const page = pageOf(sekisho)
  const { player, code } = await codeFor(join, '1.16.5')
  const wrong = code.slice(0, 5) + (code.endsWith('AAAA') ? 'BBBB' : 'AAAA')
  for (let i = 0; i < 5; i++) assert.equal((await page('policy', { code: wrong })).status, 403)
  assert.equal((await page('policy', { code })).status, 403, 'ended')
  const { code: fresh } = await codeFor(join, '1.16.5', { username: player.username })
  assert.equal((await page('policy', { code: fresh })).status, 200)
  const { code: newer } = await codeFor(join, '1.16.5', { username: player.username })
  assert.equal((await page('policy', { code: fresh })).status, 403, 'replaced')
  assert.equal((await page('policy', { code: newer })).status, 200)
})

test('an answer without having been shown the policy is none', async t => {
  const { sekisho, join } = await scene(t, { version: '1.16.5', config: { web } })
  const page = pageOf(sekisho)
  const { code } = await codeFor(join, '1.16.5')
  const { html } = await page('answer', { code, answer: 'accept', language: 'en' })
  assert.match(html, /ENDMARKEN/, 'the policy comes first')
  assert.equal(sekisho.records().length, 0)
})

test('what a visitor sends comes back escaped, and odd requests are turned away', async t => {
  const { backend, sekisho, join } = await scene(t, { version: '1.16.5', config: { web } })
  const page = pageOf(sekisho)
  const { code } = await codeFor(join, '1.16.5')
  const { html, headers } = await page('policy', { code, language: '"><script>alert(1)</script>' })
  assert.doesNotMatch(html, /<script/)
  assert.match(headers.get('content-security-policy'), /default-src 'none'/)
  assert.equal(headers.get('cache-control'), 'no-store')
  for (const odd of ['', 'x'.repeat(10000), '<script>', '\0'.repeat(8)]) {
    const { status, html } = await page('policy', { code: odd })
    assert.ok([200, 403, 413].includes(status), `${status}`)
    assert.doesNotMatch(html, /ENDMARKEN|<script/)
  }
  assert.equal((await page('nothing')).status, 404)
  assert.equal((await page('nothing', { code })).status, 404)
  await letIn(join())
  assert.equal(backend.connections, 1)
})

test('who let the time run out is given a code with the goodbye', async t => {
  const { sekisho, join } = await scene(t, { version: '1.21.6', config: { web, gate: { timeout: '1s' } } })
  const page = pageOf(sekisho)
  const player = join()
  await player.gate()
  const [code] = codePattern.exec(await player.gone())
  assert.equal((await page('policy', { code })).status, 200)
  await page('answer', { code, answer: 'accept', language: 'en' })
  await join({ username: player.username }).playing()
  const found = await records(sekisho, 2)
  assert.deepEqual(found.map(({ decision }) => decision), ['timed_out', 'accepted'])
})

test('a release that is not known yet and does not answer is given a code', async t => {
  const { sekisho, join } = await scene(t, { version: '26.1', config: { web } })
  const page = pageOf(sekisho)
  const player = join({ protocol: 999 })
  await player.gate()
  player.client.removeAllListeners('keep_alive')
  await until(player, 'the goodbye', () => player.ended, 60000)
  const [code] = codePattern.exec(player.disconnect.text)
  assert.equal((await page('policy', { code })).status, 200)
})

for (const [header, language] of [
  ['ja', 'ja'],
  ['ja-JP', 'ja'],
  ['en;q=0.5, ja;q=0.9', 'ja'],
  ['de-DE, de;q=0.9, ja;q=0.8, en;q=0.7', 'ja'],
  ['de, fr;q=0.8', 'en'],
  ['ja;q=0, en;q=0.1', 'en'],
  ['JA ; Q=0.7 , en;q=0.699', 'ja'],
  ['*, ja;q=0.5', 'en'],
  ['fr, *;q=0.1, ja;q=0.5', 'ja'],
  ['en;q=0.5,en-GB;q=0.4,ja;q=0.5', 'en'],
  [`${'x;q=1,'.repeat(500)}ja`, 'en'],
  [';q=1,,;;,q=', 'en']
]) {
  test(`the page speaks ${language} to a browser that says "${header.slice(0, 40)}"`, async t => {
    const sekisho = await startSekisho(t, { config: { web } })
    const { html } = await pageOf(sekisho)('', undefined, { 'accept-language': header })
    assert.match(html, language === 'ja' ? /コードを入力/ : /lang="en"/)
  })
}

test('the record of the page names the server that the player was on the way to', async t => {
  const version = '1.16.5'
  const sekisho = await startSekisho(t, {
    servers: {
      lobby: { address: '127.0.0.1:1' },
      creative: { address: '127.0.0.1:2', hosts: ['creative.example.net'] }
    },
    config: { web, try: ['lobby'] }
  })
  const page = pageOf(sekisho)
  const player = joinAs(t, { port: sekisho.port, version, host: `creative.example.net${marker[version]}` })
  const [code] = codePattern.exec(await player.gone())
  await page('policy', { code })
  await page('answer', { code, answer: 'accept', language: 'en' })
  assert.equal((await records(sekisho, 1))[0].server, 'creative')
})

// Opens connections that begin a request, and never end it.
async function slowVisitors (t, port, addresses) {
  const visitors = addresses.map(localAddress => connectRaw(t, port, { localAddress }).send('GET / HTTP/1.1\r\nX-Slow: '))
  await Promise.all(visitors.map(visitor => until(visitor, 'the connection', () => visitor.connected)))
  return visitors
}

test('many slow connections to the page keep nobody out, and cost their own address first', async t => {
  const sekisho = await startSekisho(t, { config: { web } })
  const [patient] = await slowVisitors(t, portOf(sekisho), ['127.0.0.9'])
  const greedy = await slowVisitors(t, portOf(sekisho), Array(100).fill('127.0.0.2'))
  await greedy[0].untilClosed()
  const { status } = await pageOf(sekisho)('')
  assert.equal(status, 200)
  patient.send('done\r\nHost: a\r\n\r\n')
  await until(patient, 'the page', () => patient.received.includes('200 OK'))
  await slowVisitors(t, portOf(sekisho), Array.from({ length: 400 }, (_, i) => `127.0.1.${1 + i % 200}`))
  assert.equal((await pageOf(sekisho)('')).status, 200)
})

test('a request that drips in is ended, however busy it is', async t => {
  const sekisho = await startSekisho(t, { config: { web } })
  const [visitor] = await slowVisitors(t, portOf(sekisho), ['127.0.0.1'])
  const timer = setInterval(() => visitor.send('x'), 500)
  t.after(() => clearInterval(timer))
  await visitor.untilClosed(60000)
  assert.doesNotMatch(visitor.received.toString(), /200 OK/)
})
