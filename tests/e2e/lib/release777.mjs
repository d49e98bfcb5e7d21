// What protocols 776 and 777 changed, on top of the tables of 775, the newest that the library has.
// 777 inserted packets towards the client: post_effects in configuration, three in play.

const inserted = { configuration: [0x0a], play: [0x25, 0x53, 0x7b] }

export function idOf777 (state, id) {
  for (const at of inserted[state] ?? []) if (id >= at) id += 1
  return id
}

export function idOf775 (state, id) {
  for (const at of [...(inserted[state] ?? [])].reverse()) {
    if (id === at) return -1
    if (id > at) id -= 1
  }
  return id
}

export function varint (value) {
  const bytes = []
  let rest = value >>> 0
  while (rest > 0x7f) {
    bytes.push((rest & 0x7f) | 0x80)
    rest >>>= 7
  }
  return Buffer.from([...bytes, rest])
}

// Reads a VarInt: { value, size }.
export function readVarint (buffer, at = 0) {
  let value = 0
  for (let size = 1; size <= 5; size++) {
    const byte = buffer[at + size - 1]
    if (byte === undefined) throw new Error('a VarInt ends early')
    value |= (byte & 0x7f) << (7 * (size - 1))
    if (byte < 0x80) return { value, size }
  }
  throw new Error('a VarInt is too long')
}

function renumbered (packet, change) {
  const { value, size } = readVarint(packet)
  const id = change(value)
  if (id === value) return packet
  return Buffer.concat([varint(id), packet.subarray(size)])
}

// Lets a client or server connection of the library speak 777 in all further states.
export function speak777 (client) {
  const towardsClient = client.isServer
  const wrap = state => {
    if (towardsClient) {
      const { serializer } = client
      const create = serializer.createPacketBuffer.bind(serializer)
      serializer.createPacketBuffer = packet => renumbered(create(packet), id => idOf777(state, id))
    } else {
      const { deserializer } = client
      const parse = deserializer.parsePacketBuffer.bind(deserializer)
      deserializer.parsePacketBuffer = packet => {
        const old = renumbered(packet, id => idOf775(state, id))
        const parsed = parse(old)
        // The library checks that all bytes were read, of the packet as it came.
        parsed.metadata.size += packet.length - old.length
        return parsed
      }
    }
  }
  const setSerializer = client.setSerializer.bind(client)
  client.setSerializer = state => {
    setSerializer(state)
    wrap(state)
  }
  wrap(client.state)
}
