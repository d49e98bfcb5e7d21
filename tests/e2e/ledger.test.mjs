// The ledger: it holds, tampering is named, and proofs are checked by other means than ours.
import test from 'node:test'
import assert from 'node:assert/strict'
import crypto from 'node:crypto'
import fs from 'node:fs'
import { spawnSync } from 'node:child_process'
import { scene, letIn, records } from './lib/scene.mjs'
import { until } from './lib/wait.mjs'

const conf = ['-c', 'config/sekisho.lua']

// Three players who accepted; then the proxy has ended, and signed all there is.
async function recorded (t) {
  const { sekisho, join } = await scene(t, { version: '1.16.5' })
  const players = []
  for (let i = 0; i < 3; i++) players.push(await letIn(join()))
  await records(sekisho, 3)
  await sekisho.stop()
  return { sekisho, names: players.map(player => player.username) }
}

function sql (sekisho, statement) {
  const { status, stdout, stderr } = spawnSync('sqlite3', [sekisho.path('data/sekisho.db'), statement], { encoding: 'utf8' })
  assert.equal(status, 0, stderr)
  return stdout.trim()
}

function ledger (sekisho, ...args) {
  return sekisho.command('ledger', ...args)
}

test('a ledger that nobody touched holds, with all of it signed', async t => {
  const { sekisho } = await recorded(t)
  const { status, stdout } = ledger(sekisho, 'verify', ...conf)
  assert.equal(status, 0, stdout)
  assert.match(stdout, /^the ledger holds: 3 records; \d+ signed heads hold, the newest over 3 records, of \d{4}-/)
  assert.doesNotMatch(stdout, /not signed yet/)
})

test('before anything was recorded there is nothing to verify, and that is said', async t => {
  const { sekisho } = await scene(t, { version: '1.16.5' })
  await sekisho.stop()
  assert.match(ledger(sekisho, 'verify', ...conf).stdout, /holds: 0 records/)
  assert.match(ledger(sekisho, 'head', ...conf).stderr, /nothing is signed yet/)
  fs.rmSync(sekisho.path('data'), { recursive: true })
  for (const words of [['verify'], ['head'], ['prove', 'Nobody'], ['accept-restored', '--by', 'Ann', '--reason', 'new disk']]) {
    const { status, stderr } = ledger(sekisho, ...words, ...conf)
    assert.equal(status, 1)
    assert.match(stderr, /^\S+sekisho\.db: there are no records yet: sekisho run makes the store\n$/)
  }
  assert.ok(!fs.existsSync(sekisho.path('data')))
})

const tampering = {
  'a record that was changed': {
    statement: 'UPDATE ledger SET entry = replace(entry, \'"decision":"accepted"\', \'"decision":"declined"\') WHERE id = 1',
    says: /^record 1: changed/m
  },
  'the last one that was changed': {
    statement: 'UPDATE ledger SET entry = replace(entry, \'"language":"en"\', \'"language":"ja"\') WHERE id = 3',
    says: /^records? (\d to )?3: rewritten/m
  },
  'a record that was removed': { statement: 'DELETE FROM ledger WHERE id = 2', says: /^record 2: missing/m },
  'the last one that was removed': { statement: 'DELETE FROM ledger WHERE id = 3', says: /^record 3: missing/m },
  'records that changed places': {
    statement: 'UPDATE ledger SET id = 9 WHERE id = 1; UPDATE ledger SET id = 1 WHERE id = 2; UPDATE ledger SET id = 2 WHERE id = 9',
    says: /^record 1: written as 2.*\nrecord 2: written as 1/m
  },
  'a record that was put in': {
    statement: 'INSERT INTO ledger (id, entry) SELECT 4, entry FROM ledger WHERE id = 2',
    says: /^record 4: written as 2/m
  },
  'a person who was deleted without an erasure': {
    statement: 'DELETE FROM person WHERE subject = (SELECT subject FROM ledger WHERE id = 2)',
    says: /^record 2: its person's key is gone, and no erasure is recorded/m
  },
  'a person whose key was replaced': {
    statement: 'UPDATE person SET key = randomblob(32)',
    says: /^records 1 to 3: the personal part does not open/m
  }
}

for (const [name, { statement, says }] of Object.entries(tampering)) {
  test(`verify names ${name}`, async t => {
    const { sekisho } = await recorded(t)
    sql(sekisho, statement)
    const { status, stdout } = ledger(sekisho, 'verify', ...conf)
    assert.equal(status, 1, stdout)
    assert.match(stdout, says)
  })
}

