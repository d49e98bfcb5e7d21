// What plugins hear of the talk between client and server: plugin messages, settings, packs, and
// lines of the chat, which they may stop.
import test from 'node:test'
import assert from 'node:assert/strict'
import { offlineUuid } from './lib/answered.mjs'
import { startBackend } from './lib/backend.mjs'
import { scene, letIn, chatRoundTrip } from './lib/scene.mjs'
import { listener, heard, said, saying } from './lib/plugins.mjs'
import { protocolOf } from './lib/versions.mjs'
import { quiet, until } from './lib/wait.mjs'

const versions = ['1.8.8', '1.12.2', '1.16.5', '1.19.4', '1.20.4', '1.21.4', '1.21.6', '26.1']
const rules = 'channel "my:*" { to_server = true, to_client = true }\nchannel "other:*" { to_server = true, to_client = true }\n'

// What was said itself is masked in the log, so the length and first byte tell which it is.
const talker = listener(['message.client', 'message.server'], {
  head: 'channels = { "my:talk", "my:closed", "not:allowed" },',
  details: 'event.channel .. " " .. #event.data .. " " .. event.data:byte()',
  more: `on("message.client", function(player, event)
    sleep(0.05)
    if event.data == "stop" then
      event:deny()
      assert(player:message("my:talk", "answered here"))
    elseif event.data == "tell" then
      assert(player:message_server("my:talk", "said here"))
      log.info("refused " .. tostring(player:message_server("not:allowed", "x")))
    end
  end)
  on("message.server", function(player, event)
    if event.data == "stop" then event:deny() end
    if event.data == "down" then sleep(0.3) end
  end)`
})
const deaf = listener(['message.client', 'message.server'], { name: 'deaf', head: 'channels = { "else:where" },' })

// Plugin messages that came here, of these channels: "CHANNEL DATA".
function listen (emitter, client) {
  const got = []
  client.on('custom_payload', ({ channel, data }) => {
    if (/^(my|other|not):/.test(channel)) got.push(`${channel} ${Buffer.from(data)}`)
    emitter.emit('change')
  })
  return got
}

for (const version of versions) {
  test(`${version}: plugin messages on declared channels are heard, stopped and answered`, async t => {
    const { sekisho, join, backend } = await scene(t, { version, rules, files: { 'plugins/probe.lua': talker, 'plugins/deaf.lua': deaf } })
    const player = await letIn(join())
    const seen = await backend.joined(player.username)
    const atClient = listen(player, player.client)
    const atServer = listen(seen, seen.client)
    const say = (client, channel, text) => client.write('custom_payload', { channel, data: Buffer.from(text) })
    for (const [channel, text] of [['my:talk', 'one'], ['my:talk', 'stop'], ['other:talk', 'past'], ['my:talk', 'tell'],
      ['not:allowed', 'no'], ['my:talk', 'two \0bytes']]) say(player.client, channel, text)
    await until(seen, 'the last message', () => atServer.includes('my:talk two \0bytes'))
    assert.deepEqual(atServer, ['my:talk one', 'other:talk past', 'my:talk said here', 'my:talk tell', 'my:talk two \0bytes'])
    await player.until('the answer', () => atClient.includes('my:talk answered here'))
    for (const [channel, text] of [['my:talk', 'stop'], ['not:allowed', 'no'], ['my:talk', 'down'],
      ['other:talk', 'behind']]) say(seen.client, channel, text)
    await player.until('the message', () => atClient.includes('other:talk behind'))
    assert.deepEqual(atClient, ['my:talk answered here', 'my:talk down', 'other:talk behind'], 'in the order in which they were said')
    await saying(sekisho, /refused false/)
    assert.deepEqual(said(sekisho).filter(line => /^heard/.test(line)), ['heard message.client my:talk 3 111',
      'heard message.client my:talk 4 115', 'heard message.client my:talk 4 116', 'heard message.client my:talk 10 116',
      'heard message.server my:talk 4 115', 'heard message.server my:talk 4 100'])
    assert.deepEqual(heard(sekisho, /./, 'deaf'), [])
    // The server was told that somebody listens there, as far as its rules let it talk.
    const registered = told(seen, /register$/i)
    assert.ok(registered.some(list => list.split('\0').includes('my:talk')), registered.join())
    assert.ok(!registered.some(list => list.split('\0').includes('not:allowed')), registered.join())
    assert.deepEqual(player.errors, [])
  })

  test(`${version}: what a client says before there is a server is heard when there is one`, async t => {
    const { sekisho, join, backend } = await scene(t, { version, rules, files: { 'plugins/probe.lua': talker } })
    const player = join()
    await player.gate()
    for (const text of ['early', 'stop']) player.client.write('custom_payload', { channel: 'my:talk', data: Buffer.from(text) })
    assert.deepEqual(heard(sekisho), [])
    await letIn(player)
    const seen = await backend.joined(player.username)
    await saying(sekisho, /heard message.client my:talk 4 115/)
    await chatRoundTrip(player, backend)
    assert.deepEqual(told(seen, /^my:talk$/), ['early'])
  })

  test(`${version}: settings, brand and answers to packs are heard, their values only as the rules give them`, async t => {
    const plugin = listener(['client.settings', 'client.brand', 'client.resource_pack'], {
      head: 'reads = { ["client.brand"] = "service", ["client.locale"] = "service", ["client.resource_pack"] = "service" },',
      details: 'tostring(player:field("client.brand")) .. " " .. tostring(player:field("client.locale")) .. " " .. tostring(event.text)'
    })
    const { sekisho, join, backend } = await scene(t, {
      version, files: { 'plugins/probe.lua': plugin },
      rules: 'forward "client.brand" { form = full }\n'
    })
    const player = await letIn(join({ brand: 'canarybrand' }))
    await backend.joined(player.username)
    await saying(sekisho, /heard client.settings/)
    await saying(sekisho, /heard client.brand/)
    const settings = { locale: 'xx_yy', viewDistance: 8, chatFlags: 0, chatColors: true, difficulty: 1, showCape: true, skinParts: 127,
      mainHand: 1, enableTextFiltering: false, enableServerListing: true, particleStatus: 0 }
    player.client.write('settings', settings)
    await saying(sekisho, /heard client.settings <client.brand> nil nil/)
    player.client.write('resource_pack_receive', { uuid: offlineUuid('pack'), hash: 'x', result: 1 })
    await saying(sekisho, /heard client.resource_pack <client.brand> nil <client.resource_pack>/)
    for (const secret of ['canarybrand', 'xx_yy']) assert.ok(!sekisho.stderr.includes(secret))
  })
}

