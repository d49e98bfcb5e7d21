// Two game servers, one of which asks for a policy of its own besides.
import { startBackend } from './backend.mjs'
import { joinAs } from './player.mjs'
import { startSekisho, policyLua } from './sekisho.mjs'

export const addedLua = policyLua.replace('test-network', 'survival-rules')
  .replace(/purposes = [^]*/, 'purposes = {\n    maps = { keep = "30d" },\n    heat = { keep = "30d", optional = true },\n  },\n}\n')
const words = text => `# Of the survival server\n\n${text}\n`
export const added = (text = 'The words of the survival server.', lua = addedLua) => ({
  'config/survival/policy.lua': lua, 'config/survival/en.md': words(text), 'config/survival/ja.md': words(text)
})
export const rules = 'collect "chat.command" { purpose = "maps", keep = "7d" }\nforward "client.brand" { purpose = "heat", form = full }\n'

// lobby asks for nothing more, survival (where x = 1000.5) does; `order` is `try`.
export async function twoServers (t, version, order, files = added(), more = {}) {
  const lobby = await startBackend(t, { version })
  const survival = await startBackend(t, { version, x: 1000.5 })
  const sekisho = await startSekisho(t, {
    servers: {
      lobby: { address: lobby.address },
      survival: { address: survival.address, policy: 'config/survival', rules: 'scripts/survival.lua' }
    },
    config: { try: order, ...more.config },
    files: { 'scripts/survival.lua': rules, ...files }
  })
  const join = more => joinAs(t, { port: sekisho.port, version, ...more })
  return { lobby, survival, sekisho, join }
}

export const ofSurvival = player => player.until('the added policy', () => /The\s+words\s+of\s+the\s+survival\s+server/.test(player.shown))

// What was on the screen before is no answer to what comes.
export function forget (player) {
  player.dialogs.length = player.books.length = player.chats.length = 0
  player.bookOpened = false
}