test('who saved a head finds out when everything was made anew', async t => {
  const { sekisho } = await recorded(t)
  const { stdout: head } = ledger(sekisho, 'head', ...conf)
  sekisho.write('saved.json', head)
  assert.equal(ledger(sekisho, 'verify', '--since', 'saved.json', ...conf).status, 0)
  sql(sekisho, 'DELETE FROM head; DELETE FROM ledger WHERE id = 3')
  fs.rmSync(sekisho.path('data/sekisho.head'))
  assert.equal(ledger(sekisho, 'verify', ...conf).status, 0)
  const { status, stdout } = ledger(sekisho, 'verify', '--since', 'saved.json', ...conf)
  assert.equal(status, 1)
  assert.match(stdout, /^record 3: missing: a signed head stands for them/m)
})

const keptHead = sekisho => fs.readFileSync(sekisho.path('data/sekisho.head'), 'utf8')
const logged = (sekisho, expected) => until(sekisho, `the log to say ${expected}`, () => expected.test(sekisho.stderr))
const leafHash = entry => crypto.createHash('sha256').update(Buffer.concat([Buffer.of(0), Buffer.from(entry)])).digest('hex')

// What somebody can do who writes the database and nothing else: no head is left, and the chain fits.
function rewrite (sekisho) {
  let prev = '0'.repeat(64)
  const statements = ['DELETE FROM head']
  for (const { id, entry } of sekisho.sql('SELECT id, entry FROM ledger ORDER BY id')) {
    const forged = entry.replace(/"prev":"[0-9a-f]*"/, `"prev":"${prev}"`).replace('"decision":"accepted"', '"decision":"declined"')
    statements.push(`UPDATE ledger SET entry = '${forged}' WHERE id = ${id}`)
    prev = leafHash(forged)
  }
  sql(sekisho, statements.join(';'))
}

const disowned = /the ledger is not the one that data\/sekisho\.head stands for/

test('a ledger that was rewritten with its heads taken away is not signed anew', async t => {
  const { sekisho, join } = await scene(t, { version: '1.16.5' })
  await letIn(join())
  await records(sekisho, 1)
  await sekisho.stop()
  const kept = keptHead(sekisho)
  rewrite(sekisho)
  await sekisho.start()
  await logged(sekisho, disowned)
  await letIn(join({ port: sekisho.port }))
  await records(sekisho, 2)
  await sekisho.stop()
  assert.equal(sql(sekisho, 'SELECT count(*) FROM head'), '0')
  assert.equal(keptHead(sekisho), kept)
  const { status, stdout } = ledger(sekisho, 'verify', ...conf)
  assert.equal(status, 1)
  assert.match(stdout, /^the head beside the key, over 1 records, is of other ones: the ledger was rewritten, or a backup/m)
})

test('heads that were taken away from a ledger that holds are signed anew', async t => {
  const { sekisho, join } = await scene(t, { version: '1.16.5' })
  for (let i = 0; i < 3; i++) await letIn(join())
  await records(sekisho, 3)
  await sekisho.stop()
  sql(sekisho, 'DELETE FROM head')
  assert.match(ledger(sekisho, 'verify', ...conf).stdout, /not signed yet: 3/)
  await sekisho.start()
  await letIn(join({ port: sekisho.port }))
  await records(sekisho, 4)
  await sekisho.stop()
  assert.match(ledger(sekisho, 'verify', ...conf).stdout, /holds: 4 records; 1 signed heads hold, the newest over 4/)
  fs.rmSync(sekisho.path('data/sekisho.head'))
  assert.match(ledger(sekisho, 'verify', ...conf).stderr, /without data\/sekisho\.head/)
  await sekisho.start()
  await logged(sekisho, /data\/sekisho\.head is made, from the newest head/)
  await sekisho.stop()
  assert.equal(JSON.parse(JSON.parse(keptHead(sekisho)).signed).size, 4)
})