test('what a client causes while a handler waits is heard to the end, and it cannot cause more than is kept', async t => {
  const plugin = listener(['client.settings'], { more: 'on("player.join", function() log.info("thinks"); sleep(0.6) end)' })
  const { sekisho, join, backend } = await scene(t, { version: '1.20.4', files: { 'plugins/probe.lua': plugin } })
  const player = await letIn(join())
  const seen = await backend.joined(player.username)
  await saying(sekisho, /thinks/)
  const before = heard(sekisho).length
  const settings = { locale: 'en_us', viewDistance: 8, chatFlags: 0, chatColors: true, skinParts: 127, mainHand: 1,
    enableTextFiltering: false, enableServerListing: true }
  for (let i = 0; i < 100; i++) player.client.write('settings', settings)
  player.type('behind all of it')
  await quiet(100)
  assert.deepEqual(seen.chats, [])
  await until(seen, 'the line', () => seen.chats.length === 1)
  await until(sekisho, 'all of them', () => heard(sekisho).length >= before + 100)
})

test('what was held for a server is not for it when the player went elsewhere and came back meanwhile', async t => {
  const plugin = listener([], {
    head: 'channels = { "my:talk" },',
    more: `local function travel(player)
      local back
      after(0, function()
        log.info("there " .. tostring(player:connect("other")) .. " back " .. tostring(player:connect("game")))
        back = true
      end)
      while not back do sleep(0.02) end
    end
    local gone
    on("player.chat", function(player) if not gone then gone = true; travel(player) end end)
    on("message.server", function(player, event) if event.data == "held" then travel(player) end end)`
  })
  const other = await startBackend(t, { version: '1.16.5', x: 99.5 })
  const { sekisho, join, backend } = await scene(t, { version: '1.16.5', rules, files: { 'plugins/probe.lua': plugin },
    more: { other: { address: other.address } }, config: { try: ['game'] } })
  const player = await letIn(join())
  const atClient = listen(player, player.client)
  const visit = number => until(backend, `visit ${number}`, () => backend.players[number - 1])
  const back = times => until(sekisho, 'the way back', () => said(sekisho).filter(line => line === 'there true back true').length === times)
  await visit(1)
  player.type('held line')
  await back(1)
  const second = await visit(2)
  player.type('behind')
  await until(second, 'what was said behind', () => second.chats.includes('behind'))
  assert.deepEqual(second.chats, ['behind'])
  second.client.write('custom_payload', { channel: 'my:talk', data: Buffer.from('held') })
  await back(2)
  const third = await visit(3)
  third.client.write('custom_payload', { channel: 'my:talk', data: Buffer.from('behind') })
  await player.until('what was said behind', () => atClient.includes('my:talk behind'))
  assert.deepEqual(atClient, ['my:talk behind'])
})

