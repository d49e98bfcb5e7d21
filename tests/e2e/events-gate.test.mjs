// What plugins show before anybody is in: the server list, and pages beside the policy; and what
// they hear of answers to it.
import test from 'node:test'
import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import { startSekisho } from './lib/sekisho.mjs'
import { joinAs } from './lib/player.mjs'
import { scene, letIn, records } from './lib/scene.mjs'
import { listener, heard, said, saying } from './lib/plugins.mjs'
import { connectRaw, frame, handshake } from './lib/raw.mjs'
import { plain } from './lib/text.mjs'
import { favicon } from './lib/png.mjs'
import { shows } from './lib/privacy.mjs'
import { protocolOf } from './lib/versions.mjs'
import { until } from './lib/wait.mjs'

const mc = createRequire(import.meta.url)('minecraft-protocol')
const ping = (sekisho, version) => mc.ping({ host: '127.0.0.1', port: sekisho.port, version })

const motd = `plugin { name = "motd", version = "1.0.0" }
on("ping", function(event)
  if event.host == "event.example.net" then
    event:show { description = text { "The festival ", text { "today", color = "gold", bold = true } },
      favicon = "festival", online = 1234, max = 5678, hover = "line one\\nline \\"two\\"" }
  elseif event.host == "closed.example.net" then
    event:show { description = "closed", version = "back at 9" }
  elseif event.host == "silent.example.net" then
    event:deny()
  elseif event.host == "slow.example.net" then
    log.info("thinks")
    sleep(0.5)
    event:show { description = "at last" }
  elseif event.host == "wrong.example.net" then
    event:show { description = "half", favicon = "none" }
  elseif event.host == "large.example.net" then
    event:show { description = ("x"):rep(60000) }
  end
end)`
const hosts = ['event', 'closed', 'silent', 'slow', 'wrong', 'large'].map(name => `${name}.example.net`)

async function listed (t) {
  const image = favicon()
  const made = await scene(t, {
    version: '1.16.5', server: { hosts },
    files: { 'plugins/motd.lua': motd, 'config/favicon.png': favicon(), 'config/favicon-festival.png': image }
  })
  return { ...made, image }
}

for (const version of ['1.7.10', '1.12.2', '1.20.4', '26.1']) {
  test(`${version}: what a plugin shows stands in the server list, for one host`, async t => {
    const { sekisho, image } = await listed(t)
    const usual = await ping(sekisho, version)
    assert.equal(usual.players.online, 0)
    assert.notEqual(plain(usual.description), '')
    const shown = await byHost(t, sekisho, 'event.example.net', version)
    assert.equal(plain(shown.description), 'The festival today')
    assert.equal(shown.favicon, `data:image/png;base64,${image.toString('base64')}`)
    assert.equal(shown.players.online, 1234)
    assert.equal(shown.players.max, 5678)
    assert.deepEqual(shown.players.sample.map(({ name }) => name), ['line one', 'line "two"'])
    assert.equal(shown.version.protocol, usual.version.protocol)
    const closed = await byHost(t, sekisho, 'closed.example.net', version)
    assert.deepEqual(closed.version, { name: 'back at 9', protocol: -1 })
  })
}

// Asks as a client does who typed this host.
async function byHost (t, sekisho, host, version = '1.16.5') {
  const protocol = protocolOf(version)
  const raw = connectRaw(t, sekisho.port)
  raw.send(handshake(protocol, 1, { host }), frame([0]), frame([1], Buffer.alloc(8, 5)))
  await until(raw, 'the answer', () => raw.closed)
  const text = raw.received.toString()
  if (text === '') return null
  assert.ok(raw.received.subarray(-8).equals(Buffer.alloc(8, 5)), 'the pong')
  return JSON.parse(text.slice(text.indexOf('{'), text.lastIndexOf('}') + 1))
}

test('a refused ping gets no answer, a wrong or endless one the usual, and a slow one delays no other', async t => {
  const { sekisho } = await listed(t)
  assert.equal(await byHost(t, sekisho, 'silent.example.net'), null)
  const slow = byHost(t, sekisho, 'slow.example.net')
  await saying(sekisho, /thinks/, 'motd')
  const usual = await byHost(t, sekisho, 'elsewhere.example.net')
  assert.equal(plain((await slow).description), 'at last')
  assert.deepEqual(await byHost(t, sekisho, 'wrong.example.net'), usual)
  assert.match(sekisho.stderr, /plugins\/motd\.lua:15: .*there is no favicon "none"; put a PNG of 64 x 64 pixels/)
  assert.match(sekisho.stderr, /beside the configuration as favicon-none\.png/)
  assert.deepEqual(await byHost(t, sekisho, 'large.example.net'), usual)
})

