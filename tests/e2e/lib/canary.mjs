// Markers that betray a player, and the search for them: in plain bytes and in every form that bytes
// are commonly written in.
import zlib from 'node:zlib'

const utf16be = text => Buffer.from(text, 'utf16le').swap16()

// Without the first and last letters, which depend on what stands beside them.
function base64Forms (bytes, encoding) {
  return [0, 1, 2].map(shift => {
    const text = Buffer.concat([Buffer.alloc(shift), bytes]).toString(encoding).replace(/=+$/, '')
    return Buffer.from(text.slice(shift === 0 ? 0 : shift + 1, -1))
  })
}

// [how it is written, bytes]
function formsOf (marker) {
  const raw = Buffer.from(marker)
  return [
    ['raw', raw],
    ['upper case', Buffer.from(marker.toUpperCase())],
    ['hex', Buffer.from(raw.toString('hex'))],
    ['hex in capitals', Buffer.from(raw.toString('hex').toUpperCase())],
    ['UTF-16LE', Buffer.from(marker, 'utf16le')],
    ['UTF-16BE', utf16be(marker)],
    ['escaped', Buffer.from(encodeURIComponent(marker))],
    ['reversed', Buffer.from(raw).reverse()],
    ...base64Forms(raw, 'base64').map(bytes => ['base64', bytes]),
    ...base64Forms(raw, 'base64url').map(bytes => ['base64url', bytes])
  ]
}

// What is compressed within bytes: every zlib or gzip stream that begins there, whatever follows it.
function * streamsIn (bytes) {
  for (let at = 0; at + 2 < bytes.length; at++) {
    const isZlib = bytes[at] === 0x78 && (bytes[at] * 256 + bytes[at + 1]) % 31 === 0
    const isGzip = bytes[at] === 0x1f && bytes[at + 1] === 0x8b && bytes[at + 2] === 8
    if (!isZlib && !isGzip) continue
    const begin = at + (isZlib ? 2 : 10)
    try {
      yield zlib.inflateRawSync(bytes.subarray(begin, begin + 1024 * 1024), { finishFlush: zlib.constants.Z_SYNC_FLUSH })
    } catch {} // only looked like one
  }
}

// How and which of the markers is found in the bytes, or undefined.
export function find (markers, bytes) {
  for (const layer of [bytes, ...streamsIn(bytes)]) {
    for (const [name, marker] of Object.entries(markers)) {
      const found = formsOf(marker).find(([, form]) => layer.includes(form))
      if (found) return `${name} (${found[0]}${layer === bytes ? '' : ', compressed'})`
    }
  }
}
