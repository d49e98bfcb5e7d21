// The handshake of Forge up to 1.12.2 (FML1), acted from both ends: what runs over FML|HS between the
// login and the join game. Both are as strict as the real ones, where a message that does not fit the
// state is an exception that ends the connection.
import { until } from './wait.mjs'
import { varint } from './release777.mjs'

const SERVER_HELLO = 0
const CLIENT_HELLO = 1
const MOD_LIST = 2
const REGISTRY_DATA = 3
const RESET = 0xfe
const ACK = 0xff

const text = words => Buffer.concat([varint(Buffer.byteLength(words)), Buffer.from(words)])
const modList = names => Buffer.concat([Buffer.from([MOD_LIST]), varint(names.length),
  ...names.flatMap(name => [text(name), text('1.0')])])

export const marker = '\0FML\0'

// A client that has Forge. `states` is what it went through, `errors` what its Forge would have thrown.
export class ForgeClient {
  constructor (player) {
    this.player = player
    this.state = 'HELLO'
    this.states = []
    this.errors = []
    this.dimensions = [] // as its world is told them: join game and respawns
    const { client } = player
    client.on('custom_payload', ({ channel, data }) => {
      if (channel === 'FML|HS') this.#hear(Buffer.from(data))
    })
    client.on('login', ({ dimension }) => {
      this.dimensions.push(dimension)
      // Without a hello before the first join game the server has no Forge.
      if (this.state === 'HELLO' && !this.joined) this.#move('DONE')
      this.joined = true
    })
    client.on('respawn', ({ dimension }) => this.dimensions.push(dimension))
  }

  #move (state) {
    this.state = state
    this.states.push(state)
    this.player.emit('change')
  }

  #say (...bytes) {
    this.player.client.write('custom_payload', { channel: 'FML|HS', data: Buffer.concat(bytes.map(b => Buffer.from(b))) })
  }

  #hear (data) {
    const expected = { HELLO: SERVER_HELLO, WAITINGSERVERDATA: MOD_LIST, WAITINGSERVERCOMPLETE: REGISTRY_DATA,
      PENDINGCOMPLETE: ACK, COMPLETE: ACK, DONE: RESET }[this.state]
    if (data[0] !== expected) {
      this.errors.push(`${data[0]} in ${this.state}`)
      this.player.emit('change')
      return
    }
    switch (this.state) {
      case 'HELLO':
        this.player.client.write('custom_payload', { channel: 'REGISTER', data: Buffer.from('FML|HS\0FML\0FORGE\0acme') })
        this.#say([CLIENT_HELLO, 2])
        this.#say(modList(['FML', 'acme']))
        return this.#move('WAITINGSERVERDATA')
      case 'WAITINGSERVERDATA':
        this.#say([ACK, 2])
        return this.#move('WAITINGSERVERCOMPLETE')
      case 'WAITINGSERVERCOMPLETE':
        if (data[1] === 1) return // there are more registries
        this.#say([ACK, 3])
        return this.#move('PENDINGCOMPLETE')
      case 'PENDINGCOMPLETE':
        this.#say([ACK, 4])
        return this.#move('COMPLETE')
      case 'COMPLETE':
        this.#say([ACK, 5])
        return this.#move('DONE')
      case 'DONE': return this.#move('HELLO')
    }
  }
}

// `shake` of a game server that has Forge: its join game comes when both agree. `heard` is what a client
// said meanwhile that has no place there. `refuses`: a disconnect in the middle, with these words.
export function forgeServer ({ refuses } = {}) {
  const heard = []
  const shake = async client => {
    const player = client.sekishoPlayer
    const said = []
    client.on('packet', (data, { name }) => { if (!player.forgeDone && name !== 'custom_payload') heard.push(name) })
    client.on('custom_payload', ({ channel, data }) => {
      if (channel === 'FML|HS') said.push(Buffer.from(data))
      player.emit('change')
    })
    const say = data => client.write('custom_payload', { channel: 'FML|HS', data: Buffer.from(data) })
    const next = (what, fits) => until(player, `${what} of the client`, () => {
      if (player.ended) return true
      const message = said.shift()
      if (message && !fits(message)) throw new Error(`no ${what}: ${message.toString('hex')}`)
      return message
    })
    const acked = state => next(`the end of ${state}`, data => data[0] === ACK && data[1] === state)
    client.write('custom_payload', { channel: 'REGISTER', data: Buffer.from('FML|HS\0FML\0FORGE') })
    say([SERVER_HELLO, 2, 0, 0, 0, 0])
    await next('hello', data => data[0] === CLIENT_HELLO)
    await next('list of mods', data => data[0] === MOD_LIST)
    if (refuses) return client.end(refuses, JSON.stringify({ text: refuses }))
    say(modList(['FML', 'acme']))
    await acked(2)
    say(Buffer.concat([Buffer.from([REGISTRY_DATA, 1]), text('minecraft:blocks'), Buffer.alloc(3000, 7)]))
    say(Buffer.concat([Buffer.from([REGISTRY_DATA, 0]), text('minecraft:items'), Buffer.alloc(9000, 7)]))
    await acked(3)
    say([ACK, 2])
    await acked(4)
    say([ACK, 3])
    await acked(5)
    player.forgeDone = true
  }
  return { shake, heard }
}
