// A real game server (minecraft-protocol) that remembers everything it was told.
import { createRequire } from 'node:module'
import { EventEmitter, once } from 'node:events'
import { speak777 } from './release777.mjs'
import { until } from './wait.mjs'

const require = createRequire(import.meta.url)
const mc = require('minecraft-protocol')
const minecraftData = require('minecraft-data')
const nbt = require('prismarine-nbt')

const NEWEST = 775 // the newest that the library has tables for

// What a player needs to stand in a world, for versions whose login packet the data do not hold.
function joinGame (version) {
  const data = minecraftData(version)
  if (data.loginPacket) return { ...data.loginPacket, entityId: 7 }
  return {
    entityId: 7,
    gameMode: 0,
    dimension: 0,
    hashedSeed: [0, 0],
    difficulty: 2,
    maxPlayers: 20,
    levelType: 'default',
    viewDistance: 5,
    reducedDebugInfo: false,
    enableRespawnScreen: true
  }
}

function positionFlags (version) {
  return minecraftData(version).version.version >= 766 ? {} : 0
}

export const spawnPoint = { x: 1234.5, y: 70, z: -42.5 }

export class BackendPlayer extends EventEmitter {
  constructor (client) {
    super()
    this.setMaxListeners(0)
    this.client = client
    this.packets = [] // { name, state, data }
    this.bytes = [] // decompressed packets and raw socket bytes
    this.chats = []
    this.ended = false
    client.socket.on('data', chunk => this.bytes.push(chunk))
    client.on('packet', (data, { name, state }, buffer, full) => {
      this.packets.push({ name, state, data: { ...data } })
      if (full) this.bytes.push(full)
      this.emit('change')
    })
    client.on('end', () => {
      this.ended = true
      this.emit('change')
    })
  }

  describe () {
    return `backend saw ${this.packets.map(p => p.name).join(' ')}; chats ${JSON.stringify(this.chats)}`
  }

  all (name) {
    return this.packets.filter(packet => packet.name === name).map(packet => packet.data)
  }

  get handshake () {
    return this.all('set_protocol')[0]
  }

  get settings () {
    return this.all('settings').at(-1)
  }

  get brand () {
    const message = this.all('custom_payload')
      .findLast(({ channel }) => channel === 'MC|Brand' || channel === 'minecraft:brand')
    if (!message) return undefined
    const data = Buffer.from(message.data)
    // A VarInt length comes first, except in 1.7.
    return data.length > 0 && data[0] === data.length - 1 ? data.subarray(1).toString() : data.toString()
  }

  holds (marker) {
    return Buffer.concat(this.bytes).includes(marker)
  }
}

export class Backend extends EventEmitter {
  // options: version, port, compression (threshold or false),
  // refuse (words for everybody who logs in), x (of the spawn point),
  // shake (async, called with the client between the login and its join game),
  // introduce (async, called before the login goes on; what it throws is the words of a refusal)
  constructor (options) {
    super()
    this.setMaxListeners(0)
    this.options = options
    this.version = options.version
    this.players = []
    this.connections = 0
    this.errors = []
  }

  async start () {
    this.server = mc.createServer({
      version: this.version,
      host: '127.0.0.1',
      port: this.options.port ?? 0,
      'online-mode': false,
      keepAlive: true,
      hideErrors: true,
      validateChannelProtocol: false, // takes 40 ms a player, and only checks the library's own tables
      errorHandler: (client, error) => {
        this.errors.push(error)
        client._end()
      },
      beforeLogin: client => this.#beforeLogin(client)
    })
    this.server.on('connection', client => this.#connected(client))
    this.server.on('playerJoin', client => this.#joined(client))
    this.server.on('error', error => this.errors.push(error))
    await once(this.server, 'listening')
    this.port = this.server.socketServer.address().port
    return this
  }

  get address () {
    return `127.0.0.1:${this.port}`
  }

  describe () {
    return `${this.connections} connections, ${this.players.map(p => p.describe()).join('; ')}, ` +
      `errors ${this.errors.map(String).join('; ')}`
  }

  #connected (client) {
    this.connections += 1
    client.sekishoPlayer = new BackendPlayer(client)
    client.sekishoPlayer.on('change', () => this.emit('change'))
    // A protocol number that the library does not know is served with the newest tables.
    client.prependOnceListener('set_protocol', packet => {
      this.lastProtocol = packet.protocolVersion
      if (packet.protocolVersion > NEWEST) packet.protocolVersion = this.server.mcversion.version
      client.wireProtocol = this.lastProtocol
      if (client.wireProtocol >= 777) speak777(client)
    })
    if (this.options.refuse) {
      client.removeAllListeners('login_start')
      client.once('login_start', () => client.end(this.options.refuse))
    }
    if (this.options.introduce) this.#introduce(client)
    this.emit('change')
  }

  #introduce (client) {
    const [login] = client.listeners('login_start')
    client.removeAllListeners('login_start')
    client.once('login_start', async packet => {
      try {
        const introduction = this.options.introduce(client, packet)
        this.emit('change')
        client.sekishoPlayer.introduction = await introduction
        login(packet)
      } catch (error) {
        this.refused = error
        if (!client.ended) client.end(error.message)
        this.emit('change')
      }
    })
  }

