// What a client knows of commands: the tree that it was sent, and what it completes.
import assert from 'node:assert/strict'

const flags = { unused: 0, allows_restricted: 0, has_custom_suggestions: 0, has_redirect_node: 0, has_command: 0, command_node_type: 0 }
const emptyTree = { nodes: [{ flags, children: [] }], rootIndex: 0 }

// A server's tree of one command of two words.
export const treeWith = (name, word) => ({
  nodes: [
    { flags, children: [1] },
    { flags: { ...flags, command_node_type: 1 }, children: [2], extraNodeData: { name } },
    { flags: { ...flags, command_node_type: 1, has_command: 1 }, children: [], extraNodeData: { name: word } }
  ],
  rootIndex: 0
})

export function hearTrees (player) {
  const trees = []
  player.client.on('declare_commands', tree => { trees.push(tree); player.emit('change') })
  return trees
}

// The children of a node by name; of the root without one.
export function under ({ nodes, rootIndex }, node = nodes[rootIndex]) {
  return Object.fromEntries(node.children.map(index => [nodes[index].extraNodeData.name, nodes[index]]))
}

export async function treeOf (player, seen, tree = emptyTree) {
  const trees = hearTrees(player)
  seen.client.write('declare_commands', tree)
  await player.until('the tree', () => trees.length > 0)
  return trees.at(-1)
}

// Asks, and hears no answer.
export function askFor (player, text, transactionId = 40) {
  player.client.write('tab_complete', player.protocol >= 393
    ? { transactionId, text }
    : { text, assumeCommand: false, block: undefined, hasPosition: false, lookedAtBlock: undefined })
}

// Completes as the client of this version asks: what the line is after each match is taken.
export function completer (player) {
  const answers = []
  const withTree = player.protocol >= 393
  player.client.on('tab_complete', answer => { answers.push(answer); player.emit('change') })
  return async text => {
    const before = answers.length
    askFor(player, text, 41 + before)
    const answer = await player.until(`a completion of ${text}`, () => answers[before])
    if (!withTree) return answer.matches
    assert.equal(answer.transactionId, 41 + before)
    assert.equal(text.slice(answer.start), text.slice(answer.start, answer.start + answer.length), 'up to the end')
    assert.match(text.slice(0, answer.start), / $/)
    return answer.matches.map(({ match }) => match)
  }
}
