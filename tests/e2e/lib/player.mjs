// A player: a real minecraft-protocol client that can read the policy by whatever means it is
// shown, and answer as a vanilla client would.
import { createRequire } from 'node:module'
import { EventEmitter } from 'node:events'
import net from 'node:net'
import { until } from './wait.mjs'
import { plain, clicks, component } from './text.mjs'
import { Dialog, customClick } from './dialog.mjs'
import { speak777, varint } from './release777.mjs'
import { spawnPoint } from './backend.mjs'

const require = createRequire(import.meta.url)
const mc = require('minecraft-protocol')
const minecraftData = require('minecraft-data')
const nbt = require('prismarine-nbt')

let names = 0

export function freshName (prefix = 'Player') {
  names += 1
  return `${prefix}${process.pid % 10000}_${names}`
}

export class Player extends EventEmitter {
  // options: port, version; username, protocol (number in the handshake), locale, brand, host,
  // address (local address to connect from), silent (sends neither settings nor brand),
  // auth and sessionServer (of an account, see accounts.mjs)
  // header (bytes in front of everything, as a PROXY header)
  constructor (options) {
    super()
    this.setMaxListeners(0)
    this.options = { locale: 'en_us', brand: 'vanilla', username: freshName(), ...options }
    this.username = this.options.username
    this.protocol = this.options.protocol ?? minecraftData(this.options.version).version.version
    this.dialogs = []
    this.dialogsCleared = 0
    this.books = [] // each a list of pages: { text, clicks }, with its title from 1.20.5 on
    this.bookOpened = false
    this.chats = [] // { text, clicks }
    this.positions = []
    this.packets = [] // names, with their state
    this.errors = []
    this.disconnect = null // { text }
    this.ended = false
    this.#connect()
  }

