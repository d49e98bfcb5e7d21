// The real binary, in a folder of its own, with a configuration made for the test.
import { spawn, spawnSync } from 'node:child_process'
import { EventEmitter } from 'node:events'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import assert from 'node:assert/strict'
import { PATIENCE_MS, until } from './wait.mjs'

const root = fileURLToPath(new URL('../../../', import.meta.url))
export const binary = process.env.SEKISHO ?? path.join(root, 'build', 'sekisho')

export const policyTexts = {
  en: `---
title: Privacy policy of the test network
layout: page
---
# Privacy policy

We run *this* server. We keep **your name** to let you in.

## What we keep

- your player name
- when you accepted

1. first item
2. second item

> A quoted promise.

Ask us at [our page](https://example.net/privacy). The last word is ENDMARKEN.
`,
  ja: `---
title: 試験網の個人情報の取扱い
---
# 個人情報の取扱いについて

当サーバーは、参加のために**お名前**を記録します。

## 記録するもの

- プレイヤー名
- 同意の日時

お問い合わせは[こちら](https://example.net/ja)まで。最後の言葉はENDMARKJAです。
`
}

export const policyLua = `return {
  id = "test-network",
  version = "2026-01",
  effective = "2026-01-01",
  default_language = "en",
  languages = { "en", "ja" },
  purposes = {
    service = { keep = "365d" },
    analytics = { keep = "90d", optional = true },
  },
}
`

// What the policy says, without Markdown: every one of these must be readable in the game.
export const policyPhrases = {
  en: ['Privacy policy', 'We run this server. We keep your name to let you in.', 'What we keep',
    'your player name', 'when you accepted', 'first item', 'second item', 'A quoted promise.',
    'our page', 'ENDMARKEN'],
  ja: ['個人情報の取扱いについて', '参加のためにお名前を記録します。', '記録するもの',
    'プレイヤー名', '同意の日時', 'こちら', 'ENDMARKJA']
}

// A Lua literal; strings, numbers, booleans, arrays and tables are all that a configuration has.
export function lua (value) {
  if (Array.isArray(value)) return `{ ${value.map(lua).join(', ')} }`
  if (value && typeof value === 'object') {
    const entries = Object.entries(value).filter(([, v]) => v !== undefined)
    return `{ ${entries.map(([k, v]) => `[${JSON.stringify(k)}] = ${lua(v)}`).join(', ')} }`
  }
  return JSON.stringify(value)
}

export class Sekisho extends EventEmitter {
  // options: config (merged over the defaults), servers, files { path: text, or { text, mode } },
  // policy { language: text }, wrapper (a command line in front of the program's)
  constructor (options = {}) {
    super()
    this.setMaxListeners(0)
    this.folder = fs.mkdtempSync(path.join(os.tmpdir(), 'sekisho-e2e-'))
    this.addresses = []
    this.stderr = ''
    this.stdout = ''
    this.exit = null
    this.child = null
    this.wrapper = options.wrapper ?? []
    this.config = {
      listen: '127.0.0.1:0',
      auth: 'offline',
      servers: options.servers,
      try: options.servers ? Object.keys(options.servers) : undefined,
      policy: 'config/policy',
      store: 'sqlite:data/sekisho.db',
      limits: { connections_per_ip: 100, logins_per_ip: '1000/10s', login_timeout: '30s' },
      ...options.config
    }
    this.write('config/sekisho.lua', `return ${lua(this.config)}\n`)
    this.write('config/policy/policy.lua', policyLua)
    for (const [language, text] of Object.entries(options.policy ?? policyTexts)) {
      this.write(`config/policy/${language}.md`, text)
    }
    for (const [name, text] of Object.entries(options.files ?? {})) this.write(name, text)
  }

  path (name) {
    return path.join(this.folder, name)
  }

  write (name, content) {
    fs.mkdirSync(path.dirname(this.path(name)), { recursive: true })
    fs.writeFileSync(this.path(name), content.text ?? content, { mode: content.mode })
  }

  get port () {
    return this.addresses[0].port
  }

  describe () {
    return `exit ${JSON.stringify(this.exit)}, stderr:\n${this.stderr.slice(-3000)}`
  }

