// `make bench`: what a player and an operator pay for Sekisho, beside HAProxy (mode tcp) and beside
// a direct connection, measured in turns on this machine. Loopback only, ports that the kernel
// chooses, about a minute. Everything runs in one temporary folder and is ended by its pid.
import { spawn, spawnSync } from 'node:child_process'
import { createRequire } from 'node:module'
import { once } from 'node:events'
import crypto from 'node:crypto'
import fs from 'node:fs'
import net from 'node:net'
import os from 'node:os'
import path from 'node:path'
import readline from 'node:readline'
import zlib from 'node:zlib'
import { fileURLToPath } from 'node:url'
import { Sekisho } from '../e2e/lib/sekisho.mjs'

const require = createRequire(new URL('../e2e/lib/', import.meta.url))
const mc = require('minecraft-protocol')
const minecraftData = require('minecraft-data')

const VERSION = '1.16.5'
const THRESHOLD = 256
// The ways take turns, and the best round counts: what else runs here only makes it worse.
const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 3)
const SECONDS = Number(process.env.BENCH_SECONDS ?? 0.7)
const BOUND_MS = 180000
const KNOWN_PLAYERS = 300
const BULK_PLAYERS = 10
const ECHO_PLAYERS = 50
const ECHO_RATE = 2000
const JOINS_AT_ONCE = 16
const MIB = 1024 * 1024

const load = fileURLToPath(new URL('../../build/tests/bench/load', import.meta.url))
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'sekisho-bench-'))
const children = new Set()

const collectSome = `
collect "player.uuid"   { purpose = "service", keep = "180d" }
collect "player.name"   { purpose = "service", keep = "30d" }
collect "connection.ip" { purpose = "service", keep = "7d", form = truncate(24, 48) }
collect "client.brand"  { purpose = "service", keep = "90d", form = count }
`

function start (program, args, options) {
  const child = spawn(program, args, options)
  children.add(child)
  child.on('error', error => fail(error))
  child.once('exit', () => children.delete(child))
  return child
}

function varint (value) {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...varint(value >>> 7)]
}

// A packet as it stands on the wire once compression is on.
function frame (packet) {
  const body = packet.length < THRESHOLD
    ? Buffer.from([0, ...packet])
    : Buffer.concat([Buffer.from(varint(packet.length)), zlib.deflateSync(packet)])
  return Buffer.concat([Buffer.from(varint(body.length)), body])
}

// Half noise, half repetition, as world data roughly are; `size` is what it has on the wire.
function compressedFrame (id, size) {
  const noise = crypto.createHash('shake256', { outputLength: 2 * size }).update('bench').digest()
  const packet = length => Buffer.concat([Buffer.from([id]),
    Buffer.from(noise.subarray(0, length)).map((byte, i) => i % 32 < 16 ? byte : 7)])
  let length = size
  for (;;) {
    const bytes = frame(packet(length))
    if (bytes.length >= size) return bytes
    length += size - bytes.length
  }
}

function joinGame () {
  const serializer = mc.createSerializer({ state: 'play', isServer: true, version: VERSION })
  const params = { ...minecraftData(VERSION).loginPacket, entityId: 7 }
  return frame(serializer.createPacketBuffer({ name: 'login', params }))
}

const frames = {
  join: joinGame(),
  small: frame(Buffer.concat([Buffer.from([0x27]), Buffer.alloc(97, 1)])), // an entity moves
  medium: compressedFrame(0x20, 2 * 1024),
  large: compressedFrame(0x20, 100 * 1024),
  move: frame(Buffer.concat([Buffer.from([0x12]), Buffer.alloc(25)])) // a player moves
}

function framePath (name) {
  return path.join(folder, `${name}.frame`)
}

// The load generator: a command in, a line of JSON out.
class Load {
  constructor () {
    this.child = start(load, [framePath('join')], { stdio: ['pipe', 'pipe', 'inherit'] })
    this.lines = readline.createInterface({ input: this.child.stdout })[Symbol.asyncIterator]()
  }

  async answer () {
    const { value, done } = await this.lines.next()
    if (done) throw new Error('the load generator ended')
    return JSON.parse(value)
  }

  command (...words) {
    this.child.stdin.write(words.join(' ') + '\n')
    return this.answer()
  }
}

async function freePort () {
  const server = net.createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address()
  server.close()
  await once(server, 'close')
  return port
}

