// The console of a Minecraft server, as RCON shows it; and one that misbehaves.
// Source: minecraft.wiki, "RCON". Vanilla looks at one packet of each read, and drops what comes behind.
import net from 'node:net'
import { EventEmitter } from 'node:events'

const LOGIN = 3
const COMMAND = 2
const ANSWER = 0

export function packet (id, type, text) {
  const body = Buffer.from(text)
  const out = Buffer.alloc(14 + body.length)
  out.writeInt32LE(10 + body.length, 0)
  out.writeInt32LE(id, 4)
  out.writeInt32LE(type, 8)
  body.copy(out, 12)
  return out
}

export class Rcon extends EventEmitter {
  // answer: of a command, a text (in packets of 4096 characters) or a function of (socket, id)
  constructor ({ password = 'open sesame', answer = () => '' } = {}) {
    super()
    Object.assign(this, { password, answer, commands: [], logins: 0, sockets: new Set() })
    this.server = net.createServer(socket => this.#serve(socket))
  }

  async listen (port = 0) {
    await new Promise((resolve, reject) => this.server.once('error', reject).listen(port, '127.0.0.1', resolve))
    this.port = this.server.address().port
    return this
  }

  get address () {
    return `127.0.0.1:${this.port}`
  }

  async close () {
    for (const socket of this.sockets) socket.destroy()
    await new Promise(resolve => this.server.close(resolve))
  }

  #serve (socket) {
    let loggedIn = false
    this.sockets.add(socket)
    socket.on('close', () => this.sockets.delete(socket)).on('error', () => {})
    if (this.greet) return this.greet(socket)
    socket.on('data', data => {
      const length = data.readInt32LE(0)
      const [id, type] = [data.readInt32LE(4), data.readInt32LE(8)]
      const text = data.subarray(12, 4 + length - 2).toString()
      if (type === LOGIN) {
        this.logins++
        loggedIn = text === this.password
        socket.write(packet(loggedIn ? id : -1, COMMAND, ''))
      } else if (type === COMMAND && loggedIn) {
        this.commands.push(text)
        const answer = this.answer(text, socket, id)
        for (let rest = answer, first = true; answer !== undefined && (first || rest); rest = rest.slice(4096), first = false) {
          socket.write(packet(id, ANSWER, rest.slice(0, 4096)))
        }
      } else {
        socket.write(packet(id, ANSWER, `Unknown request ${type.toString(16)}`))
      }
      this.emit('change')
    })
  }
}

export async function startRcon (t, options) {
  const rcon = await new Rcon(options).listen()
  t.after(() => rcon.close())
  return rcon
}
