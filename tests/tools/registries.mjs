// Writes core/gate/registries_table.inc from the login packets of the minecraft-data package.
//
//   node tests/tools/registries.mjs > core/gate/registries_table.inc
//
// The limbo needs few entries: this file says which, and drops optional fields that would refer to
// tags, sounds or other registries.

import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'

const require = createRequire(import.meta.url)

// Protocol that a range starts with, and the release whose login packet it takes.
const RANGES = [
  [735, '1.16'], [751, '1.16.2'], [755, '1.17'], [757, '1.18'], [758, '1.18.2'], [759, '1.19'],
  [760, '1.19.2'], [762, '1.19.4'], [763, '1.20'], [764, '1.20.2'], [766, '1.20.5'], [767, '1.21.1'],
  [768, '1.21.3'], [770, '1.21.3'], [771, '1.21.3'], [774, '1.21.11'], [775, '26.1']
]
const NEWEST = 775
const FULL = ['damage_type', 'chat_type']
const FULL_774 = ['jukebox_song', 'instrument', 'trim_material', 'banner_pattern', 'chicken_variant', 'world_clock']
const EMPTY = ['trim_pattern', 'trim_material', 'banner_pattern', 'enchantment', 'jukebox_song', 'instrument',
  'test_environment', 'test_instance', 'dialog', 'timeline']
const ONE = { dimension_type: 'overworld', 'worldgen/biome': 'plains', wolf_variant: 'pale', painting_variant: 'kebab' }
const DROPPED = { dimension_type: ['timelines', 'default_clock'] }

// Registries of 1.21.5 on that the package has from 1.21.11 on only; their form did not change.
const VARIANTS_770 = ['wolf_variant', 'wolf_sound_variant', 'pig_variant', 'frog_variant', 'cat_variant',
  'cow_variant', 'chicken_variant', 'test_environment', 'test_instance', 'instrument']

function loginPacket (release) {
  return require('minecraft-data')(release).loginPacket
}

function short (name) {
  return name.replace('minecraft:', '')
}

/** {registry: [{key, value}]} of a release, in the order of the ids. */
function registriesOf (release) {
  const codec = loginPacket(release).dimensionCodec
  const out = {}
  if (codec.value?.dimension) {
    out.dimension = codec.value.dimension.value.value.map(value => ({ key: value.name.value, value }))
  } else if (codec.value) {
    for (const [name, registry] of Object.entries(codec.value)) {
      const list = [...(registry.value.value.value.value ?? [])].sort((a, b) => a.id.value - b.id.value)
      out[name] = list.map(e => ({ key: e.name.value, value: e.element.value }))
    }
  } else {
    for (const { id, entries } of Object.values(codec)) {
      out[id] = entries.map(e => ({ key: e.key, value: e.value?.value }))
    }
  }
  return out
}

function chosen (protocol, release) {
  const all = registriesOf(release)
  if (protocol >= 770 && protocol < 774) {
    const later = registriesOf('1.21.11')
    for (const name of VARIANTS_770) all['minecraft:' + name] = later['minecraft:' + name]
    if (protocol >= 771) all['minecraft:dialog'] = []
  }
  for (const name in all) {
    const kind = short(name)
    if (FULL.includes(kind) || (protocol >= 774 && FULL_774.includes(kind))) continue
    if (EMPTY.includes(kind)) all[name] = []
    else if (name === 'dimension') all[name] = all[name].filter(e => e.key === 'minecraft:overworld')
    else if (ONE[kind]) all[name] = all[name].filter(e => short(e.key) === ONE[kind])
    else all[name] = all[name].slice(0, 1)
  }
  return all
}

function trimmed (kind, value) {
  const copy = structuredClone(value)
  for (const name of DROPPED[kind] ?? []) delete copy[name]
  // The one biome that there is; another would be an unbound reference.
  if (kind === 'wolf_variant' && copy.biomes) copy.biomes = { type: 'string', value: 'minecraft:plains' }
  const effects = copy.effects?.value
  if (kind === 'worldgen/biome' && effects) {
    for (const name of ['music', 'mood_sound', 'ambient_sound', 'additions_sound', 'music_volume']) delete effects[name]
  }
  const attributes = copy.attributes?.value
  for (const name in attributes ?? {}) if (name.includes('audio/')) delete attributes[name]
  return copy
}

function quoted (text) {
  if (/['"\\]/.test(text)) throw new Error(`a string that the table cannot hold: ${text}`)
  return `'${text}'`
}

function long ([high, low]) {
  return (BigInt(high) << 32n) | BigInt(low >>> 0)
}

function snbt ({ type, value }) {
  switch (type) {
    case 'byte': return `${value}b`
    case 'int': return `${value}`
    case 'long': return `${long(value)}l`
    case 'float': return `${Math.fround(value)}f`
    case 'double': return `${value}d`
    case 'string': return quoted(value)
    case 'compound': return fields(value)
    case 'list': return `[${value.value.map(item => snbt({ type: value.type, value: item })).join(',')}]`
    default: throw new Error(`a tag that the table cannot hold: ${type}`)
  }
}

function fields (value) {
  return `{${Object.entries(value).map(([name, tag]) => `${quoted(name)}:${snbt(tag)}`).join(',')}}`
}

/** Rows by text, with the first and the last protocol that has each. */
export function table () {
  const registries = new Map()
  RANGES.forEach(([first, release], i) => {
    const last = (RANGES[i + 1]?.[0] ?? NEWEST + 1) - 1
    for (const [name, entries] of Object.entries(chosen(first, release))) {
      if (!registries.has(name)) registries.set(name, { spans: [], entries: new Map() })
      const registry = registries.get(name)
      extend(registry.spans, first, last)
      for (const { key, value } of entries) {
        const text = `"${key}", "${fields(trimmed(short(name), value))}"`
        if (!registry.entries.has(text)) registry.entries.set(text, [])
        extend(registry.entries.get(text), first, last)
      }
    }
  })
  return print(registries)
}

function extend (spans, first, last) {
  const open = spans.at(-1)
  if (open && open.last === first - 1) open.last = last
  else spans.push({ first, last })
}

function print (registries) {
  const lines = ['/* Generated by tests/tools/registries.mjs; see registry.h. */', '/* clang-format off */']
  for (const [name, { spans, entries }] of registries) {
    for (const { first, last } of spans) {
      lines.push(`REGISTRY(${first}, ${last}, "${name}")`)
      for (const [text, ranges] of entries) {
        for (const range of ranges) {
          if (range.first >= first && range.last <= last) lines.push(`ENTRY(${range.first}, ${range.last}, ${text})`)
        }
      }
    }
  }
  return lines.join('\n') + '\n/* clang-format on */\n'
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.stdout.write(table())
