// The usual scene: one game server of a version, Sekisho in front of it, players.
import { startBackend } from './backend.mjs'
import { startSekisho } from './sekisho.mjs'
import { joinAs } from './player.mjs'
import { until } from './wait.mjs'
import assert from 'node:assert/strict'

// options: version; backend (options), server (keys of the configured server), more (servers), rules (its file's
// text), and everything that Sekisho takes (config, files, policy).
export async function scene (t, options) {
  const backend = await startBackend(t, { version: options.version, ...options.backend })
  const files = { ...options.files }
  const server = { address: backend.address, ...options.server }
  if (options.rules !== undefined) {
    files['scripts/game.lua'] = options.rules
    server.rules = 'scripts/game.lua'
  }
  const sekisho = await startSekisho(t, { ...options, files, servers: { game: server, ...options.more } })
  const join = more => joinAs(t, { port: sekisho.port, version: options.version, ...more })
  return { backend, sekisho, join }
}

// Records are written by the store's own thread: waits until `count` of them are there.
export async function records (sekisho, count, patienceMs = 10000) {
  const end = Date.now() + patienceMs
  for (;;) {
    const found = sekisho.records()
    if (found.length >= count || Date.now() > end) {
      assert.equal(found.length, count, `consent records: ${JSON.stringify(found)}`)
      return found
    }
    await new Promise(resolve => setTimeout(resolve, 50))
  }
}

// Talks through the game server and back.
export async function chatRoundTrip (player, backend, words = 'is anybody here') {
  player.type(words)
  await player.hears(`<${player.username}> ${words}`)
  const seen = backend.players.findLast(({ username }) => username === player.username)
  await until(seen, 'the words at the game server', () => seen.chats.includes(words))
}

// Gets a newcomer through the gate into the game.
export async function letIn (player) {
  await player.accept()
  return player.playing()
}
