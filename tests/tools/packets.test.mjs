// The committed packet table against the minecraft-data package.

import assert from 'node:assert'
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import test from 'node:test'
import { fileURLToPath } from 'node:url'

const root = new URL('../../', import.meta.url)

test('the committed packet table is what the generator writes', () => {
  const generator = fileURLToPath(new URL('tests/tools/packets.mjs', root))
  const written = execFileSync(process.execPath, [generator], { encoding: 'utf8', maxBuffer: 1 << 26 })
  assert.strictEqual(readFileSync(new URL('core/protocol/packets_table.inc', root), 'utf8'), written)
})
