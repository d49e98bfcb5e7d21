// What a finished consent record must hold, whoever wrote it.
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'

export function offlineUuid (name) {
  const hash = createHash('md5').update(`OfflinePlayer:${name}`).digest()
  hash[6] = (hash[6] & 0x0f) | 0x30
  hash[8] = (hash[8] & 0x3f) | 0x80
  return hash.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}

const rfc3339Utc = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/

// Checks a record of `player`; `expected` names the fields that the test is about.
export function assertRecord (record, player, expected) {
  assert.ok(record, `there is no record of ${player.username}`)
  for (const [key, value] of Object.entries(expected)) assert.deepEqual(record[key], value, key)
  assert.equal(record.player_name, player.username)
  assert.equal(record.player_uuid, offlineUuid(player.username))
  assert.equal(record.protocol, player.protocol)
  assert.equal(record.identity, 'offline')
  assert.equal(record.policy_version, '2026-01')
  assert.match(record.policy_sha256, /^[0-9a-f]{64}$/)
  assert.match(record.shown_at, rfc3339Utc)
  assert.match(record.decided_at, rfc3339Utc)
  assert.ok(record.shown_at <= record.decided_at, 'shown before it was decided')
  assert.ok(Math.abs(Date.parse(record.decided_at) - Date.now()) < 600_000, 'decided now')
  assert.ok('server' in record && 'purposes' in record)
}
