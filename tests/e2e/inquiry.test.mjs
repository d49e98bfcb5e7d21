// What players asked, as those who run the servers see it.
import test from 'node:test'
import assert from 'node:assert/strict'
import { Sekisho, startSekisho } from './lib/sekisho.mjs'

const inquiry = (sekisho, ...words) => sekisho.command('inquiry', ...words, '-c', 'config/sekisho.lua')

test('without a store there are no inquiries, and none is made', t => {
  const sekisho = new Sekisho()
  t.after(() => sekisho.dispose())
  const { status, stdout } = inquiry(sekisho, 'list')
  assert.equal(status, 0)
  assert.match(stdout, /no inquiries/)
  assert.equal(inquiry(sekisho, 'answered', '1').status, 1)
  assert.equal(sekisho.storeBytes().length, 0)
})

test('what cannot be done is told with the remedy', async t => {
  const sekisho = await startSekisho(t)
  for (const [words, said] of [
    [['show', '7'], /no inquiry 7; sekisho inquiry list/],
    [['answered', '7'], /no inquiry 7; sekisho inquiry list/],
    [['show'], /needs the number/],
    [['show', 'x'], /needs the number/],
    [['show', '-1'], /no option -1/],
    [['list', '1'], /show NUMBER/],
    [['erase', '1'], /it has list, show and answered/]
  ]) {
    const { status, stderr } = inquiry(sekisho, ...words)
    assert.equal(status, 1, words.join(' '))
    assert.match(stderr, said)
  }
})
