// What a newcomer meets, measured with real clients: from the press of Accept (its bytes leave the
// client's socket) to the game server's join game (its bytes reach that socket), and the memory of who
// stands at the gate. Part of `make bench`. In between, the store writes to the disk, and the game
// server, which is JavaScript like the client, lets the player in; how long it takes for that without
// a proxy is printed beside. It has a process of its own, so that neither waits for the other.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { startBackend } from '../e2e/lib/backend.mjs'
import { startSekisho } from '../e2e/lib/sekisho.mjs'
import { joinAs } from '../e2e/lib/player.mjs'
import { supportedVersions } from '../e2e/lib/versions.mjs'

const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 9)
const READERS = 100

const cleanups = []
const scene = { after: cleanup => cleanups.unshift(cleanup) }
const median = numbers => numbers.sort((a, b) => a - b)[Math.floor(numbers.length / 2)]

// When the bytes came in which the next join game is: no later than the last that were there.
async function joinGame ({ client }) {
  let came
  client.socket.prependListener('data', () => { came = performance.now() })
  await once(client, 'login')
  return came
}

async function throughGate (port, version) {
  const player = joinAs(scene, { port, version })
  await player.gate()
  const joined = joinGame(player)
  const pressed = performance.now()
  await player.accept()
  const took = await joined - pressed
  player.leave()
  return took
}

async function withoutProxy (port, version) {
  const player = joinAs(scene, { port, version })
  await once(player.client, 'connect')
  const began = performance.now()
  const took = await joinGame(player) - began
  player.leave()
  return took
}

async function memoryOfReaders (sekisho, version) {
  const before = sekisho.memoryKib()
  for (let i = 0; i < READERS; i++) await joinAs(scene, { port: sekisho.port, version }).gate()
  return (sekisho.memoryKib() - before) / READERS
}

async function measure (version) {
  const server = fork(fileURLToPath(import.meta.url), [version])
  scene.after(() => server.kill())
  const [port] = await once(server, 'message')
  const sekisho = await startSekisho(scene, { servers: { game: { address: `127.0.0.1:${port}` } } })
  const gate = []
  const direct = []
  for (let i = 0; i < ROUNDS; i++) {
    gate.push(await throughGate(sekisho.port, version))
    direct.push(await withoutProxy(port, version))
  }
  return [median(gate), median(direct), await memoryOfReaders(sekisho, version)]
}

async function cleanUp () {
  for (const cleanup of cleanups.splice(0)) await cleanup()
}

async function main () {
  const row = cells => console.log(cells.map((cell, i) => cell.padStart([10, 26, 20, 16][i])).join(''))
  console.log()
  row(['at the gate', 'Accept to join game, ms', 'without proxy, ms', 'KiB a reader'])
  try {
    for (const version of supportedVersions) {
      row([version, ...(await measure(version)).map(number => number.toFixed(1))])
      await cleanUp()
    }
  } finally {
    await cleanUp()
  }
  process.exit(0)
}

if (process.send) process.send((await startBackend(scene, { version: process.argv[2] })).port)
else await main()
