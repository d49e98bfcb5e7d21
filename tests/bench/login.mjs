// What a login in online mode costs: logins for each second of processor time that Sekisho uses, all
// its threads and what the kernel does for them together, beside what this machine's OpenSSL does of
// RSA-1024 in the same run. A login is two private operations (secret and token, each sealed by
// itself), so half their rate is the limit. The session service answers at once. Players and service
// are tests/bench/logins: they keep Sekisho busy all the time.
import fs from 'node:fs'
import path from 'node:path'
import readline from 'node:readline'
import { spawn, spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { Sekisho } from '../e2e/lib/sekisho.mjs'

const LOGINS = Number(process.env.BENCH_LOGINS ?? 5000)
const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 5)
const AT_ONCE = Number(process.env.BENCH_AT_ONCE ?? 48)
const program = path.join(path.dirname(fileURLToPath(import.meta.url)), '../../build/tests/bench/logins')

// One core, for a second.
function privateOperations () {
  const { stdout } = spawnSync('openssl', ['speed', '-seconds', '1', '-mr', 'rsa1024'], { encoding: 'utf8' })
  return Number(/^\+F2:\d+:1024:([\d.]+):/m.exec(stdout)[1])
}

// Of all its threads, in seconds, as the scheduler counts it.
function cpuSeconds (pid) {
  return fs.readdirSync(`/proc/${pid}/task`).reduce((sum, thread) =>
    sum + Number(fs.readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')[0]), 0) / 1e9
}

const players = spawn(program, { stdio: ['pipe', 'pipe', 'inherit'] })
const lines = readline.createInterface({ input: players.stdout })[Symbol.asyncIterator]()

async function heard () {
  const { value, done } = await lines.next()
  if (done) throw new Error('the players ended')
  return value
}

async function logins (port, count) {
  players.stdin.write(`${port} ${count} ${AT_ONCE}\n`)
  await heard()
}

const sekisho = new Sekisho({
  config: {
    auth: 'online',
    session_server: `http://127.0.0.1:${(await heard()).split(' ')[1]}`,
    limits: { connections_per_ip: 100000, logins_per_ip: '1000000/1s', login_timeout: '30s' }
  },
  wrapper: ['sh', '-c', 'exec "$0" "$@" 2>sekisho.log']
})
try {
  await sekisho.start()
  await logins(sekisho.port, 500)
  const rates = []
  const limits = [privateOperations()]
  for (let round = 0; round < ROUNDS; round++) {
    const before = cpuSeconds(sekisho.child.pid)
    await logins(sekisho.port, LOGINS)
    rates.push(LOGINS / (cpuSeconds(sekisho.child.pid) - before))
    limits.push(privateOperations())
  }
  const best = Math.max(...rates)
  const operations = Math.max(...limits)
  const percent = part => `${(100 * part).toFixed(0)} %`
  console.log(`\nonline mode, one core        ${best.toFixed(0)} logins/s (${(1e6 / best).toFixed(0)} us each)`)
  console.log(`openssl speed rsa1024        ${operations.toFixed(0)} private operations/s`)
  console.log(`of the limit of RSA          ${percent(2 * best / operations)} (a login takes two), ` +
    `${percent(best / operations)} of the operations' rate`)
} finally {
  players.stdin.end()
  await sekisho.dispose()
}
process.exit(0)