test('a backup that was put back is signed once somebody says so in the ledger', async t => {
  const { sekisho, join } = await scene(t, { version: '1.16.5' })
  await letIn(join())
  await records(sekisho, 1)
  await sekisho.stop()
  const accept = (...args) => ledger(sekisho, 'accept-restored', ...args, ...conf)
  const said = ['--by', 'Ann', '--reason', 'the disk broke']
  assert.match(accept(...said).stderr, /nothing is to accept/)
  fs.copyFileSync(sekisho.path('data/sekisho.db'), sekisho.path('backup.db'))
  await sekisho.start()
  for (let i = 0; i < 2; i++) await letIn(join({ port: sekisho.port }))
  await records(sekisho, 3)
  await sekisho.stop()
  sekisho.write('lost.json', ledger(sekisho, 'head', ...conf).stdout)
  fs.copyFileSync(sekisho.path('backup.db'), sekisho.path('data/sekisho.db'))
  assert.match(ledger(sekisho, 'verify', ...conf).stdout, /^the head beside the key, over 3 records/m)
  await sekisho.start()
  await logged(sekisho, disowned)
  await letIn(join({ port: sekisho.port }))
  await records(sekisho, 2)
  assert.match(accept().stderr, /add --by NAME --reason TEXT/)
  assert.match(accept('--by', 'Ann', '--reason', ' ').stderr, /--reason: is empty/)
  assert.equal(ledger(sekisho, 'verify', ...conf).status, 1)
  const { status, stdout, stderr } = accept(...said)
  assert.equal(status, 0, stderr)
  assert.match(stdout, /the newest head is over 3 records/)
  await letIn(join({ port: sekisho.port }))
  await records(sekisho, 3)
  await sekisho.stop()
  const verified = ledger(sekisho, 'verify', ...conf)
  assert.equal(verified.status, 0, verified.stdout)
  assert.match(verified.stdout, /^the ledger holds: 4 records, 1 that say that a backup was put back.*the newest over 4/)
  const entry = JSON.parse(sql(sekisho, "SELECT entry FROM ledger WHERE kind = 'restored'"))
  assert.equal(entry.facts.by, 'Ann')
  assert.deepEqual(entry.facts.lost, JSON.parse(fs.readFileSync(sekisho.path('lost.json'))))
  assert.equal(ledger(sekisho, 'verify', '--since', 'lost.json', ...conf).status, 1)
})

test('after the key was lost, what the old and the new one signed is verified together', async t => {
  const { sekisho, join } = await scene(t, { version: '1.16.5' })
  await letIn(join())
  await records(sekisho, 1)
  await sekisho.stop()
  const key = ledger(sekisho, 'key', ...conf)
  assert.match(key.stderr, /this is the key [0-9a-f]{16}, which signs\n$/)
  sekisho.write('old.pem', key.stdout)
  fs.rmSync(sekisho.path('data/sekisho.key'))
  await sekisho.start()
  await logged(sekisho, /the ledger was signed by another key/)
  await sekisho.stop()
  sekisho.write('new.pem', ledger(sekisho, 'key', ...conf).stdout)
  const alone = ledger(sekisho, 'verify', ...conf)
  assert.equal(alone.status, 1)
  assert.match(alone.stdout, /the head over 1 records is signed by none of the keys/)
  const both = ledger(sekisho, 'verify', '--key', 'old.pem', '--key', 'new.pem', ...conf)
  assert.equal(both.status, 0, both.stdout)
  assert.match(both.stdout, /holds: 2 records; 2 signed heads hold, the newest over 2 records/)
  assert.equal(JSON.parse(sql(sekisho, "SELECT entry FROM ledger WHERE kind = 'key'")).facts.before.length, 16)
})

// What RFC 9162 and RFC 8032 say, by Node's own means.
const sha256 = (...parts) => crypto.createHash('sha256').update(Buffer.concat(parts)).digest()
const hex = text => Buffer.from(text, 'hex')

function rootFrom (leaf, index, size, path) {
  let hash = leaf
  let last = size - 1
  for (const step of path.map(hex)) {
    if (index % 2 === 1 || index === last) {
      hash = sha256(Buffer.of(1), step, hash)
      while (index % 2 === 0 && index !== 0) {
        index >>= 1
        last >>= 1
      }
    } else {
      hash = sha256(Buffer.of(1), hash, step)
    }
    index >>= 1
    last >>= 1
  }
  return hash.toString('hex')
}

function open (sealed, key) {
  const decipher = crypto.createDecipheriv('aes-256-gcm', hex(key), Buffer.alloc(12))
  decipher.setAuthTag(sealed.subarray(-16))
  return JSON.parse(Buffer.concat([decipher.update(sealed.subarray(16, -16)), decipher.final()]))
}

