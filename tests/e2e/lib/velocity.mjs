// Velocity's side of modern forwarding, written from its documentation and sources' facts, not
// from ours: what a proxy in front of Sekisho says about a player.
import { createHmac } from 'node:crypto'
import { varint } from './release777.mjs'
import { string } from './raw.mjs'

function optionalString (text) {
  return text === undefined ? Buffer.from([0]) : Buffer.concat([Buffer.from([1]), string(text)])
}

function bytes (data) {
  return Buffer.concat([varint(data.length), data])
}

// The version that Velocity takes, given the newest one that the server understands.
export function chosenVersion (protocol, requested, withKey) {
  if (protocol >= 761) return Math.min(requested, 4) >= 4 ? 4 : 1
  if (!withKey || requested < 2) return 1
  if (protocol === 759) return 2
  return protocol === 760 && requested >= 3 ? 3 : 1
}

// who: { address, uuid, name, properties: [{ name, value, signature }], key: { expires, der, signature, holder } }
export function forwardedData (version, who) {
  const parts = [varint(version), string(who.address), Buffer.from(who.uuid.replaceAll('-', ''), 'hex'), string(who.name),
    varint(who.properties.length)]
  for (const { name, value, signature } of who.properties) parts.push(string(name), string(value), optionalString(signature))
  if (version === 2 || version === 3) {
    const expires = Buffer.alloc(8)
    expires.writeBigInt64BE(BigInt(who.key.expires))
    parts.push(expires, bytes(who.key.der), bytes(who.key.signature))
    if (version === 3) {
      parts.push(who.key.holder ? Buffer.concat([Buffer.from([1]), Buffer.from(who.key.holder.replaceAll('-', ''), 'hex')])
        : Buffer.from([0]))
    }
  }
  return Buffer.concat(parts)
}

export function signed (secret, data) {
  return Buffer.concat([createHmac('sha256', secret).update(data).digest(), data])
}
