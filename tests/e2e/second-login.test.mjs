// One player is in the game once: who joins again takes the place of the earlier connection.
import test from 'node:test'
import assert from 'node:assert/strict'
import { letIn, records, chatRoundTrip } from './lib/scene.mjs'
import { onlineScene } from './lib/accounts.mjs'
import { until } from './lib/wait.mjs'

for (const auth of ['online', 'offline']) {
  for (const version of ['1.8.8', '1.20.4', '1.21.6']) {
    test(`${version}, ${auth}: who joins a second time ends the first connection, which is told`, async t => {
      const { accounts, backend, sekisho, joinWith } = await onlineScene(t, { version, config: { auth } })
      const person = accounts.create('TwoPlaces')
      const login = auth === 'online' ? {} : { auth: 'offline' }
      const first = await letIn(joinWith(person, login))
      const seen = await backend.joined()
      const second = joinWith(person, login)
      assert.match(await first.gone(), /joined again/)
      await second.playing()
      await until(seen, 'the first to be gone from the game server', () => seen.ended)
      await chatRoundTrip(second, backend)
      assert.equal(sekisho.records().length, 1)
      second.leave()
      const slow = accounts.create('StillReading')
      const reader = joinWith(slow, login)
      await reader.gate()
      const again = joinWith(slow, login)
      assert.match(await reader.gone(), /joined again/)
      await letIn(again)
      const found = await records(sekisho, 3)
      assert.deepEqual(found.map(({ decision }) => decision).sort(), ['accepted', 'accepted', 'timed_out'])
    })
  }
}
