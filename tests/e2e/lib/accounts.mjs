// A session service of a community's own, on loopback: accounts, join and hasJoined, and all that
// can be wrong with it. The protocol is written down again here, independently of Sekisho.
import crypto from 'node:crypto'
import http from 'node:http'
import { EventEmitter, once } from 'node:events'
import { scene } from './scene.mjs'

export class Accounts extends EventEmitter {
  constructor () {
    super()
    this.setMaxListeners(0)
    this.people = new Map() // by access token
    this.joined = new Map() // by server id: the person
    this.asked = [] // the query of each hasJoined
    this.sockets = new Set()
    this.modes = [] // what the next answers are; then `mode`
    this.mode = 'normal'
  }

  async start () {
    this.server = http.createServer((request, response) => this.#serve(request, response))
    this.server.keepAliveTimeout = 60000
    this.server.on('connection', socket => this.sockets.add(socket))
    this.server.listen(this.port ?? 0, '127.0.0.1')
    await once(this.server, 'listening')
    this.port = this.server.address().port
    return this
  }

  get url () {
    return `http://127.0.0.1:${this.port}`
  }

  // An account: { id (without dashes), name, token, properties }.
  create (name, more = {}) {
    const person = {
      id: crypto.randomUUID().replaceAll('-', ''),
      name,
      token: crypto.randomUUID(),
      properties: [{
        name: 'textures',
        value: Buffer.from(JSON.stringify({ skin: name })).toString('base64'),
        signature: crypto.randomBytes(96).toString('base64')
      }],
      ...more
    }
    this.people.set(person.token, person)
    return person
  }

  async #serve (request, response) {
    const url = new URL(request.url, this.url)
    if (request.method === 'POST' && url.pathname === '/session/minecraft/join') {
      let body = ''
      for await (const part of request) body += part
      const { accessToken, selectedProfile, serverId } = JSON.parse(body)
      const person = this.people.get(accessToken)
      if (person?.id !== selectedProfile) {
        response.writeHead(403).end('{"error":"ForbiddenOperationException"}')
        return
      }
      this.joined.set(serverId, person)
      response.writeHead(204).end()
    } else if (request.method === 'GET' && url.pathname === '/session/minecraft/hasJoined') {
      const query = Object.fromEntries(url.searchParams)
      this.asked.push(query)
      this.emit('change')
      this.#answer(query, response)
    } else {
      response.writeHead(404).end()
    }
  }

  #answer (query, response) {
    const found = this.joined.get(query.serverId)
    const person = found?.name.toLowerCase() === query.username.toLowerCase() ? found : undefined
    const profile = person && { id: person.id, name: person.name, properties: person.properties }
    const say = body => response.writeHead(200, { 'Content-Type': 'application/json' }).end(body)
    switch (this.modes.shift() ?? this.mode) {
      case 'normal': return profile ? say(JSON.stringify(profile)) : response.writeHead(204).end()
      case 'no': return response.writeHead(204).end()
      case 'forbidden': return response.writeHead(403).end('{"error":"no"}')
      case 'garbage': return say('<html>hello</html>')
      case 'megabytes': return say(JSON.stringify({ ...profile, properties: [{ name: 'x', value: 'A'.repeat(8e6) }] }))
      case 'many': return say(JSON.stringify({ ...profile, properties: Array(100).fill({ name: 'x', value: 'y' }) }))
      case 'another': return say(JSON.stringify({ ...profile, name: 'SomebodyElse' }))
      case 'no-uuid': return say(JSON.stringify({ ...profile, id: 'not-a-uuid' }))
      case 'redirect': return response.writeHead(302, { Location: `${this.url}/elsewhere` }).end(JSON.stringify(profile))
      case 'error': return response.writeHead(503).end('later')
      case 'reset': return response.socket.resetAndDestroy()
      case 'silent': return undefined
      case 'drops': return this.#drip(response, JSON.stringify(profile))
    }
  }

  // So slowly that its end is not worth waiting for.
  #drip (response, text) {
    response.writeHead(200, { 'Content-Length': text.length })
    const drops = text[Symbol.iterator]()
    const timer = setInterval(() => response.write(drops.next().value), 200)
    response.on('close', () => clearInterval(timer))
  }

  async stop () {
    for (const socket of this.sockets) socket.destroy()
    if (!this.server.listening) return
    this.server.close()
    await once(this.server, 'close')
  }
}

export async function startAccounts (t) {
  const accounts = new Accounts()
  t.after(() => accounts.stop())
  return accounts.start()
}

// How minecraft-protocol logs in with an account of these: options for a Player.
export function loginOf (accounts, person, profileKeys) {
  return {
    username: person.name,
    sessionServer: accounts.url,
    auth: (client, options) => {
      const profile = { id: person.id, name: person.name }
      client.username = person.name
      client.session = { accessToken: person.token, selectedProfile: profile, availableProfiles: [profile] }
      options.accessToken = person.token
      options.haveCredentials = true
      if (profileKeys) Object.assign(client, { profileKeys })
      options.connect(client)
    }
  }
}

// A chat key as the account service hands it out to a player.
export function chatKeys () {
  const { publicKey, privateKey } = crypto.generateKeyPairSync('rsa', { modulusLength: 2048 })
  return {
    public: publicKey,
    private: privateKey,
    signature: crypto.randomBytes(512),
    signatureV2: crypto.randomBytes(512),
    expiresOn: new Date(Date.now() + 3600e3),
    refreshAfter: new Date(Date.now() + 1800e3)
  }
}

export const dashed = id => id.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')

// The usual scene in online mode; `joinWith` joins as an account. `serviceHost` is a name of this machine.
export async function onlineScene (t, options) {
  const accounts = await startAccounts(t)
  const service = accounts.url.replace('127.0.0.1', options.serviceHost ?? '127.0.0.1')
  const config = { auth: 'online', session_server: service, ...options.config }
  const all = await scene(t, { ...options, config })
  const joinWith = (person, more, keys) => all.join({ ...loginOf(accounts, person, keys), ...more })
  return { ...all, accounts, joinWith }
}
