// What game servers do with an identity that a proxy forwards, written from the formats'
// descriptions: Velocity's modern forwarding, BungeeCord's and BungeeGuard's host name, and the
// PROXY protocol.
import { createHmac, timingSafeEqual } from 'node:crypto'
import net from 'node:net'
import { EventEmitter } from 'node:events'

const CHANNEL = 'velocity:player_info'

export function dashed (hex) {
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}

class Reader {
  constructor (bytes) {
    this.bytes = bytes
    this.at = 0
  }

  take (length) {
    if (this.at + length > this.bytes.length) throw new Error('the answer ends too early')
    this.at += length
    return this.bytes.subarray(this.at - length, this.at)
  }

  varint () {
    let value = 0
    for (let shift = 0; shift < 35; shift += 7) {
      const [byte] = this.take(1)
      value |= (byte & 127) << shift
      if (byte < 128) return value
    }
    throw new Error('the VarInt does not end')
  }

  string () {
    return this.take(this.varint()).toString()
  }

  properties () {
    return Array.from({ length: this.varint() }, () => {
      const property = { name: this.string(), value: this.string() }
      if (this.take(1)[0]) property.signature = this.string()
      return property
    })
  }
}

// Checks an answer as Paper does and takes it apart.
export function readModern (answer, secret) {
  const signature = answer.subarray(0, 32)
  const data = answer.subarray(32)
  const expected = createHmac('sha256', secret).update(data).digest()
  if (signature.length !== 32 || !timingSafeEqual(signature, expected)) {
    throw new Error('Unable to verify player details')
  }
  const reader = new Reader(data)
  const told = { version: reader.varint(), address: reader.string() }
  told.uuid = dashed(reader.take(16).toString('hex'))
  told.name = reader.string()
  told.properties = reader.properties()
  if (reader.at !== data.length) throw new Error('the answer goes on behind its end')
  return told
}

let ids = 0

// Asks on a channel during the login; resolves with the answer, undefined where nobody understood.
export function ask (client, channel, request) {
  const messageId = ++ids
  return new Promise((resolve, reject) => {
    const onAnswer = packet => {
      if (packet.messageId !== messageId) return
      client.off('login_plugin_response', onAnswer)
      resolve(packet.data)
    }
    client.on('login_plugin_response', onAnswer)
    client.once('end', () => reject(new Error('hung up instead of answering')))
    client.write('login_plugin_request', { messageId, channel, data: Buffer.from(request) })
  })
}

// For Backend's `introduce`: a server with modern forwarding. `secret` returns its text; `request`
// are the bytes of the question.
export function modern (secret, request = [4]) {
  return async client => {
    const answer = await ask(client, CHANNEL, request)
    if (answer === undefined) throw new Error('This server requires you to connect with Velocity.')
    return readModern(answer, secret())
  }
}

export function askForModern (client) {
  return ask(client, CHANNEL, [4])
}

// The host name of a handshake, as Spigot and BungeeGuard take it apart.
export function readLegacy (host) {
  const parts = host.split('\0')
  if (parts.length !== 3 && parts.length !== 4) throw new Error(`${parts.length} parts`)
  if (!/^[0-9a-f]{32}$/.test(parts[2])) throw new Error(`no UUID: ${parts[2]}`)
  const properties = parts.length === 4 ? JSON.parse(parts[3]) : []
  return {
    host: parts[0],
    address: parts[1],
    uuid: dashed(parts[2]),
    properties,
    token: properties.find(({ name }) => name === 'bungeeguard-token')?.value
  }
}

const V2 = Buffer.from('0d0a0d0a000d0a515549540a', 'hex')

function readV1 (bytes) {
  const end = bytes.subarray(0, 107).indexOf('\r\n')
  if (end < 0) return null
  const match = /^PROXY (TCP4|TCP6) (\S+) (\S+) (\d+) (\d+)$/.exec(bytes.toString('latin1', 0, end))
  if (!match) throw new Error('no header of version 1')
  const [, family, source, destination, sourcePort, destinationPort] = match
  const expected = family === 'TCP4' ? 4 : 6
  if (net.isIP(source) !== expected || net.isIP(destination) !== expected) throw new Error('bad address')
  return { family, source, destination, sourcePort: Number(sourcePort),
    destinationPort: Number(destinationPort), length: end + 2 }
}

// An IPv6 address in one spelling, whoever wrote it.
export function canonical (address) {
  return net.isIPv6(address) ? new URL(`http://[${address}]`).hostname.slice(1, -1) : address
}

function v6 (bytes) {
  return canonical(bytes.toString('hex').match(/.{4}/g).join(':'))
}

function readV2 (bytes) {
  if (bytes.length < 16) return null
  const length = 16 + bytes.readUInt16BE(14)
  if (bytes.length < length) return null
  if (bytes[12] !== 0x21) throw new Error(`version and command ${bytes[12]}`)
  const v4 = bytes[13] === 0x11
  if (!v4 && bytes[13] !== 0x21) throw new Error(`family ${bytes[13]}`)
  const size = v4 ? 4 : 16
  if (length !== 16 + 2 * size + 4) throw new Error('bad length')
  const text = at => v4 ? bytes.subarray(at, at + 4).join('.') : v6(bytes.subarray(at, at + 16))
  return { family: v4 ? 'TCP4' : 'TCP6', source: text(16), destination: text(16 + size),
    sourcePort: bytes.readUInt16BE(16 + 2 * size), destinationPort: bytes.readUInt16BE(18 + 2 * size), length }
}

// Stands in front of a game server, demands a PROXY header, takes it off and passes the rest on.
export class ProxyHeaderShim extends EventEmitter {
  constructor (port) {
    super()
    this.headers = []
    this.errors = []
    this.first = [] // the first bytes of each connection
    this.server = net.createServer(socket => this.#connected(socket, port))
  }

  async start () {
    await new Promise(resolve => this.server.listen(0, '127.0.0.1', resolve))
    this.port = this.server.address().port
    return this
  }

  #connected (socket, port) {
    let bytes = Buffer.alloc(0)
    socket.on('error', () => {})
    const onData = chunk => {
      bytes = Buffer.concat([bytes, chunk])
      try {
        const version = bytes.subarray(0, 12).equals(V2) ? 2 : 1
        const header = version === 2 ? readV2(bytes) : readV1(bytes)
        if (!header) return
        socket.off('data', onData)
        this.first.push(bytes)
        this.headers.push({ version, ...header })
        const server = net.connect(port, '127.0.0.1')
        server.on('error', () => socket.destroy())
        server.write(bytes.subarray(header.length))
        socket.pipe(server).pipe(socket)
      } catch (error) {
        this.errors.push(error)
        socket.destroy()
      }
      this.emit('change')
    }
    socket.on('data', onData)
  }

  stop () {
    this.server.close()
  }
}

export async function startShim (t, backend) {
  const shim = new ProxyHeaderShim(backend.port)
  t.after(() => shim.stop())
  return shim.start()
}