  // Starts `sekisho run` and waits until it serves.
  async start () {
    this.exit = null
    this.addresses = []
    this.stdout = ''
    const [program, ...args] = [...this.wrapper, binary, 'run', '-c', 'config/sekisho.lua']
    this.child = spawn(program, args, { cwd: this.folder, stdio: ['ignore', 'pipe', 'pipe'] })
    for (const stream of ['stdout', 'stderr']) {
      this.child[stream].setEncoding('utf8')
      this.child[stream].on('data', text => {
        this[stream] += text
        this.#findReady()
        this.emit('change')
      })
    }
    this.child.on('error', error => {
      this.exit = { code: null, signal: null, error: error.message }
      this.emit('change')
    })
    this.child.on('close', (code, signal) => {
      this.exit = { code, signal }
      this.emit('change')
    })
    await until(this, 'the ready line', () => this.addresses.length > 0 || this.exit)
    if (this.exit) throw new Error(`sekisho did not start: ${this.describe()}`)
    return this
  }

  #findReady () {
    const lines = this.stdout.matchAll(/ready: listening on (\S+):(\d+)\s/g)
    this.addresses = [...lines].map(([, host, port]) => ({ host, port: Number(port) }))
  }

  async exited (patienceMs = PATIENCE_MS) {
    return until(this, 'the process to end', () => this.exit, patienceMs)
  }

  // SIGTERM; the process must drain and exit 0.
  async stop () {
    if (this.child && !this.exit) {
      this.child.kill('SIGTERM')
      const exit = await this.exited().catch(error => {
        this.child.kill('SIGKILL')
        throw error
      })
      assert.deepEqual(exit, { code: 0, signal: null }, `SIGTERM must end in exit 0: ${this.describe()}`)
    }
    assert.doesNotMatch(this.stderr, /(Address|UndefinedBehavior|Leak)Sanitizer|runtime error/,
      'sanitizers found something')
  }

  async kill () {
    if (!this.child || this.exit) return
    this.child.kill('SIGKILL')
    await this.exited()
  }

  // Ends and forgets everything, whatever state it is in. For after hooks.
  async dispose () {
    try {
      await this.stop()
    } finally {
      await this.kill()
      fs.rmSync(this.folder, { recursive: true, force: true })
    }
  }

  // Runs a subcommand: { status, stdout, stderr }.
  command (...args) {
    return spawnSync(binary, args,
      { cwd: this.folder, encoding: 'utf8', timeout: PATIENCE_MS })
  }

  // The consent records, oldest first.
  records (...filter) {
    const result = this.command('consent', 'list', '-c', 'config/sekisho.lua', '--json', ...filter)
    assert.equal(result.status, 0, result.stderr)
    return result.stdout.split('\n').filter(Boolean).map(line => JSON.parse(line))
  }

  // The bytes of every file of the store.
  storeBytes () {
    const folder = this.path('data')
    if (!fs.existsSync(folder)) return Buffer.alloc(0)
    return Buffer.concat(fs.readdirSync(folder).map(name => fs.readFileSync(path.join(folder, name))))
  }

  sql (query) {
    const result = spawnSync('sqlite3', ['-json', '-cmd', '.timeout 20000', this.path('data/sekisho.db'), query],
      { encoding: 'utf8' })
    assert.equal(result.status, 0, result.stderr)
    return result.stdout.trim() ? JSON.parse(result.stdout) : []
  }

  // Every row of every table that mentions `value` as a whole column.
  rowsWith (value) {
    const tables = this.sql("SELECT name FROM sqlite_master WHERE type = 'table'")
    return tables.flatMap(({ name }) => this.sql(`SELECT * FROM "${name}"`))
      .filter(row => Object.values(row).includes(value))
  }

  // Resident memory in KiB.
  memoryKib () {
    const status = fs.readFileSync(`/proc/${this.child.pid}/status`, 'utf8')
    return Number(/VmRSS:\s+(\d+) kB/.exec(status)[1])
  }
}

// Starts one for a test and ends it with the test.
export async function startSekisho (t, options) {
  const sekisho = new Sekisho(options)
  t.after(() => sekisho.dispose())
  return sekisho.start()
}