test('a plugin that says more than the server reads is told so, and the player stays', async t => {
  const plugin = listener([], {
    head: 'channels = { "my:talk" },',
    more: `local data = ("x"):rep(32000)
    on("player.chat", function(player)
      local ok, why = true, nil
      while ok do
        for i = 1, 60 do ok, why = player:message_server("my:talk", data) end
        sleep(0.02)
      end
      log.info("stopped: " .. why)
    end)`
  })
  const { sekisho, join, backend } = await scene(t, { version: '1.16.5', rules, files: { 'plugins/probe.lua': plugin },
    backend: { compression: false } })
  const player = await letIn(join())
  const seen = await backend.joined(player.username)
  seen.client.socket.pause()
  player.type('go on')
  await saying(sekisho, /stopped: too much of it waits/)
  seen.client.socket.resume()
  await until(seen, 'what was said', () => seen.chats.includes('go on'))
  assert.ok(!player.ended)
})

// What the server was told on the channels that fit, as texts.
function told (seen, channels) {
  return seen.all('custom_payload').filter(({ channel }) => channels.test(channel))
    .map(({ data }) => Buffer.from(data).toString())
}

const stopper = (options = '') => listener([], {
  head: 'reads = { ["chat.message"] = "service" },',
  more: `on("player.chat", ${options} function(player, event)
    log.info("chat " .. tostring(event.signed))
    event:deny("not that")
    log.info("denied")
  end)
  on("player.command", function(player, event)
    log.info("command " .. tostring(event.signed))
    event:deny()
    log.info("denied")
  end)`
})

const signature = Buffer.alloc(256, 'S')
const common = { timestamp: BigInt(1700000000000), salt: BigInt(7) }
const listed = { previousMessages: [], lastRejectedMessage: undefined }
const counted = { offset: 3, messageCount: 3, acknowledged: Buffer.from([0, 0, 0]), checksum: 9 }

// Says what a client says that has a key.
function sign (player) {
  const { client, protocol } = player
  const tail = protocol < 761 ? { signedPreview: false, ...listed } : counted
  if (protocol >= 761) {
    client.write('chat_session_update', { sessionUUID: offlineUuid('session'), expireTime: common.timestamp,
      publicKey: Buffer.from('a key'), signature })
  }
  return {
    chat: message => client.write('chat_message', { message, ...common, signature, ...tail }),
    command: (command, argumentSignatures = [{ argumentName: 'message', signature }]) =>
      client.write(protocol >= 766 ? 'chat_command_signed' : 'chat_command', { command, ...common, argumentSignatures, ...tail })
  }
}

