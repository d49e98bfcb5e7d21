// /privacy as a player sees it: a dialog over the game, or lines in the chat.
import { createRequire } from 'node:module'

const nbt = createRequire(import.meta.url)('prismarine-nbt')

const wordsOf = button => button.payload ? nbt.simplify(button.payload).command : undefined

// What may be clicked, newest first: { label, words, act }.
function offers (player) {
  if (player.means === 'dialog') {
    return [...player.dialogs].reverse().flatMap(dialog => dialog.buttons.map(button => ({
      label: button.label, words: wordsOf(button), act: inputs => player.click(button.id, withInputs(button.payload, inputs))
    })))
  }
  return [...player.chats].reverse().flatMap(chat => chat.clicks)
    .filter(({ value }) => value.startsWith('/privacy '))
    .map(({ value, text }) => ({ label: text, words: value.slice('/privacy '.length), act: () => player.type(value) }))
}

// A button's payload, with what a client adds to it: check boxes and texts.
function withInputs (payload, inputs = {}) {
  const value = { ...payload?.value }
  for (const [key, input] of Object.entries(inputs)) {
    value[key] = typeof input === 'string' ? { type: 'string', value: input } : { type: 'byte', value: input ? 1 : 0 }
  }
  return { type: 'compound', value }
}

const size = player => player.dialogs.length + player.chats.length

// What was shown since there were `from` screens and lines.
function since (player, dialogs, chats) {
  return [...player.dialogs.slice(dialogs).map(dialog => dialog.text),
    ...player.chats.slice(chats).map(chat => chat.text)].join('\n')
}

// Does something and waits until what it shows matches. Returns the text.
export async function shows (player, pattern, act) {
  const dialogs = player.dialogs.length
  const chats = player.chats.length
  await act()
  return player.until(`${pattern}`, () => {
    const text = since(player, dialogs, chats)
    return pattern.test(text) && text
  })
}

export function ask (player, words, pattern) {
  return shows(player, pattern, () => player.type(words ? `/privacy ${words}` : '/privacy'))
}

// Clicks the newest offer whose words match.
export async function press (player, pattern, inputs) {
  const find = () => offers(player).find(({ words }) => words !== undefined && pattern.test(words))
  const offer = await player.until(`an offer of ${pattern}`, find)
  offer.act(inputs)
  return offer
}

export { offers, size }
