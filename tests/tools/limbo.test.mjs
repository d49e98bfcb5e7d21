// Decodes the limbo's packets with minecraft-protocol, for every version that it supports.
// Needs build/limbo_dump (make build/limbo_dump).

import assert from 'node:assert'
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import test from 'node:test'
import { fileURLToPath } from 'node:url'

import { table } from './registries.mjs'

const require = createRequire(import.meta.url)
const protocol = require('minecraft-protocol')
const minecraftData = require('minecraft-data')
const registryOf = require('prismarine-registry')
const chunkOf = require('prismarine-chunk')

const PHASES = { configuration: protocol.states.CONFIGURATION, play: protocol.states.PLAY }
const root = new URL('../../', import.meta.url)

function dump (number) {
  const tool = process.env.LIMBO_DUMP ?? fileURLToPath(new URL('build/limbo_dump', root))
  const text = execFileSync(tool, [String(number)], { encoding: 'utf8', maxBuffer: 1 << 26 })
  return text.trim().split('\n').map(line => line.split(' ')).map(([phase, hex]) => ({ phase, bytes: Buffer.from(hex, 'hex') }))
}

function decode (version, { phase, bytes }) {
  const parser = protocol.createDeserializer({ state: PHASES[phase], isServer: false, version, noErrorLogging: true })
  const { data, metadata } = parser.parsePacketBuffer(bytes)
  assert.strictEqual(metadata.size, bytes.length, `${data.name} has ${bytes.length - metadata.size} bytes too many`)
  return data
}

function expectedNames (number) {
  const world = ['login', 'abilities', 'spawn_position']
  if (number >= 393) world.push('declare_commands')
  if (number >= 765) world.push('game_state_change')
  if (number >= 759) world.push('update_view_position', 'map_chunk')
  world.push('position')
  if (number < 764) world.push('login', 'respawn')
  return [...world, 'keep_alive']
}

test('the committed registry table is what the generator writes', () => {
  const committed = readFileSync(new URL('core/gate/registries_table.inc', root), 'utf8')
  assert.strictEqual(committed, table())
})

for (const version of protocol.supportedVersions) {
  const number = minecraftData(version).version.version
  test(`${version} (${number}) reads every packet of the limbo to its last byte`, () => {
    const packets = dump(number).map(packet => ({ phase: packet.phase, ...decode(version, packet) }))
    const play = packets.filter(packet => packet.phase === 'play')
    assert.deepStrictEqual(play.map(packet => packet.name), expectedNames(number))
    if (number >= 764) assert.strictEqual(packets.filter(p => p.phase === 'configuration').at(-1).name, 'finish_configuration')
    assert.strictEqual(play[0].params.entityId, 1)
    const position = play.find(packet => packet.name === 'position').params
    assert.deepStrictEqual([position.x, position.y, position.z], [8, 400, 8])
  })
  test(`${version} (${number}) loads the limbo's registries and its chunk`, () => {
    const packets = dump(number).map(packet => decode(version, packet))
    const registry = registryOf(version)
    for (const { name, params } of packets) {
      if (name === 'registry_data') registry.loadDimensionCodec(params.codec ?? params)
    }
    const login = packets.find(packet => packet.name === 'login').params
    if (login.dimensionCodec) registry.loadDimensionCodec(login.dimensionCodec)
    const chunk = packets.find(packet => packet.name === 'map_chunk')?.params
    if (!chunk) return
    const Chunk = chunkOf(registry)
    const column = new Chunk({ minY: -64, worldHeight: 384 })
    column.load(chunk.chunkData)
    assert.strictEqual(column.getBlockStateId({ x: 0, y: 0, z: 0 }), 0)
  })
}
