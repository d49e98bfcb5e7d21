// Text components as a client shows them: plain text and the click actions, out of JSON or NBT,
// in the old and the new spelling.
import { createRequire } from 'node:module'

const nbt = createRequire(import.meta.url)('prismarine-nbt')

function isTag (value) {
  return value && typeof value === 'object' && typeof value.type === 'string' && 'value' in value
}

// A component as plain JavaScript: a JSON string is parsed, NBT tags lose their types.
export function component (value) {
  if (isTag(value)) return nbt.simplify(value)
  if (typeof value !== 'string') return value
  try {
    return JSON.parse(value)
  } catch {
    return { text: value }
  }
}

export function plain (value) {
  const node = component(value)
  if (node === null || node === undefined) return ''
  if (typeof node !== 'object') return String(node)
  if (Array.isArray(node)) return node.map(plain).join('')
  // NBT lists of mixed components wrap strings as { '': text }.
  const own = node.text ?? node[''] ?? node.translate ?? ''
  return String(own) + (node.extra ?? []).map(plain).join('') + (node.with ?? []).map(plain).join(' ')
}

// Every click action inside: [{ action, value, text }].
export function clicks (value) {
  const found = []
  const walk = node => {
    if (!node || typeof node !== 'object') return
    if (Array.isArray(node)) return node.forEach(walk)
    const click = node.click_event ?? node.clickEvent
    if (click) {
      const target = click.value ?? click.command ?? click.url ?? click.page ?? click.id
      found.push({ action: click.action, value: target, text: plain(node) })
    }
    ;(node.extra ?? []).forEach(walk)
    ;(node.with ?? []).forEach(walk)
  }
  walk(component(value))
  return found
}

// Without spaces and line breaks: what can be compared however the UI breaks its lines.
export function squeeze (text) {
  return text.replace(/\s+/gu, '')
}
