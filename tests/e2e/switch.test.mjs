// /server: from one game server to another, without dropping the client.
import test from 'node:test'
import assert from 'node:assert/strict'
import { startBackend } from './lib/backend.mjs'
import { startSekisho } from './lib/sekisho.mjs'
import { joinAs } from './lib/player.mjs'
import { letIn, chatRoundTrip } from './lib/scene.mjs'
import { supportedVersions, protocolOf } from './lib/versions.mjs'
import { until } from './lib/wait.mjs'
import { createRequire } from 'node:module'

const nbt = createRequire(import.meta.url)('prismarine-nbt')

async function twoServers (t, version, more = {}) {
  const one = await startBackend(t, { version, ...more.one })
  const two = await startBackend(t, { version, ...more.two })
  const sekisho = await startSekisho(t, {
    files: { 'scripts/game.lua': more.rules ?? '' },
    servers: {
      one: { address: one.address, rules: 'scripts/game.lua' },
      two: { address: two.address, rules: 'scripts/game.lua' },
      down: { address: '127.0.0.1:1' }
    },
    config: { try: ['one', 'two'] }
  })
  const player = await letIn(joinAs(t, { port: sekisho.port, version, ...more.player }))
  return { one, two, sekisho, player, seen: await one.joined(player.username) }
}

// Types /server and waits until the player stands there, and nowhere else.
async function go (player, name, from, to) {
  const before = to.players.length
  player.type(`/server ${name}`)
  await until(to, `the player at ${name}`, () => to.players.length > before)
  const seen = to.players.at(-1)
  await until(seen, 'the settings', () => seen.settings && seen.brand !== undefined)
  await until(from.players.at(-1), 'the end at the old server', () => from.players.at(-1).ended)
  return seen
}

// What a player has before the eyes in the end, whatever the way there was.
function watch (player) {
  const view = { world: {}, list: {}, bars: {} }
  const { client } = player
  const stands = world => {
    for (const [name, value] of Object.entries(world)) if (value !== undefined) view.world[name] = value
    // The library reads this byte with a sign here, and without there.
    if (view.world.previousGameMode < 0) view.world.previousGameMode &= 0xff
  }
  client.on('login', world => { view.world = {}; stands(world) })
  client.on('respawn', ({ copyMetadata, gamemode: gameMode, previousGamemode: previousGameMode, dimension, ...world }) =>
    stands({ ...world, gameMode, previousGameMode, [view.world.worldType ? 'worldType' : 'dimension']: dimension }))
  for (const name of ['position', 'update_health', 'playerlist_header', 'held_item_slot']) {
    client.on(name, data => { view[name] = data; player.emit('change') })
  }
  client.on('state', state => { if (state === 'configuration') Object.assign(view, { list: {}, bars: {} }) })
  client.on('boss_bar', ({ action, entityUUID, title }) => {
    if (action === 0) view.bars[entityUUID] = title
    else if (action === 1) delete view.bars[entityUUID]
  })
  client.on('player_remove', ({ players }) => players.forEach(uuid => delete view.list[uuid]))
  client.on('player_info', ({ action, data, playerName, online }) => {
    for (const { uuid, name, player } of data ?? []) {
      if (action === 'remove_player') delete view.list[uuid]
      else view.list[uuid] = name ?? player.name
    }
    if (online === true) view.list[playerName] = playerName
    else if (online === false) delete view.list[playerName]
  })
  return view
}

// A server shows more than the world: a bar on top, who else is there, and words above them.
function furnish ({ client }, version, from) {
  const protocol = protocolOf(version)
  const uuid = `12345678-1234-1234-1234-12345678${from === 'one' ? '0001' : '0002'}`
  const text = text => protocol >= 765 ? nbt.comp({ text: nbt.string(text) }) : JSON.stringify({ text })
  const entry = { uuid, name: from, properties: [], gamemode: 0, ping: 1, latency: 1, listed: true }
  if (protocol < 47) client.write('player_info', { playerName: from, online: true, ping: 1 })
  else if (protocol < 761) client.write('player_info', { action: 'add_player', data: [entry] })
  else {
    client.write('player_info', { action: { add_player: true }, data: [{ ...entry, player: { name: from, properties: [] } }] })
  }
  if (protocol >= 47) client.write('playerlist_header', { header: text(from), footer: text('') })
  if (protocol >= 107) {
    client.write('boss_bar', { entityUUID: uuid, action: 0, title: text(from), health: 1, color: 0, dividers: 0, flags: 0 })
  }
  client.write('held_item_slot', { slot: from === 'one' ? 1 : 2 })
}

