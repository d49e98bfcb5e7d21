// What a newcomer meets, measured with real clients: from the press of Accept to standing in the game
// server's world, beside a join of the same client without a proxy, and the memory of who stands at
// the gate. Part of `make bench`. Most of the time is the client's own, in JavaScript.
import { startBackend } from '../e2e/lib/backend.mjs'
import { startSekisho } from '../e2e/lib/sekisho.mjs'
import { joinAs } from '../e2e/lib/player.mjs'

const versions = ['1.7', '1.8.8', '1.12.2', '1.16.5', '1.19.4', '1.20.4', '1.21.4', '1.21.6', '26.1']
const ROUNDS = 15
const READERS = 100

const cleanups = []
const scene = { after: cleanup => cleanups.unshift(cleanup) }
const median = numbers => numbers.sort((a, b) => a - b)[Math.floor(numbers.length / 2)]

async function gateToPlaying (version) {
  const backend = await startBackend(scene, { version })
  const sekisho = await startSekisho(scene, { servers: { game: { address: backend.address } } })
  const times = []
  const direct = []
  for (let i = 0; i < ROUNDS; i++) {
    const player = joinAs(scene, { port: sekisho.port, version })
    await player.gate()
    const pressed = performance.now()
    await player.accept()
    await player.playing()
    times.push(performance.now() - pressed)
    player.leave()
    const started = performance.now()
    const alone = await joinAs(scene, { port: Number(backend.address.split(':')[1]), version }).playing()
    direct.push(performance.now() - started)
    alone.leave()
  }
  const before = sekisho.memoryKib()
  for (let i = 0; i < READERS; i++) await joinAs(scene, { port: sekisho.port, version }).gate()
  const each = (sekisho.memoryKib() - before) / READERS
  return { ms: median(times), direct: median(direct), each }
}

console.log(`\n${'at the gate'.padEnd(14)} ${'Accept to game, ms'.padStart(20)} ` +
  `${'direct join, ms'.padStart(17)} ${'KiB a reader'.padStart(14)}`)
try {
  for (const version of versions) {
    const { ms, direct, each } = await gateToPlaying(version)
    console.log(`${version.padEnd(14)} ${ms.toFixed(1).padStart(20)} ${direct.toFixed(1).padStart(17)} ` +
      `${each.toFixed(1).padStart(14)}`)
  }
} finally {
  for (const cleanup of cleanups) await cleanup()
}
process.exit(0)
