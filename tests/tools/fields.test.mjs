// The tables of fields in the documents against the catalogue.

import assert from 'node:assert'
import { execFileSync } from 'node:child_process'
import test from 'node:test'
import { fileURLToPath } from 'node:url'

import { pages, readFields } from './fields.mjs'

test('every field of the program is read from the catalogue', () => {
  const program = process.env.SEKISHO ?? fileURLToPath(new URL('../../build/sekisho', import.meta.url))
  const told = execFileSync(program, ['explain'], { encoding: 'utf8' })
  const entries = readFields().map(({ name, kept, told }) => ({ name, kept, told }))
  const said = told.split(/^(?=\S)/m).map(entry => ({
    name: entry.slice(0, entry.indexOf(' ')),
    kept: /kept as: (.*)/.exec(entry)?.[1].split(', ') ?? [],
    told: /told as: (.*)/.exec(entry)?.[1].split(', ') ?? []
  }))
  assert.deepStrictEqual(entries, said)
})

for (const { path, is, shouldBe } of pages()) {
  test(`${path} has the table of fields that tests/tools/fields.mjs --write writes`, () => {
    assert.strictEqual(is, shouldBe)
  })
}
