// An independent bot library, which keeps a world and a body: it must get through the gate, too.
import test from 'node:test'
import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import { scene } from './lib/scene.mjs'
import { PATIENCE_MS, until } from './lib/wait.mjs'
import { freshName } from './lib/player.mjs'
import { spawnPoint } from './lib/backend.mjs'

const mineflayer = createRequire(import.meta.url)('mineflayer')

for (const version of ['1.8.8', '1.16.5', '1.20.4', '1.21.4']) {
  test(`${version}: a mineflayer bot accepts and spawns in the game`, async t => {
    const { backend, sekisho } = await scene(t, { version })
    const bot = mineflayer.createBot({
      host: '127.0.0.1', port: sekisho.port, username: freshName('Bot'), version, auth: 'offline',
      hideErrors: true, physicsEnabled: false
    })
    t.after(() => bot.end())
    await new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`no spawn; ${sekisho.describe()}`)), PATIENCE_MS)
      t.after(() => clearTimeout(timer))
      let answered = false
      bot.on('messagestr', text => {
        if (answered || !/accept/i.test(text)) return
        answered = true
        bot.chat('/accept')
      })
      // Standing in the limbo may count as a spawn; the game server's place is what we wait for.
      const look = () => { if (bot.entity?.position.x === spawnPoint.x) resolve() }
      bot.on('spawn', look)
      bot.on('move', look)
      bot.on('kicked', reason => reject(new Error(`kicked: ${JSON.stringify(reason)}`)))
      bot.on('error', reject)
      bot.on('end', reason => reject(new Error(`ended: ${reason}`)))
    })
    bot.chat('hello from the bot')
    const seen = await backend.joined(bot.username)
    await until(seen, 'the bot\'s words', () => seen.chats.includes('hello from the bot'))
    assert.equal(sekisho.records()[0].decision, 'accepted')
  })
}
