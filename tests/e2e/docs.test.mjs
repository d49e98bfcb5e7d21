// What the documents about rules show is loaded, and the tests among it are run.
import test from 'node:test'
import assert from 'node:assert/strict'
import fs from 'node:fs'
import { Sekisho } from './lib/sekisho.mjs'

const pages = ['docs/rules.md', 'docs/rules-guide.md', 'docs/rules-guide.ja.md']

function blocksOf (page) {
  const lines = fs.readFileSync(new URL(`../../${page}`, import.meta.url), 'utf8').split('\n')
  const blocks = []
  let block = null
  lines.forEach((line, index) => {
    if (block && line.startsWith('```')) {
      blocks.push(block)
      block = null
    } else if (block) {
      block.text += line + '\n'
    } else if (line === '```lua') {
      block = { line: index + 1, text: '' }
    }
  })
  return blocks
}

const configuration = servers => `return {\n  auth = "offline",\n  ${servers}\n}\n`
const lobby = configuration('servers = { lobby = { address = "127.0.0.1:25566", rules = "scripts/lobby.lua" } },')

for (const page of pages) {
  const blocks = blocksOf(page)
  test(`${page} has examples`, () => assert.ok(blocks.length >= 5))
  let rules = ''
  for (const { line, text } of blocks) {
    const before = rules
    const isTest = text.startsWith('test(')
    const isConfiguration = text.startsWith('servers')
    if (!isTest && !isConfiguration) rules = text
    test(`the example at ${page}:${line} works`, t => {
      const sekisho = new Sekisho({
        files: {
          'config/sekisho.lua': isConfiguration ? configuration(text) : lobby,
          'scripts/lobby.lua': isTest ? before : isConfiguration ? '' : text,
          'scripts/lobby.shadow.lua': '',
          'scripts/common.lua': ''
        }
      })
      t.after(() => sekisho.dispose())
      if (isTest) sekisho.write('scripts/lobby_test.lua', text)
      const { status, stdout, stderr } = sekisho.command(isTest ? 'test' : 'check')
      assert.equal(status, 0, stdout + stderr)
      if (isTest) assert.match(stdout, /^ok .*\n1 passed, 0 failed\n$/)
    })
  }
}