async function sees (player, view, from) {
  await player.until(`all of ${from}`, () => (view.held_item_slot?.slot ?? view.held_item_slot?.slotId) === (from === 'one' ? 1 : 2))
  return structuredClone(view)
}

for (const [version, protocol = protocolOf(version)] of [...supportedVersions.map(name => [name]), ['26.1', 776], ['26.1', 777]]) {
  test(`${version} (${protocol}): fifty times back and forth, and all is as it is without a proxy`, async t => {
    const { one, two, sekisho, player, seen } = await twoServers(t, version, { player: { protocol } })
    const view = watch(player)
    let before
    let last = seen
    for (let i = 0; i < 50; i++) {
      furnish(last, version, i % 2 ? 'two' : 'one')
      await sees(player, view, i % 2 ? 'two' : 'one')
      last = await go(player, i % 2 ? 'one' : 'two', ...(i % 2 ? [two, one] : [one, two]))
      if (i === 1) before = sekisho.memoryKib()
    }
    furnish(last, version, 'one')
    const direct = joinAs(t, { port: one.port, version, protocol })
    const undisguised = watch(direct)
    furnish(await one.joined(direct.username), version, 'one')
    assert.deepEqual(await sees(player, view, 'one'), await sees(direct, undisguised, 'one'))
    await chatRoundTrip(player, one, 'after all that')
    assert.ok(![...one.players, ...two.players].some(each => each.holds('server two')), 'never seen by a server')
    assert.equal(last.brand, 'vanilla')
    assert.deepEqual(player.errors, [])
    const grown = sekisho.memoryKib() - before
    assert.ok(grown < 4096, `memory grew by ${grown} KiB`)
  })
}

for (const version of ['1.7', '1.8.8', '1.12.2', '1.16.5', '1.19.4', '1.20.4', '1.21.4', '1.21.6', '26.1']) {
  test(`${version}: who cannot be taken stays, and is told`, async t => {
    const { one, player } = await twoServers(t, version, { two: { refuse: 'members only' } })
    player.type('/server down')
    await player.hears('You stay where you are')
    player.type('/server two')
    await player.hears('members only')
    player.type('/server nowhere')
    await player.hears('There is no server of this name.')
    player.type('/server')
    await player.hears('you are here')
    const offers = player.chats.flatMap(chat => chat.clicks).map(click => click.value)
    assert.ok(offers.includes('/server two'), JSON.stringify(offers))
    await chatRoundTrip(player, one, 'still at one')
  })
}

for (const version of ['1.13.2', '1.16.5', '1.19.4', '1.20.4', '1.21.6', '26.1']) {
  test(`${version}: /server is part of the command tree`, async t => {
    const { player, seen } = await twoServers(t, version)
    const trees = []
    player.client.on('declare_commands', tree => { trees.push(tree); player.emit('change') })
    const literal = (name, children) => ({
      flags: { unused: 0, allows_restricted: 0, has_custom_suggestions: 0, has_redirect_node: 0, has_command: 1, command_node_type: 1 },
      children, extraNodeData: { name }
    })
    seen.client.write('declare_commands', {
      nodes: [{
        flags: { unused: 0, allows_restricted: 0, has_custom_suggestions: 0, has_redirect_node: 0, has_command: 0, command_node_type: 0 },
        children: [1]
      }, literal('spawn', [])],
      rootIndex: 0
    })
    await player.until('the tree', () => trees.length > 0)
    const { nodes, rootIndex } = trees.at(-1)
    const named = indexes => indexes.map(index => nodes[index].extraNodeData.name)
    assert.deepEqual(named(nodes[rootIndex].children).sort(), ['privacy', 'server', 'spawn'])
    const server = nodes.find(node => node.extraNodeData?.name === 'server')
    assert.deepEqual(named(server.children).sort(), ['down', 'one', 'two'])
  })
}