  #connect () {
    const { options } = this
    const clientOptions = {
      host: '127.0.0.1',
      port: options.port,
      connect: client => {
        const host = net.isIPv6(options.address ?? '') ? '::1' : '127.0.0.1'
        const socket = net.connect({ host, port: options.port, localAddress: options.address })
        if (options.header) socket.write(options.header)
        client.setSocket(socket)
      },
      fakeHost: options.host,
      username: this.username,
      version: options.version,
      auth: options.auth ?? 'offline',
      sessionServer: options.sessionServer,
      hideErrors: true,
      validateChannelProtocol: false, // as in backend.mjs
      clientSettings: { locale: options.locale }
    }
    this.client = mc.createClient(clientOptions)
    this.client.setMaxListeners(0) // the library adds some at each change of servers
    // Read when the socket is connected, which is later than now.
    clientOptions.protocolVersion = this.protocol
    if (this.protocol >= 777) speak777(this.client)
    this.#listen()
  }

  #listen () {
    const { client } = this
    client.on('packet', (data, { name, state }) => {
      this.packets.push(`${state}.${name}`)
      this.#read(name, data)
      this.emit('change')
    })
    client.on('state', state => {
      if (state === 'configuration') this.#brand()
      this.emit('change')
    })
    client.on('error', error => {
      this.errors.push(error)
      this.emit('change')
    })
    client.on('end', () => {
      this.ended = true
      this.emit('change')
    })
  }

  #read (name, data) {
    switch (name) {
      case 'show_dialog':
        this.dialogs.push(new Dialog(data.dialog.data ?? data.dialog))
        break
      case 'clear_dialog': this.dialogsCleared += 1; break
      case 'set_slot': this.#item(data.item); break
      case 'window_items': data.items.forEach(item => this.#item(item)); break
      case 'set_player_inventory': this.#item(data.contents); break
      case 'open_book': this.bookOpened = true; break
      case 'custom_payload':
        if (/^(MC\|BOpen|minecraft:book_open)$/.test(data.channel)) this.bookOpened = true
        break
      case 'chat': this.#chat(data.message); break
      case 'system_chat': this.#chat(data.content); break
      case 'profileless_chat': this.#chat(data.message); break
      case 'disconnect':
      case 'kick_disconnect':
        this.disconnect = { text: plain(data.reason), clicks: clicks(data.reason) }
        break
      case 'login': this.#joined(); break
      case 'position': this.#moved(data); break
    }
  }

  #chat (message) {
    this.chats.push({ text: plain(message), clicks: clicks(message) })
  }

  // Keeps the pages of a written book, from either form of an item.
  #item (item) {
    const old = item?.nbtData ? nbt.simplify(item.nbtData).pages : undefined
    const content = item?.components?.find(({ type }) => type === 'written_book_content')
    const pages = old ?? content?.data.pages.map(page => page.content ?? page.raw ?? page)
    if (!pages?.length) return
    const book = pages.map(page => {
      const parsed = component(page)
      return { text: plain(parsed), clicks: clicks(parsed) }
    })
    this.books.push(Object.assign(book, { title: content?.data.rawTitle }))
  }

  #brand () {
    if (this.options.silent) return
    const text = Buffer.from(this.options.brand)
    const data = this.protocol < 47 ? text : Buffer.concat([varint(text.length), text])
    const channel = this.protocol < 393 ? 'MC|Brand' : 'minecraft:brand'
    this.client.write('custom_payload', { channel, data })
  }

  // Before 764 a client tells its settings and brand after join game.
  #joined () {
    if (this.protocol >= 764) return
    this.#brand()
    if (this.options.silent) return
    this.client.write('settings', {
      locale: this.options.locale,
      viewDistance: 8,
      chatFlags: 0,
      chatColors: true,
      difficulty: 1,
      showCape: true,
      skinParts: 127,
      mainHand: 1,
      disableTextFiltering: false,
      enableTextFiltering: false,
      enableServerListing: true
    })
  }

  #moved (at) {
    this.positions.push(at)
    if (this.protocol >= 107) this.client.write('teleport_confirm', { teleportId: at.teleportId })
    this.client.write('position_look', {
      x: at.x, y: at.y, stance: at.y + 1.62, z: at.z, yaw: 0, pitch: 0, onGround: true,
      flags: { onGround: true, hasHorizontalCollision: false }
    })
    if (this.protocol >= 769 && !this.loaded) {
      this.loaded = true
      this.client.write('player_loaded', {})
    }
  }

  describe () {
    const errors = this.errors.map(error => error.message?.slice(0, 300)).join('; ')
    return `${this.username} (${this.options.version}, ${this.protocol}) in ${this.client.state}, ` +
      `ended ${this.ended}, disconnect ${JSON.stringify(this.disconnect?.text)}, errors [${errors}], ` +
      `chats ${JSON.stringify(this.chats.slice(-8).map(chat => chat.text.slice(0, 80)))}, ` +
      `last packets ${this.packets.slice(-15).join(' ')}`
  }

  // Waits; a player who was put out before fails at once instead of waiting on.
  until (what, probe, patienceMs) {
    return until(this, `${this.username} to see ${what}`, () => {
      const value = probe()
      if (!value && this.ended) throw new Error(`never saw ${what}: ${this.describe()}`)
      return value
    }, patienceMs)
  }

  get dialog () {
    return this.dialogs.at(-1)
  }

  get book () {
    return this.books.at(-1)
  }

  get chatText () {
    return this.chats.map(chat => chat.text).join('\n')
  }

  // Everything that this player could read so far.
  get shown () {
    const books = this.books.flatMap(pages => pages.map(page => page.text))
    return [...this.dialogs.map(dialog => dialog.text), ...books, this.chatText].join('\n')
  }

  get means () {
    if (this.protocol >= 771) return 'dialog'
    return this.protocol >= 47 ? 'book' : 'chat'
  }

  // Waits until the policy is shown by the best means of this version, whole, with its answers.
  async gate () {
    await this.until('the gate', () => {
      switch (this.means) {
        case 'dialog': return this.dialog
        case 'book': return this.book && this.bookOpened && this.#clickFor('accept')
        default: return this.#clickFor('accept')
      }
    })
    return this
  }

  #clickFor (answer) {
    const pages = this.book ?? []
    const all = [...pages.flatMap(page => page.clicks), ...this.chats.flatMap(chat => chat.clicks)]
    return all.find(click => click.action.endsWith('run_command') &&
      new RegExp(`^/?${answer}\\b`).test(click.value))
  }

  // Turns the pages of a policy that is shown in chat (1.7) until there are no more.
  async turnPages () {
    for (let page = 1; page < 200; page++) {
      const next = this.chats.flatMap(chat => chat.clicks)
        .find(click => click.value === `/policy ${page + 1}` || click.value === `policy ${page + 1}`)
      if (!next) return
      const before = this.chats.length
      this.type(next.value)
      await this.until(`page ${page + 1}`, () => this.chats.length > before)
    }
  }

  // Answers by a click where the version has one; `how` 'command' types it instead.
  async answer (answer, how = 'click') {
    await this.gate()
    if (how === 'command') return this.type(`/${answer}`)
    if (this.means === 'dialog') {
      const { id, payload } = this.dialog.button(answer)
      return this.click(id, payload)
    }
    this.type(this.#clickFor(answer).value)
  }

  click (id, payload) {
    const packet = this.client.state === 'configuration' ? 0x08 : this.protocol >= 775 ? 0x44 : 0x41
    this.client.writeRaw(Buffer.concat([varint(packet), customClick(id, payload)]))
  }

  // Types a line into the chat, or runs the command of a clicked text.
  type (text) {
    if (this.client.chat) this.client.chat(text)
    else this.client.write('chat', { message: text })
  }

  accept (how) {
    return this.answer('accept', how)
  }

  decline (how) {
    return this.answer('decline', how)
  }

  // Waits until the player stands in the world of a backend.
  async playing (x = spawnPoint.x) {
    await this.until(`the game (x = ${x})`, () => this.positions.at(-1)?.x === x)
    return this
  }

  async hears (text) {
    await this.until(`"${text}" in the chat`, () => this.chatText.includes(text))
  }

  // Waits until the connection has ended; returns the words that the player was given.
  async gone () {
    await until(this, `${this.username} to be disconnected`, () => this.ended)
    return this.disconnect?.text ?? ''
  }

  // Hangs up, as a closed window does.
  leave () {
    this.client.socket?.destroy()
  }
}

export function joinAs (t, options) {
  const player = new Player(options)
  t.after(() => player.leave())
  return player
}
