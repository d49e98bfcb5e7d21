// What a login in online mode costs: logins for each second of processor time that Sekisho uses, all
// its threads together, beside what this machine's OpenSSL does of RSA-1024 in the same run. A login
// is two private operations (secret and token), so half their rate is the limit. The session service
// answers at once. The load is made here and costs more than what it measures; that is why processor
// time is counted, and not how long it took.
import crypto from 'node:crypto'
import fs from 'node:fs'
import net from 'node:net'
import { spawnSync } from 'node:child_process'
import { Accounts } from '../e2e/lib/accounts.mjs'
import { Sekisho } from '../e2e/lib/sekisho.mjs'
import { frame, handshake, string } from '../e2e/lib/raw.mjs'
import { varint } from '../e2e/lib/release777.mjs'

const PROTOCOL = 767 // the login ends before the client is shown anything
const LOGINS = Number(process.env.BENCH_LOGINS ?? 2500)
const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 3)
const AT_ONCE = 16

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

// The service says yes to everybody: what it costs is not what is measured.
class Yes extends Accounts {
  async start () {
    await super.start()
    this.server.removeAllListeners('request')
    const id = crypto.randomUUID().replaceAll('-', '').slice(0, 24)
    let count = 0
    this.server.on('request', (request, response) => {
      const [, name] = /username=(\w+)/.exec(request.url)
      count += 1
      const body = JSON.stringify({ id: id + String(count % 1e8).padStart(8, '0'), name, properties: [] })
      response.writeHead(200, { 'Content-Length': body.length }).end(body)
    })
    return this
  }
}

// The server's key, and one secret for all connections: encrypting it is the client's work.
const secret = crypto.randomBytes(16)
let publicKey
let sealedSecret

function seal (bytes) {
  return crypto.publicEncrypt({ key: publicKey, padding: crypto.constants.RSA_PKCS1_PADDING }, bytes)
}

function login (port, name) {
  return new Promise((resolve, reject) => {
    const socket = net.connect(port, '127.0.0.1')
    let asked = false
    socket.setNoDelay(true)
    socket.on('error', reject)
    socket.on('close', () => reject(new Error('refused')))
    socket.on('data', data => {
      if (asked) { // in cipher text: the threshold, and success
        socket.removeAllListeners('close')
        if (data.length > 100) reject(new Error('refused with words'))
        socket.destroy()
        resolve()
        return
      }
      asked = true
      const request = data.subarray(data.length - 1 - 5 - 162) // key, length and token, flag
      publicKey ??= crypto.createPublicKey({ key: request.subarray(0, 162), format: 'der', type: 'spki' })
      sealedSecret ??= seal(secret)
      socket.write(frame([1], varint(128), sealedSecret, varint(128), seal(request.subarray(163, 167))))
    })
    socket.write(Buffer.concat([handshake(PROTOCOL, 2), frame([0], string(name), Buffer.alloc(16, 1))]))
  })
}

async function logins (port, count) {
  let next = 0
  const one = async () => {
    while (next < count) await login(port, `Bench_${next++}`)
  }
  await Promise.all(Array.from({ length: AT_ONCE }, one))
}

const accounts = await new Yes().start()
const sekisho = new Sekisho({
  config: {
    auth: 'online',
    session_server: accounts.url,
    limits: { connections_per_ip: 100000, logins_per_ip: '1000000/1s', login_timeout: '30s' }
  },
  wrapper: ['sh', '-c', 'exec "$0" "$@" 2>sekisho.log']
})
try {
  await sekisho.start()
  await logins(sekisho.port, 300)
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
  await sekisho.dispose()
  await accounts.stop()
}
process.exit(0)