async function answers (port) {
  const socket = net.connect(port, '127.0.0.1')
  try {
    await once(socket, 'connect')
    return true
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}

const haproxyConfig = (port, backend) => `global
    maxconn 4000
    nbthread 1
defaults
    mode tcp
    timeout connect 5s
    timeout client 60s
    timeout server 60s
listen game
    bind 127.0.0.1:${port}
    server game 127.0.0.1:${backend}
`

async function startHaproxy (backend) {
  const port = await freePort()
  const config = path.join(folder, 'haproxy.cfg')
  fs.writeFileSync(config, haproxyConfig(port, backend))
  const child = start('haproxy', ['-db', '-f', config], { stdio: ['ignore', 'ignore', 'inherit'] })
  for (let tries = 0; tries < 100 && !await answers(port); tries += 1) {
    if (child.exitCode !== null) throw new Error('haproxy did not start')
    await new Promise(resolve => setTimeout(resolve, 50))
  }
  return { name: 'haproxy', port, pid: child.pid }
}

// Its log goes into a file, as on a server; reading it here would cost the time that is measured.
function makeSekisho (backend) {
  const address = `127.0.0.1:${backend}`
  return new Sekisho({
    servers: {
      plain: { address },
      kept: { address, rules: 'scripts/kept.lua', hosts: ['kept.test'] }
    },
    files: { 'scripts/kept.lua': collectSome },
    config: {
      try: ['plain'],
      limits: { connections_per_ip: 100000, logins_per_ip: '1000000/1s', login_timeout: '30s' }
    },
    wrapper: ['sh', '-c', 'exec "$0" "$@" 2>sekisho.log']
  })
}

function residentKib (pid) {
  return Number(/VmRSS:\s+(\d+) kB/.exec(fs.readFileSync(`/proc/${pid}/status`, 'utf8'))[1])
}

// Of all its threads, in user and kernel mode.
function cpuSeconds (pid) {
  const fields = fs.readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ')
  return (Number(fields[11]) + Number(fields[12])) / 100
}

// What each measurement found: results[name][way] is a list of rounds.
const results = {}

function note (name, way, values) {
  results[name] ??= {}
  results[name][way] ??= []
  results[name][way].push(values)
}

async function measure (generator, ways, name, words) {
  for (const way of ways) {
    const cpu = way.pid ? cpuSeconds(way.pid) : 0
    const values = await generator.command(...words(way.port))
    note(name, way.name, { ...values, cpu: way.pid ? cpuSeconds(way.pid) - cpu : 0 })
  }
}

async function measureMemory (generator, ways) {
  for (const way of ways.filter(({ pid }) => pid)) {
    const before = residentKib(way.pid)
    await generator.command('idle', way.port, KNOWN_PLAYERS)
    const kib = (residentKib(way.pid) - before) / KNOWN_PLAYERS
    note('memory', way.name, { kib, before, after: residentKib(way.pid) })
    await generator.command('leave')
  }
}

async function measureAll (generator, ways) {
  await measureMemory(generator, ways)
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const kind of ['small', 'medium', 'large']) {
      await measure(generator, ways, kind,
        port => ['down', port, BULK_PLAYERS, SECONDS, framePath(kind)])
    }
    await measure(generator, ways, 'move',
      port => ['up', port, ECHO_PLAYERS, SECONDS, framePath('move')])
    await measure(generator, ways, 'echo',
      port => ['echo', port, ECHO_PLAYERS, 2 * SECONDS, ECHO_RATE])
    await measure(generator, ways, 'joins',
      port => ['joins', port, JOINS_AT_ONCE, SECONDS, 'localhost'])
    await measure(generator, ways.filter(({ name }) => name === 'sekisho'), 'keptJoins',
      port => ['joins', port, JOINS_AT_ONCE, SECONDS, 'kept.test'])
  }
}

const sum = values => values.reduce((total, value) => total + value, 0)
const rounds = (name, way) => results[name][way] ?? [{}]
const best = (name, way, of) => Math.max(...rounds(name, way).map(of))
const least = (name, way, of) => Math.min(...rounds(name, way).map(of))

const mibRate = name => way => best(name, way, ({ bytes, seconds }) => bytes / MIB / seconds)
const frameRate = name => way => best(name, way, ({ frames, seconds }) => frames / seconds)
const joinRate = name => way => best(name, way, ({ joins, seconds }) => joins / seconds)
const latency = field => way => least('echo', way, values => values[field])
const cpuPerGib = name => way => way === 'direct'
  ? NaN
  : sum(rounds(name, way).map(({ cpu }) => cpu)) /
    (sum(rounds(name, way).map(values => values.all_bytes)) / MIB / 1024)
// Both directions of an echo are a packet each.
const cpuPerPacket = way => way === 'direct'
  ? NaN
  : sum(rounds('echo', way).map(({ cpu }) => cpu)) * 1e6 /
    sum(rounds('echo', way).map(({ received }) => 2 * received))
const memory = field => way => way === 'direct' ? NaN : rounds('memory', way)[0][field]