test('a proof is checked by a third party with the public key alone', async t => {
  const { sekisho, names } = await recorded(t)
  const { status, stdout, stderr } = ledger(sekisho, 'prove', names[1], ...conf)
  assert.equal(status, 0, stderr)
  const pem = ledger(sekisho, 'key', ...conf).stdout
  const proof = JSON.parse(stdout)
  assert.ok(crypto.verify(null, proof.head.signed, pem, hex(proof.head.signature)))
  const { root, size } = JSON.parse(proof.head.signed)
  assert.equal(size, 3)
  assert.equal(proof.records.length, 1)
  const [{ entry, index, path, key }] = proof.records
  assert.equal(rootFrom(sha256(Buffer.of(0), Buffer.from(entry)), index, size, path), root)
  const { facts, sealed } = JSON.parse(entry)
  assert.equal(facts.decision, 'accepted')
  assert.equal(open(hex(sealed), key).player_name, names[1])
  for (const name of names) assert.ok(!stdout.includes(name), 'only who has the keys can read who it is')
})

test('check accepts a proof as it is, and nothing else', async t => {
  const { sekisho, names } = await recorded(t)
  const proof = ledger(sekisho, 'prove', names[0], ...conf).stdout
  sekisho.write('key.pem', ledger(sekisho, 'key', ...conf).stdout)
  sekisho.write('proof.json', proof)
  const good = ledger(sekisho, 'check', 'proof.json', '--key', 'key.pem')
  assert.equal(good.status, 0, good.stderr)
  assert.equal(JSON.parse(good.stdout.split('\n')[0]).player_name, names[0])
  const other = crypto.generateKeyPairSync('ed25519').publicKey.export({ type: 'spki', format: 'pem' })
  sekisho.write('other.pem', other)
  assert.match(ledger(sekisho, 'check', 'proof.json', '--key', 'other.pem').stderr, /another key/)
  for (const [from, to] of [['accepted', 'declined'], ['"index": 0', '"index": 1'], [/"size\\":3/, '"size\\":2'],
    [/"key": "./, '"key": "f0'], ['sekisho-proof-1', 'sekisho-proof-9']]) {
    const changed = proof.replace(from, to)
    assert.notEqual(changed, proof, String(from))
    sekisho.write('proof.json', changed)
    const { status, stderr } = ledger(sekisho, 'check', 'proof.json')
    assert.equal(status, 1, `${from} went unnoticed`)
    assert.match(stderr, /^proof\.json: /)
  }
})

test('a ledger that grew is proven to begin as it did', async t => {
  const { sekisho, join } = await scene(t, { version: '1.16.5' })
  await letIn(join())
  await records(sekisho, 1)
  await sekisho.stop()
  sekisho.write('old.json', ledger(sekisho, 'head', ...conf).stdout)
  await sekisho.start()
  for (let i = 0; i < 4; i++) await letIn(join({ port: sekisho.port }))
  await records(sekisho, 5)
  await sekisho.stop()
  const { status, stdout, stderr } = ledger(sekisho, 'prove', '--since', 'old.json', ...conf)
  assert.equal(status, 0, stderr)
  sekisho.write('growth.json', stdout)
  const checked = ledger(sekisho, 'check', 'growth.json')
  assert.equal(checked.status, 0, checked.stderr)
  assert.match(checked.stdout, /the first 1 records are the same/)
  const proof = JSON.parse(stdout)
  proof.path[0] = proof.path[0].replace(/^./, c => (c === '0' ? '1' : '0'))
  sekisho.write('growth.json', JSON.stringify(proof))
  assert.match(ledger(sekisho, 'check', 'growth.json').stderr, /does not stand for what the older/)
})

test('a key that others may read, or that is none, is a reason not to start', async t => {
  const { sekisho } = await recorded(t)
  fs.chmodSync(sekisho.path('data/sekisho.key'), 0o644)
  const { status, stderr } = sekisho.command('run', ...conf)
  assert.equal(status, 1)
  assert.match(stderr, /data\/sekisho\.key: the ledger's key is open to others .*chmod 600/)
  fs.chmodSync(sekisho.path('data/sekisho.key'), 0o600)
  fs.writeFileSync(sekisho.path('data/sekisho.key'), 'nothing\n')
  assert.match(sekisho.command('run', ...conf).stderr, /no private key of Ed25519; put the one of a backup there/)
})
