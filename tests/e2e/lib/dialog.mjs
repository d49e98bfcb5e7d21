// A dialog (771+) as a vanilla client understands it: what is to be read, and which bytes a button
// sends. Works on the typed NBT tree, since a payload must go back exactly as it came.
import { createRequire } from 'node:module'
import { plain, clicks } from './text.mjs'
import { varint } from './release777.mjs'

const nbt = createRequire(import.meta.url)('prismarine-nbt')

function visit (tag, see) {
  if (!tag || typeof tag !== 'object') return
  if (tag.type === 'compound') {
    see(tag.value)
    for (const child of Object.values(tag.value)) visit(child, see)
  } else if (tag.type === 'list') {
    for (const item of tag.value.value) visit({ type: tag.value.type, value: item }, see)
  }
}

function textOf (tag) {
  return tag ? plain(tag) : ''
}

export class Dialog {
  constructor (tag) {
    this.tag = tag
    this.type = tag.value.type?.value
    this.title = textOf(tag.value.title)
    const bodies = tag.value.body
    const list = !bodies
      ? []
      : bodies.type === 'list'
        ? bodies.value.value.map(value => ({ type: bodies.value.type, value }))
        : [bodies]
    this.bodies = list.map(body => textOf(body.value.contents))
    this.links = list.flatMap(body => clicks(body.value.contents))
    const inputs = tag.value.inputs?.value.value ?? []
    this.boxes = inputs.filter(input => input.type.value === 'minecraft:boolean')
      .map(input => ({ key: input.key.value, label: textOf(input.label), ticked: input.initial?.value === 1 }))
    this.buttons = []
    visit(tag, compound => {
      const action = compound.action
      if (action?.type !== 'compound' || !compound.label) return
      this.buttons.push({
        label: textOf(compound.label),
        type: action.value.type.value.replace(/^minecraft:/, ''),
        id: action.value.id?.value,
        payload: action.value.payload ?? action.value.additions
      })
    })
  }

  get text () {
    return [this.title, ...this.bodies].join('\n')
  }

  // The button that means `answer` ('accept' or 'decline'), by its id, payload or label.
  button (answer) {
    const found = this.buttons.filter(button => button.type.endsWith('custom'))
      .find(button => {
        const said = `${button.id} ${JSON.stringify(button.payload ? nbt.simplify(button.payload) : '')}`
        if (/accept|decline/i.test(said)) return new RegExp(answer, 'i').test(said)
        const declines = /declin|disagree|refuse|しない|拒否/i.test(button.label)
        return declines === (answer === 'decline')
      })
    if (!found) throw new Error(`no ${answer} button among ${JSON.stringify(this.buttons)}`)
    return found
  }
}

// The body of custom_click_action: identifier, then a length-prefixed nameless NBT.
export function customClick (id, payload) {
  const name = Buffer.from(id)
  const data = payload ? nbt.protos.big.createPacketBuffer('anonymousNbt', payload) : Buffer.from([0])
  return Buffer.concat([varint(name.length), name, varint(data.length), data])
}

// The same payload with every hexadecimal text of 16 digits and more replaced: another nonce.
export function withOtherNonce (value) {
  return JSON.parse(JSON.stringify(value), (key, item) =>
    typeof item === 'string' ? item.replace(/\b[0-9a-f]{16,}\b/g, run => '0'.repeat(run.length)) : item)
}