  #beforeLogin (client) {
    const { compression } = this.options
    const write = client.write.bind(client)
    client.write = (name, params) => {
      if (name === 'compress') {
        if (compression === false) return
        write(name, { threshold: compression ?? 256 })
        client.compressionThreshold = compression ?? 256
        return
      }
      if (name === 'server_data') return
      if (name === 'success' && client.wireProtocol >= 776) {
        // Login success of 776 ends in a session id that the tables of 775 do not have.
        const packet = client.serializer.createPacketBuffer({ name, params })
        client.writeRaw(Buffer.concat([packet, Buffer.alloc(16, 1)]))
        return
      }
      write(name, params)
    }
    if (compression === false || compression !== undefined) {
      // The library sets its own threshold after the packet; keep ours.
      Object.defineProperty(client, 'compressionThreshold', {
        get: () => client.compressor?.compressionThreshold ?? -2,
        set: threshold => {
          if (compression !== false) client.setCompressionThreshold(compression ?? threshold)
        }
      })
    }
  }

  async #joined (client) {
    const player = client.sekishoPlayer
    player.username = client.username
    player.uuid = client.uuid
    if (this.options.shake) await this.options.shake(client)
    if (client.ended) return
    client.write('login', joinGame(this.version))
    client.write('position', {
      ...spawnPoint, x: this.options.x ?? spawnPoint.x, dx: 0, dy: 0, dz: 0, yaw: 0, pitch: 0, onGround: true,
      flags: positionFlags(this.version), teleportId: 1, dismountVehicle: false
    })
    client.write('update_health', { health: 20, food: 20, foodSaturation: 5 })
    const hear = ({ message }) => {
      player.chats.push(message)
      this.say(client, `<${client.username}> ${message}`)
      player.emit('change')
    }
    client.on('chat', hear)
    client.on('chat_message', hear)
    client.on('chat_command', ({ command }) => {
      player.chats.push('/' + command)
      player.emit('change')
    })
    this.players.push(player)
    this.emit('change')
  }

  say (client, text) {
    const protocol = this.server.mcversion.version
    const content = protocol >= 765 ? nbt.comp({ text: nbt.string(text) }) : JSON.stringify({ text })
    if (protocol >= 759) {
      client.write('system_chat', { content, type: 1, isActionBar: false })
    } else {
      client.write('chat', { message: content, position: 0, sender: '00000000-0000-0000-0000-000000000000' })
    }
  }

  kick (client, text) {
    const nbtText = this.server.mcversion.version >= 765
    client.end(text, nbtText ? nbt.comp({ text: nbt.string(text) }) : JSON.stringify({ text }))
  }

  joined (username) {
    return until(this, `the backend to be joined${username ? ` by ${username}` : ''}`,
      () => this.players.find(player => !username || player.username === username))
  }

  // Dies as a crashed server does: every socket is reset, the port refuses.
  crash () {
    for (const client of Object.values(this.server.clients)) client.socket.resetAndDestroy()
    this.server.socketServer.close()
  }

  stop () {
    for (const client of Object.values(this.server.clients)) client.socket.destroy()
    if (this.server.socketServer.listening) this.server.socketServer.close()
  }
}

export async function startBackend (t, options) {
  const backend = new Backend(options)
  t.after(() => backend.stop())
  return backend.start()
}