const pages = listener(['gate', 'consent.shown', 'consent.given', 'consent.refused', 'consent.withdrawn'], {
  details: '(event.policy or "") .. " " .. (event.version or "") .. " " .. event.language',
  more: `on("gate", function(player, event)
    sleep(0.05)
    event:add_page("House rules", "Be *kind*.\\n\\n- no griefing\\n- see https://example.net/rules")
  end)
  on("gate", function(player, event)
    event:add_page(event.language == "ja" and "二枚目" or "Second", "PAGEMARK " .. tostring(player.online))
  end)`
})

for (const version of ['1.7.10', '1.8.8', '1.12.2', '1.16.5', '1.19.4', '1.20.4', '1.21.4', '1.21.6', '26.1']) {
  test(`${version}: pages of plugins are shown behind the policy, and are none of it`, async t => {
    const { sekisho, join } = await scene(t, { version, files: { 'plugins/probe.lua': pages } })
    const player = join()
    await player.gate()
    if (player.means === 'chat') await player.turnPages()
    const shown = player.shown
    for (const words of ['ENDMARKEN', 'House rules', 'Be kind.', 'no griefing', 'PAGEMARK true', 'not part of the privacy policy']) {
      assert.ok(shown.replaceAll(/\s+/g, ' ').includes(words), words)
    }
    await letIn(player)
    const [record] = await records(sekisho, 1)
    const bare = await scene(t, { version })
    await letIn(bare.join())
    assert.equal(record.policy_sha256, (await records(bare.sekisho, 1))[0].policy_sha256)
    assert.deepEqual(said(sekisho).filter(line => /^heard/.test(line)),
      ['heard gate   en', 'heard consent.shown test-network 2026-01 en', 'heard consent.given test-network 2026-01 en'])
    assert.deepEqual(player.errors, [])
  })
}

test('another language is asked for anew, and withdrawing and declining are heard', async t => {
  const { sekisho, join } = await scene(t, { version: '1.20.4', files: { 'plugins/probe.lua': pages } })
  const player = join()
  await player.gate()
  player.type('/language ja')
  await saying(sekisho, /consent.shown test-network 2026-01 ja/)
  await player.until('the second book', () => player.books.length > 1 && player.shown.includes('二枚目'))
  assert.ok(player.shown.includes('一部ではありません'))
  player.type('/accept')
  await player.playing()
  const code = /withdraw (\d{6})/.exec((await shows(player, /withdraw \d{6}/,
    () => player.type('/privacy withdraw'))) + player.chats.flatMap(chat => chat.clicks.map(({ value }) => value)).join(' '))[1]
  player.type(`/privacy withdraw ${code}`)
  await saying(sekisho, /heard consent.withdrawn test-network 2026-01 ja/)
  await until(sekisho, 'the gate again', () => heard(sekisho, /^consent.shown$/).length === 3)
  player.type('/decline')
  await player.gone()
  await saying(sekisho, /heard consent.refused test-network/)
})

test('no answer in time is refused, and a plugin that never says its pages does not keep the gate shut', async t => {
  const slow = listener(['consent.shown', 'consent.refused'], { more: 'on("gate", function() sleep(3600) end)' })
  const late = listener([], { name: 'late', more: 'on("gate", { priority = -1 }, function() sleep(5) end)' })
  const sekisho = await startSekisho(t, { files: { 'plugins/probe.lua': slow, 'plugins/late.lua': late },
    config: { gate: { timeout: '1s' } } })
  const player = joinAs(t, { port: sekisho.port, version: '1.20.4' })
  await player.gate()
  await player.gone()
  assert.deepEqual(heard(sekisho), ['consent.shown', 'consent.refused'])
  // Who came when the time was used up is left out as well, and has not overrun.
  for (const [name, seconds, overruns] of [['probe', 10, 1], ['late', 1, 0]]) {
    assert.ok(said(sekisho, name).includes(`its handler of "gate" waited for ${seconds} s, and is left out`))
    const all = sekisho.command('plugins', '--json', '-c', 'config/sekisho.lua').stdout.trim().split('\n').map(line => JSON.parse(line))
    assert.equal(all.find(plugin => plugin.name === name).overruns, overruns)
  }
})
