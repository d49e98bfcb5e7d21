// Decodes what stands around the game with minecraft-protocol, for every version that it supports.
// Needs build/hud_dump (make build/hud_dump).

import assert from 'node:assert'
import { execFileSync } from 'node:child_process'
import { createRequire } from 'node:module'
import test from 'node:test'
import { fileURLToPath } from 'node:url'

import { component, plain } from '../e2e/lib/text.mjs'

const require = createRequire(import.meta.url)
const protocol = require('minecraft-protocol')
const minecraftData = require('minecraft-data')

const root = new URL('../../', import.meta.url)
const UUID = '01020300-0000-0000-0000-000000000000'

// What was shown, by its name: a list of decoded packets, or undefined where the version has none.
function shown (version, number) {
  const tool = process.env.HUD_DUMP ?? fileURLToPath(new URL('build/hud_dump', root))
  const parser = protocol.createDeserializer({ state: protocol.states.PLAY, isServer: false, version, noErrorLogging: true })
  const found = {}
  for (const line of execFileSync(tool, [String(number)], { encoding: 'utf8' }).trim().split('\n')) {
    const [what, hex] = line.split(' ')
    if (hex === '-') continue
    const bytes = Buffer.from(hex, 'hex')
    const { data, metadata } = parser.parsePacketBuffer(bytes)
    assert.strictEqual(metadata.size, bytes.length, `${data.name} has ${bytes.length - metadata.size} bytes too many`)
    ;(found[what] ??= []).push(data)
  }
  return found
}

const pick = (object, names) => Object.fromEntries(names.map(name => [name, object[name]]))

function isRich (value, number) {
  const text = component(value)
  const child = text.extra[0]
  assert.equal(plain(value), '関所 here')
  assert.equal(text.color, number >= 735 ? '#feab01' : 'gold')
  assert.ok(text.bold && child.strikethrough && child.obfuscated)
  assert.equal(child.color, 'aqua')
  const click = child.click_event ?? child.clickEvent
  const hover = child.hover_event ?? child.hoverEvent
  assert.deepEqual(click, { action: number >= 573 ? 'copy_to_clipboard' : 'suggest_command', value: 'copied' })
  assert.equal(hover.action, 'show_text')
  assert.equal(plain(number >= 735 && number < 770 ? hover.contents : hover.value), 'above')
  assert.equal('click_event' in child, number >= 770)
  assert.equal('hover_event' in child, number >= 770)
}

function checkTitles ({ action_bar: bar, title, clear_title: clear, reset_title: reset }, number) {
  if (number < 47) return assert.ok(!bar && !title && !clear && !reset)
  if (number < 315) {
    assert.equal(bar[0].params.position, 2)
    assert.deepEqual(component(bar[0].params.message), { text: '§6§l関所§b§l§m§k here' })
  } else {
    assert.ok(number < 755 ? bar[0].params.action === 2 : bar[0].name === 'action_bar')
    isRich(bar[0].params.text, number)
  }
  const [times, subtitle, main] = title
  assert.deepEqual(pick(times.params, ['fadeIn', 'stay', 'fadeOut']), { fadeIn: 10, stay: 70, fadeOut: 20 })
  assert.equal(plain(subtitle.params.text), '')
  isRich(main.params.text, number)
  const seen = [times, subtitle, main, clear[0], reset[0]]
  if (number >= 755) {
    assert.deepEqual(seen.map(({ name }) => name),
      ['set_title_time', 'set_title_subtitle', 'set_title_text', 'clear_titles', 'clear_titles'])
    assert.deepEqual([clear[0].params.reset, reset[0].params.reset], [false, true])
  } else {
    assert.deepEqual(seen.map(({ params }) => params.action), number < 315 ? [2, 1, 0, 3, 4] : [3, 1, 0, 4, 5])
  }
}

function checkBars ({ bar_add: add, bar_change: change, bar_remove: remove }, number) {
  if (number < 107) return assert.ok(!add && !change && !remove)
  assert.deepEqual(pick(add[0].params, ['entityUUID', 'action', 'health', 'color', 'dividers', 'flags']),
    { entityUUID: UUID, action: 0, health: 0.5, color: 3, dividers: 0, flags: 0 })
  isRich(add[0].params.title, number)
  assert.deepEqual(change.map(({ params }) => params.action), [2, 3, 4])
  assert.equal(change[0].params.health, 0.25)
  assert.equal(plain(change[1].params.title), 'other')
  assert.deepEqual(pick(change[2].params, ['color', 'dividers']), { color: 3, dividers: 4 })
  assert.deepEqual(pick(remove[0].params, ['entityUUID', 'action']), { entityUUID: UUID, action: 1 })
}

const soundName = ({ params }) => params.soundName ?? (params.sound ?? params.soundEvent)?.data?.soundName ??
  params.sound?.soundName ?? params.soundEvent?.resource

function checkSounds ({ sound: [sound], entity_sound: fromEntity }, number) {
  assert.equal(sound.name, number >= 761 ? 'sound_effect' : 'named_sound_effect')
  assert.equal(soundName(sound), 'minecraft:block.note_block.pling')
  assert.deepEqual(pick(sound.params, ['x', 'y', 'z', 'volume']), { x: 12, y: 512, z: -66, volume: 0.5 })
  assert.equal(sound.params.pitch, number < 210 ? 126 : 2)
  if (number >= 107) assert.equal(String(sound.params.soundCategory).replace('player', '7'), '7')
  if (number < 761) return assert.equal(fromEntity, undefined)
  assert.equal(soundName(fromEntity[0]), 'minecraft:block.note_block.pling')
  assert.equal(fromEntity[0].params.entityId, 300)
}

function checkRequests ({ transfer, store_cookie: store, ask_cookie: ask, message: [message] }, number) {
  assert.equal(message.params.channel, 'my:channel')
  assert.equal(message.params.data.toString(), 'data')
  if (number < 766) return assert.ok(!transfer && !store && !ask)
  assert.deepEqual(transfer[0].params, { host: 'play.example.net', port: 25566 })
  assert.equal(store[0].params.key, 'a:b')
  assert.equal(Buffer.from(store[0].params.value).toString(), 'crumb')
  assert.equal((ask[0].params.cookie ?? ask[0].params.key), 'a:b')
}

for (const version of protocol.supportedVersions) {
  const number = minecraftData(version).version.version
  test(`${version} (${number}) reads titles, bars, sounds and requests as they are meant`, () => {
    const found = shown(version, number)
    checkTitles(found, number)
    checkBars(found, number)
    if (number < 47) assert.equal(found.tab_list, undefined)
    else isRich(found.tab_list[0].params.header, number)
    checkSounds(found, number)
    checkRequests(found, number)
  })
}