for (const version of ['1.19', '1.19.2', '1.19.4', '1.20.4', '1.21.4', '1.21.6', '26.1']) {
  const chained = protocolOf(version) >= 760

  const outcome = chained ? 'not stopped, and the plugin is told why' : 'stopped, since each stands for itself'

  test(`${version}: a signed line is ${outcome}`, async t => {
    const { sekisho, join, backend } = await scene(t, { version, files: { 'plugins/probe.lua': stopper() } })
    const player = await letIn(join())
    const seen = await backend.joined(player.username)
    for (const name of ['message_acknowledgement',
      'chat_session_update']) seen.client.removeAllListeners(name) // the library checks the key
    const say = sign(player)
    say.chat('signed words')
    say.command('team msg hello')
    if (chained) {
      await until(seen, 'the words', () => seen.all('chat_message').length === 1 &&
        seen.all('chat_command_signed').length + seen.all('chat_command').length === 1)
      await until(sekisho, 'both errors', () => sekisho.stderr.split('this is signed').length > 2)
      assert.match(sekisho.stderr, /probe\.lua:5: this is signed: the server would put the player out/)
      assert.ok(!said(sekisho).includes('denied'))
      assert.deepEqual(said(sekisho).filter(line => /^(chat|command) /.test(line)), ['chat true', 'command true'])
    } else {
      await until(sekisho, 'both', () => said(sekisho).filter(line => line === 'denied').length === 2)
      await quiet(100)
      assert.equal(seen.all('chat_message').length + seen.all('chat_command').length, 0)
    }
    // What has no signature can be stopped everywhere.
    say.command('spawn now', [])
    await saying(sekisho, /^command false/)
    await until(sekisho, 'the denial', () => said(sekisho).includes('denied'))
    assert.ok(!player.ended)
  })

  test(`${version}: with stops = true no server gets the key, and every line can be stopped`, async t => {
    const { sekisho, join, backend } = await scene(t, { version, files: { 'plugins/probe.lua': stopper('{ stops = true },') } })
    const player = await letIn(join())
    const seen = await backend.joined(player.username)
    for (const name of ['message_acknowledgement',
      'chat_session_update']) seen.client.removeAllListeners(name) // the library checks the key
    const say = sign(player)
    say.chat('signed words')
    say.command('team msg hello')
    await player.hears('not that')
    await until(sekisho, 'both', () => said(sekisho).filter(line => line === 'denied').length === 2)
    await quiet(100)
    assert.equal(seen.all('chat_message').length + seen.all('chat_command').length + seen.all('chat_command_signed').length, 0)
    assert.equal(seen.all('chat_session_update').length, 0)
    assert.ok(!seen.holds(signature.subarray(0, 32)))
    assert.deepEqual(said(sekisho).filter(line => /^(chat|command) /.test(line)), ['chat false', 'command false'])
    if (protocolOf(version) >= 761) assert.equal(seen.all('message_acknowledgement').reduce((sum, { count }) => sum + count, 0), 6)
    assert.ok(!player.ended)
  })
}

for (const version of ['1.8.8', '1.16.5', '1.19.4', '1.20.4', '26.1']) {
  test(`${version}: private messages are nobody's to hear`, async t => {
    const plugin = listener(['player.chat', 'player.command'],
      { head: 'reads = { ["chat.command"] = "service", ["chat.message"] = "service" },', details: 'event.text' })
    const { sekisho, join, backend } = await scene(t, { version, files: { 'plugins/probe.lua': plugin } })
    const player = await letIn(join())
    const seen = await backend.joined(player.username)
    for (const line of ['/msg Bob secret', '/ tell Bob secret', '/minecraft:w Bob secret', '/spawn']) player.type(line)
    await until(seen, 'the commands', () => seen.chats.includes('/spawn'))
    assert.equal(seen.chats.length, 4)
    await saying(sekisho, /^heard player.command/)
    assert.deepEqual(said(sekisho).filter(line => /^heard/.test(line)), ['heard player.command <chat.command>'])
  })
}

const replacer = listener([], {
  more: `local commands = { "spawn now", "own words", "two\\nlines", ("x"):rep(300), "§c", "taken back" }
local count = 0
on("player.command", { priority = 1 }, function(player, event)
  count = count + 1
  event:replace(commands[count])
end)
on("player.command", function(player, event)
  log.info("heard " .. event.result.kind)
  if count == 6 then event:allow() end
end)
command("own", { arguments = { { "what", "greedy" } } }, function(player, typed) return "own answers" end)`
})

for (const version of ['1.8.8', '1.16.5', '1.19.4', '1.20.4', '26.1']) {
  test(`${version}: a command is replaced by the server's, or by Sekisho's own, and by none that would put the player out`, async t => {
    const { sekisho, join, backend } = await scene(t, { version, files: { 'plugins/probe.lua': replacer } })
    const player = await letIn(join())
    const seen = await backend.joined(player.username)
    for (const word of ['one', 'two', 'three', 'four', 'five', 'six']) player.type(`/${word}`)
    await until(seen, 'the last', () => seen.chats.includes('/six'))
    await player.hears('own answers')
    assert.deepEqual(seen.chats, ['/spawn now', '/three', '/four', '/five', '/six'])
    await until(sekisho, 'all of them', () => heard(sekisho).length === 6)
    assert.deepEqual(heard(sekisho),
      ['replaced', 'replaced', 'allowed', 'allowed', 'allowed', 'replaced'])
    assert.match(sekisho.stderr, /probe\.lua:7: a command is one line, without control characters/)
    assert.match(sekisho.stderr, /a command has (255|99) characters at most in this player's version/)
  })
}