const kib = name => (frames[name].length / 1024).toFixed(0)

const table = [
  ['server to clients, MiB/s'],
  [`  ${frames.small.length} B frames`, mibRate('small')],
  [`  ${kib('medium')} KiB compressed`, mibRate('medium')],
  [`  ${kib('large')} KiB compressed`, mibRate('large')],
  ['server to clients, frames/s'],
  [`  ${frames.small.length} B frames`, frameRate('small')],
  [`  ${kib('medium')} KiB compressed`, frameRate('medium')],
  [`  ${kib('large')} KiB compressed`, frameRate('large')],
  ['clients to server, frames/s'],
  [`  ${frames.move.length} B movements`, frameRate('move')],
  [`round trip, ${ECHO_PLAYERS} players, ${ECHO_RATE}/s, microseconds`],
  ['  p50', latency('p50_us')],
  ['  p99', latency('p99_us')],
  [`joins of known players/s, ${JOINS_AT_ONCE} at once`],
  ['  nothing kept', joinRate('joins')],
  ['  four fields kept', joinRate('keptJoins')],
  [`memory, ${KNOWN_PLAYERS} idle players`],
  ['  KiB a player', memory('kib')],
  ['  resident before, KiB', memory('before')],
  ['CPU of the proxy, seconds/GiB'],
  [`  ${frames.small.length} B frames`, cpuPerGib('small')],
  [`  ${kib('medium')} KiB compressed`, cpuPerGib('medium')],
  [`  ${kib('large')} KiB compressed`, cpuPerGib('large')],
  [`  ${frames.move.length} B movements`, cpuPerGib('move')],
  ['CPU of the proxy, microseconds a packet'],
  ['  each alone, as in the round trips', cpuPerPacket]
]

function digits (value) {
  if (Number.isNaN(value)) return '-'
  return value.toLocaleString('en', { maximumFractionDigits: value < 100 ? 2 : 0 })
}

function line (label, cells) {
  return label.padEnd(46) + cells.map(cell => cell.padStart(12)).join('')
}

function report () {
  const cpu = os.cpus()
  const haproxy = /version (\S+)/.exec(spawnSync('haproxy', ['-v'], { encoding: 'utf8' }).stdout)[1]
  console.log(`${cpu.length} cores of ${cpu[0].model}, ${os.type()} ${os.release()}; ` +
    `HAProxy ${haproxy}, mode tcp, one thread; load and game server in one process`)
  console.log(line('', ['direct', 'HAProxy', 'Sekisho', 'Sek./HAP.']))
  for (const [label, of] of table) {
    if (!of) {
      console.log(label)
      continue
    }
    const [direct, other, own] = ['direct', 'haproxy', 'sekisho'].map(of)
    console.log(line(label, [direct, other, own, own / other].map(digits)))
  }
}

let sekisho

async function stopChildren () {
  const ended = [...children].map(child => once(child, 'exit'))
  for (const child of children) child.kill('SIGTERM')
  await Promise.all(ended)
}

// Without waiting for anything, so that it can also be the last thing that is done.
function cleanUp () {
  for (const child of children) child.kill('SIGKILL')
  if (sekisho?.child && !sekisho.exit) sekisho.child.kill('SIGKILL')
  if (sekisho) fs.rmSync(sekisho.folder, { recursive: true, force: true })
  fs.rmSync(folder, { recursive: true, force: true })
}

function fail (error) {
  console.error(`bench: ${error.stack ?? error}`)
  const log = sekisho?.path('sekisho.log')
  if (log && fs.existsSync(log)) {
    console.error(fs.readFileSync(log, 'utf8').split('\n').slice(-15).join('\n'))
  }
  process.exit(1)
}

async function main () {
  for (const [name, bytes] of Object.entries(frames)) fs.writeFileSync(framePath(name), bytes)
  const generator = new Load()
  const { port } = await generator.answer()
  const haproxy = await startHaproxy(port)
  sekisho = makeSekisho(port)
  await sekisho.start()
  await generator.command('accept', sekisho.port, KNOWN_PLAYERS)
  // Memory is what known players cost, not what is left of their acceptance.
  await sekisho.stop()
  await sekisho.start()
  const ways = [{ name: 'direct', port }, haproxy,
    { name: 'sekisho', port: sekisho.port, pid: sekisho.child.pid }]
  await measureAll(generator, ways)
  await sekisho.stop()
  await stopChildren()
  report()
}

process.on('exit', cleanUp)
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => process.exit(1))
setTimeout(() => fail(new Error(`not finished after ${BOUND_MS / 1000} s`)), BOUND_MS).unref()
main().then(() => process.exit(0), fail)