for (const version of ['1.7', '1.8.8', '1.12.2']) {
  test(`${version}: /server is completed by tab`, async t => {
    const { player, seen } = await twoServers(t, version)
    const answers = []
    player.client.on('tab_complete', ({ matches }) => { answers.push(matches); player.emit('change') })
    const asked = []
    seen.client.on('tab_complete', ({ text }) => {
      asked.push(text)
      seen.client.write('tab_complete', { matches: ['/say'] })
    })
    const complete = async text => {
      const before = answers.length
      player.client.write('tab_complete', { text, assumeCommand: false, block: undefined, hasPosition: false })
      await player.until(`a completion of ${text}`, () => answers.length > before)
      return answers.at(-1)
    }
    assert.deepEqual(await complete('/server t'), ['two'])
    assert.deepEqual(await complete('/s'), ['/say', '/server'])
    assert.deepEqual(await complete('/sa'), ['/say'])
    assert.deepEqual(asked, ['/s', '/sa'])
  })
}

for (const version of ['1.19.3', '1.19.4', '1.20.4', '1.21.1', '1.21.6', '26.1']) {
  test(`${version}: what a swallowed command acknowledges still reaches the server`, async t => {
    const { player, seen } = await twoServers(t, version)
    const counts = []
    // The library keeps this only for servers that demand signed chat.
    seen.client._lastSeenMessages = { applyOffset: () => true }
    seen.client.on('message_acknowledgement', ({ count }) => { counts.push(count); seen.emit('change') })
    const signed = protocolOf(version) >= 766
    player.client.write(signed ? 'chat_command_signed' : 'chat_command', {
      command: 'server', timestamp: 0n, salt: 0n, argumentSignatures: [], messageCount: 3, acknowledged: Buffer.alloc(3)
    })
    await until(seen, 'the acknowledgement', () => counts.length > 0)
    assert.deepEqual(counts, [3])
  })
}

for (const version of ['1.12.2', '1.16.5', '1.21.6']) {
  test(`${version}: plugin channels are told to the next server, too`, async t => {
    const rules = 'channel "mod:*" { to_client = true }'
    const { one, two, player, seen } = await twoServers(t, version, { rules })
    const say = (word, ...names) => player.client.write('custom_payload',
      { channel: protocolOf(version) < 393 ? word.toUpperCase() : `minecraft:${word}`, data: Buffer.from(names.join('\0')) })
    say('register', 'mod:b', 'mod:left', 'mod:a', 'mod:b')
    say('unregister', 'mod:left', 'mod:never')
    say('register', 'mod:end', 'mod:a')
    await until(seen, 'the channels', () => seen.holds('mod:end'))
    const there = await go(player, 'two', one, two)
    await until(there, 'the channels', () => there.holds('mod:a\0mod:b\0mod:end'))
  })
}

for (const version of ['1.19.4', '1.20.4', '1.21.6', '26.1']) {
  test(`${version}: a change of servers waits for the end of a bundle, and a lost server's is ended`, async t => {
    const { one, two, player, seen } = await twoServers(t, version)
    seen.client.write('bundle_delimiter', {})
    one.say(seen.client, 'within a bundle')
    player.type('/server two')
    await until(two, 'the wanted server to be ready', () => two.connections === 1)
    assert.equal(two.players.length, 0)
    seen.client.write('bundle_delimiter', {})
    const there = await two.joined(player.username)
    there.client.write('bundle_delimiter', {})
    two.say(there.client, 'within another')
    there.client.socket.end()
    await player.hears('within another') // which a client shows when the bundle has its end
    await until(one, 'the player at the first again', () => one.players.length === 2)
    await chatRoundTrip(player, one, 'out of the bundle')
    assert.deepEqual(player.errors, [])
  })

  test(`${version}: the words of a server that refuses are told at the next of try`, async t => {
    const one = await startBackend(t, { version, refuse: 'members only' })
    const two = await startBackend(t, { version })
    const sekisho = await startSekisho(t, {
      servers: { one: { address: one.address }, two: { address: two.address } },
      config: { try: ['one', 'two'] }
    })
    const player = await letIn(joinAs(t, { port: sekisho.port, version }))
    await player.hears('members only')
  })
}

