// The whole story in one terminal: `make demo`. A game server, Sekisho in front of it, and players
// that are scripted but real clients. Nothing outside of a temporary folder is touched.
import fs from 'node:fs'
import { fileURLToPath } from 'node:url'
import { startBackend } from './lib/backend.mjs'
import { startSekisho } from './lib/sekisho.mjs'
import { joinAs } from './lib/player.mjs'
import { until } from './lib/wait.mjs'

const project = name => fs.readFileSync(fileURLToPath(new URL(`../../${name}`, import.meta.url)), 'utf8')
const cleanups = []
const scene = { after: cleanup => cleanups.unshift(cleanup) }

const say = (...lines) => lines.forEach(line => console.log(line))
const step = text => say('', `== ${text}`)
const indented = text => text.trimEnd().split('\n').map(line => `   ${line}`).join('\n')

function firstLines (text, count) {
  const lines = text.split('\n').map(line => line.trim()).filter(Boolean)
  return [...lines.slice(0, count), lines.length > count ? `... (${lines.length} lines in all)` : '']
    .filter(Boolean).join('\n')
}

async function plays (player, backend) {
  await player.playing()
  player.type('hello')
  await player.hears('hello')
  const seen = await backend.joined(player.username)
  await until(seen, 'the settings', () => seen.settings && seen.brand !== undefined)
  return seen
}

async function story () {
  step('A game server, and Sekisho in front of it')
  const backend = await startBackend(scene, { version: '1.21.6' })
  const sekisho = await startSekisho(scene, {
    servers: { survival: { address: backend.address, rules: 'scripts/survival.lua', forwarding: 'legacy' } },
    policy: { en: project('config/policy/en.md'), ja: project('config/policy/ja.md') },
    files: {
      'config/policy/policy.lua': project('config/policy/policy.lua'),
      'scripts/survival.lua': project('scripts/survival.lua')
    }
  })
  say(`   ${sekisho.stdout.trim()}`, `   the game server listens on ${backend.address}`)

  step('A newcomer joins, in Minecraft 1.21.6, and is shown the policy')
  const client = { port: sekisho.port, version: '1.21.6', host: 'play.example.net', brand: 'fabric' }
  const newcomer = joinAs(scene, { ...client, username: 'Newcomer', locale: 'ja_jp' })
  await newcomer.gate()
  say(indented(firstLines(newcomer.shown, 8)), `   connections that the game server has seen: ${backend.connections}`)

  step('The newcomer accepts. The answer is on disk before the game server hears of it; then the player plays')
  await newcomer.accept()
  const seen = await plays(newcomer, backend)
  const [host, address] = seen.handshake.serverHost.split('\0')
  say(`   in the chat: ${newcomer.chats.at(-1).text}`,
    '   what the game server was told, and what it would have been told without Sekisho:',
    `     host name  ${host.padEnd(42)} play.example.net`,
    `     address    ${address.padEnd(42)} 127.0.0.1`,
    `     brand      ${seen.brand.padEnd(42)} fabric`,
    `     locale     ${seen.settings.locale.padEnd(42)} ja_jp (scripts/survival.lua forwards it)`)

  step('The player comes back: known, and nothing is shown')
  newcomer.leave()
  const again = joinAs(scene, { ...client, username: 'Newcomer', locale: 'ja_jp' })
  await again.playing()
  say(`   in the game; policies shown: ${again.dialogs.length}`)

  step('Somebody else joins in English, and declines')
  const other = joinAs(scene, { ...client, username: 'Visitor' })
  await other.decline()
  say(indented(await other.gone()))

  step('The record: sekisho consent list')
  say(indented(sekisho.command('consent', 'list').stdout))
  step('The same for programs: sekisho consent list --json --player Newcomer')
  say(indented(sekisho.command('consent', 'list', '--json', '--player', 'Newcomer').stdout))

  step('Nobody changed, removed or added one: sekisho ledger verify')
  say(indented(sekisho.command('ledger', 'verify').stdout))

  step('One decision explained: sekisho explain survival connection.ip')
  say(indented(sekisho.command('explain', 'survival', 'connection.ip').stdout))
}

try {
  await story()
} finally {
  for (const cleanup of cleanups) await cleanup()
}
process.exit(0)
