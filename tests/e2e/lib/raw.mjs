// A bare socket, for what no client library would send.
import net from 'node:net'
import { EventEmitter } from 'node:events'
import { until } from './wait.mjs'
import { varint } from './release777.mjs'

export class RawConnection extends EventEmitter {
  constructor (port, options = {}) {
    super()
    this.setMaxListeners(0)
    this.received = Buffer.alloc(0)
    this.closed = false
    this.socket = net.connect({ port, host: '127.0.0.1', ...options })
    this.socket.on('connect', () => { this.connected = true; this.emit('change') })
    this.socket.on('data', data => {
      this.received = Buffer.concat([this.received, data])
      this.emit('change')
    })
    for (const event of ['end', 'close']) {
      this.socket.on(event, () => {
        this.closed = true
        this.emit('change')
      })
    }
    this.socket.on('error', () => {}) // a reset is an end like any other
  }

  send (...parts) {
    this.socket.write(Buffer.concat(parts.map(part => Buffer.from(part))))
    return this
  }

  untilClosed (patienceMs) {
    return until(this, 'Sekisho to close the connection', () => this.closed, patienceMs)
  }

  destroy () {
    this.socket.destroy()
  }
}

export function connectRaw (t, port, options) {
  const raw = new RawConnection(port, options)
  t.after(() => raw.destroy())
  return raw
}

export function string (text) {
  const bytes = Buffer.from(text)
  return Buffer.concat([varint(bytes.length), bytes])
}

export function frame (...parts) {
  const body = Buffer.concat(parts.map(part => Buffer.from(part)))
  return Buffer.concat([varint(body.length), body])
}

export function handshake (protocol, next, { host = 'localhost', port = 25565 } = {}) {
  return frame([0], varint(protocol), string(host), [port >> 8, port & 255], [next])
}

export function loginStart (protocol, name) {
  const uuid = protocol >= 764 ? Buffer.alloc(16, 1) : Buffer.alloc(0)
  return frame([0], string(name), uuid)
}
