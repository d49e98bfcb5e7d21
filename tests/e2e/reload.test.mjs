// Rules replaced while players play, rules on trial, and what players accepted before they changed.
import test from 'node:test'
import assert from 'node:assert/strict'
import { scene, letIn, records } from './lib/scene.mjs'
import { until } from './lib/wait.mjs'

const version = '1.20.4'
const wide = 'collect "chat.command" { purpose = "service", keep = "7d" }\n'
const narrow = 'collect "chat.command" { purpose = "service", keep = "7d", form = category }\n'

// Says a command, and waits until the game server has seen what was said behind it.
async function say (player, backend, command) {
  const seen = backend.players.findLast(({ username }) => username === player.username)
  const words = `behind ${command}`
  player.type(`/${command}`)
  player.type(words)
  await until(seen, words, () => seen.chats.includes(words))
}


const ways = {
  'sekisho reload': sekisho => {
    const { status, stdout, stderr } = sekisho.command('reload', '-c', 'config/sekisho.lua')
    assert.equal(status, 0, stderr)
    assert.match(stdout, /server game: has new rules/)
  },
  SIGHUP: sekisho => process.kill(sekisho.child.pid, 'SIGHUP'),
  'saving the file': () => {}
}

for (const [name, ask] of Object.entries(ways)) {
  test(`${name}: new rules hold for players who are there`, async t => {
    const { backend, sekisho, join } = await scene(t, { version, rules: wide })
    const player = await letIn(join({}))
    await backend.joined(player.username)
    await say(player, backend, 'whole canaryone')
    sekisho.write('scripts/game.lua', narrow)
    ask(sekisho)
    await until(sekisho, 'new rules', () => /rules: loaded anew; they hold/.test(sekisho.stderr))
    await say(player, backend, 'reduced canarytwo')
    await sekisho.stop()
    assert.ok(sekisho.storeBytes().includes('canaryone'))
    assert.ok(!sekisho.storeBytes().includes('canarytwo'))
    assert.equal(sekisho.rowsWith('chat.command').length, 2)
  })
}

test('rules with mistakes change nothing, and are told with file and line', async t => {
  const { backend, sekisho, join } = await scene(t, { version, rules: narrow })
  const player = await letIn(join({}))
  await backend.joined(player.username)
  sekisho.write('scripts/game.lua', '\ncollect "chat.command" { purpose = "servise" }\nwhile true do end\n')
  const { status, stderr } = sekisho.command('reload', '-c', 'config/sekisho.lua')
  assert.equal(status, 1)
  assert.match(stderr, /scripts\/game\.lua:2: .*servise.*did you mean|scripts\/game\.lua:2: .*servise/)
  assert.match(stderr, /scripts\/game\.lua:3: .*too long/)
  await until(sekisho, 'the old ones go on', () => /the old ones go on/.test(sekisho.stderr))
  await say(player, backend, 'reduced canarytwo')
  await sekisho.stop()
  assert.ok(!sekisho.storeBytes().includes('canarytwo'))
  assert.equal(sekisho.rowsWith('chat.command').length, 1)
})

test('a wider rule does not apply to who accepted before, and does to who comes', async t => {
  const { backend, sekisho, join } = await scene(t, { version, rules: narrow })
  const early = await letIn(join({ username: 'Early', brand: 'canaryearly' }))
  await backend.joined(early.username)
  sekisho.write('scripts/game.lua', wide + 'forward "client.brand" { form = full }\n')
  ways['sekisho reload'](sekisho)
  await say(early, backend, 'still canaryone')
  early.leave()
  const again = join({ username: 'Early', brand: 'canaryearly' })
  await again.playing()
  await until(backend, 'the player again', () => backend.players.length === 2)
  await say(again, backend, 'still canaryone')
  const late = await letIn(join({ username: 'Late', brand: 'canarylate' }))
  const seen = await backend.joined(late.username)
  await until(seen, 'the brand', () => seen.brand !== undefined)
  assert.equal(seen.brand, 'canarylate')
  assert.ok(!backend.players.slice(0, 2).some(each => each.holds('canaryearly')))
  await say(late, backend, 'whole canarytwo')
  const found = await records(sekisho, 2)
  assert.notEqual(found[0].scope_sha256, found[1].scope_sha256)
  await sekisho.stop()
  assert.ok(!sekisho.storeBytes().includes('canaryone'))
  assert.ok(sekisho.storeBytes().includes('canarytwo'))
})

test('what a server may do more to clients does not concern who accepted before', async t => {
  const { backend, sekisho, join } = await scene(t, { version, rules: 'channel "mod:a" { to_server = true }\n' })
  const send = async player => {
    const seen = backend.players.findLast(({ username }) => username === player.username)
    for (const channel of ['mod:a', 'mod:b']) player.client.write('custom_payload', { channel, data: Buffer.from('canary') })
    await say(player, backend, 'sent')
    return seen.all('custom_payload').map(({ channel }) => channel).filter(channel => channel.startsWith('mod:'))
  }
  const early = await letIn(join({}))
  await backend.joined(early.username)
  sekisho.write('scripts/game.lua', 'channel "mod:*" { to_server = true }\n')
  ways['sekisho reload'](sekisho)
  assert.deepEqual(await send(early), ['mod:a'])
  const late = await letIn(join({}))
  await backend.joined(late.username)
  assert.deepEqual(await send(late), ['mod:a', 'mod:b'])
})

test('rules on trial change nothing, and say what would differ', async t => {
  const { backend, sekisho, join } = await scene(t, {
    version,
    rules: narrow,
    server: { shadow: true },
    files: {
      'scripts/game.shadow.lua': wide + 'forward "client.brand" { form = full }\n' +
        'channel "mod:a" { to_server = true }\nchannel "fml:*" { to_server = false }\n'
    }
  })
  const player = await letIn(join({ brand: 'canarybrand' }))
  const seen = await backend.joined(player.username)
  await until(seen, 'the brand', () => seen.brand !== undefined)
  for (const channel of ['mod:a', 'mod:a', 'fml:b']) {
    player.client.write('custom_payload', { channel, data: Buffer.from('canary') })
  }
  await say(player, backend, 'reduced canaryone')
  const { status, stdout } = sekisho.command('shadow', '-c', 'config/sekisho.lua')
  assert.equal(status, 0)
  assert.match(stdout, /collect chat\.command +category for service, 7d -> full for service, 7d: 1 times/)
  assert.match(stdout, /forward client\.brand +always "vanilla" -> full for service: [1-9]/)
  assert.match(stdout, /channel\.to_server +allowed -> refused: 1 times\n +channel\.to_server +refused -> allowed: 2 times\n/)
  assert.match(stdout, /channel\.to_client +allowed -> refused: 0 times\n/)
  assert.equal(seen.brand, 'vanilla')
  assert.deepEqual(seen.all('custom_payload').map(({ channel }) => channel).filter(channel => /^(mod|fml):/.test(channel)), ['fml:b'])
  await sekisho.stop()
  assert.ok(!sekisho.storeBytes().includes('canaryone'))
  assert.ok(!/canary/.test(sekisho.stderr + stdout))
})

test('nobody there to reload is told', async t => {
  const { sekisho } = await scene(t, { version, rules: narrow })
  const other = sekisho.command('reload', '-c', 'config/absent.lua')
  assert.equal(other.status, 1)
  assert.match(other.stderr, /config\/absent\.lua: No such file/)
  await sekisho.stop()
  const { status, stderr } = sekisho.command('reload', '-c', 'config/sekisho.lua')
  assert.equal(status, 1)
  assert.match(stderr, /no Sekisho answers that runs with config\/sekisho\.lua/)
})