for (const version of ['1.7', '1.8.8', '1.12.2', '1.16.5', '1.20.1', '1.20.4', '26.1']) {
  test(`${version}: the answer to a keep-alive of the server that was left is not for the next one`, async t => {
    const { one, two, player, seen } = await twoServers(t, version)
    const asked = []
    player.client.removeAllListeners('keep_alive') // the library answers at once
    player.client.on('keep_alive', ({ keepAliveId }) => { asked.push(keepAliveId); player.emit('change') })
    const keepAliveId = protocolOf(version) >= 340 ? [0, 4711] : 4711
    const same = id => String(id) === String(keepAliveId) || Number(id) === 4711
    seen.client.write('keep_alive', { keepAliveId })
    await player.until('the question', () => asked.some(same))
    const answer = () => player.client.write('keep_alive', { keepAliveId })
    if (protocolOf(version) >= 764) player.client.prependOnceListener('start_configuration', answer)
    const there = await go(player, 'two', one, two)
    if (protocolOf(version) < 764) answer()
    player.client.on('keep_alive', id => player.client.write('keep_alive', id))
    const own = protocolOf(version) >= 340 ? [0, 4712] : 4712
    there.client.write('keep_alive', { keepAliveId: own })
    await until(there, 'the answer to its own', () => there.all('keep_alive').some(answer => Number(answer.keepAliveId) === 4712))
    assert.ok(!there.all('keep_alive').some(answer => same(answer.keepAliveId)), 'only its own')
    assert.equal(player.ended, false)
  })
}

test('1.20.2: a resource pack, which this release forgets on the way, is offered again', async t => {
  const { one, two, player, seen } = await twoServers(t, '1.20.2', { rules: 'resource_pack "packs.example.net"' })
  const offers = []
  player.client.on('resource_pack_send', ({ url }) => {
    offers.push(url)
    for (const result of url.endsWith('wide.zip') ? [3, 2] : [3, 0]) player.client.write('resource_pack_receive', { result })
    player.emit('change')
  })
  const pack = name => ({ url: `https://packs.example.net/${name}`, hash: 'a'.repeat(40), forced: false })
  const answers = there => there.all('resource_pack_receive').map(({ result }) => result)
  const answered = there => until(there, 'the answers', () => answers(there).length === 2)
  seen.client.write('resource_pack_send', pack('one.zip'))
  await answered(seen)
  seen.client.write('resource_pack_send', pack('wide.zip')) // which cannot be loaded: the first stays
  await until(seen, 'the answers', () => answers(seen).length === 4)

  const there = await go(player, 'two', one, two)
  await player.until('the pack', () => offers.length === 3)
  await chatRoundTrip(player, two, 'with the pack')
  assert.deepEqual(answers(there), [], 'it did not ask')
  there.client.write('resource_pack_send', pack('two.zip'))
  await answered(there)

  const back = await go(player, 'one', two, one)
  await player.until('the pack', () => offers.length === 5)
  await chatRoundTrip(player, one, 'back')
  assert.deepEqual(answers(back), [])
  const names = offers.map(url => url.split('/').at(-1))
  assert.deepEqual(names, ['one.zip', 'wide.zip', 'one.zip', 'two.zip', 'two.zip'])
  assert.deepEqual(player.errors, [])
})

for (const version of ['1.20.4', '1.21.6', '26.1']) {
  test(`${version}: a title does not outlive its server`, async t => {
    const { one, two, player } = await twoServers(t, version)
    const cleared = () => player.packets.filter(name => name === 'play.clear_titles').length
    const before = cleared()
    await go(player, 'two', one, two)
    await player.until('the titles to be cleared', () => cleared() > before)
    assert.deepEqual(player.errors, [])
  })
}

test('1.7: the list of players, which knows names alone, does not outlive its server', async t => {
  const { one, two, player, seen } = await twoServers(t, '1.7')
  const listed = new Map()
  player.client.on('player_info', ({ playerName, online }) => { listed.set(playerName, online); player.emit('change') })
  for (const [playerName, online] of [['Somebody', true], ['Left', true], ['Left', false], ['sixteen_letters_', true]]) {
    seen.client.write('player_info', { playerName, online, ping: 1 })
  }
  await player.until('the list', () => listed.get('sixteen_letters_'))
  await go(player, 'two', one, two)
  await player.until('the end of the list', () => !listed.get('Somebody') && !listed.get('sixteen_letters_'))
  assert.deepEqual(player.errors, [])
})
