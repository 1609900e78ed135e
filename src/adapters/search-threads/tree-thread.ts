import { parentPort } from 'node:worker_threads'
import { RowTree } from '../../index/row-tree.ts'
import type { VectorAnswer } from '../../index/vector-index.ts'
import type { FromTree, ToTree, TreeTask } from './tree-messages.ts'

const port = parentPort!
const segments: WebAssembly.Memory[] = []
const trees = new Map<number, RowTree>()

function run(task: TreeTask): VectorAnswer | null {
  switch (task.kind) {
    case 'build': {
      const tree = new RowTree(task.structure, task.space)
      trees.delete(task.tree)
      tree.load(segments, task.rows, rowsInUse(task.live, task.rows.count))
      trees.set(task.tree, tree)
      return null
    }
    case 'update':
      changed(task.tree, (tree) => tree.update(segments, task.rows, task))
      return null
    case 'search':
      return known(task.tree).search(segments, task.rows, task.query)
    case 'drop':
      trees.delete(task.tree)
      return null
  }
}

/** A tree that a change has failed in is gone: it may have lost rows. */
function changed(number: number, change: (tree: RowTree) => void): void {
  const tree = known(number)
  trees.delete(number)
  change(tree)
  trees.set(number, tree)
}

function known(number: number): RowTree {
  const tree = trees.get(number)
  if (tree === undefined) throw new Error(`there is no tree ${number}`)
  return tree
}

function* rowsInUse(live: Uint32Array | null, count: number): Generator<number> {
  for (let row = 0; row < count; row++) {
    if (live === null || ((live[row >>> 5]! >>> (row & 31)) & 1) === 1) yield row
  }
}

port.on('message', (message: ToTree) => {
  if (message.kind === 'segment') {
    segments.push(message.memory)
    return
  }
  const { number, task } = message
  let reply: FromTree
  try {
    const answer = run(task)
    reply = { number, answer, size: trees.get(task.tree)?.size ?? 0 }
  } catch (error) {
    const failure = error instanceof Error ? (error.stack ?? error.message) : String(error)
    reply = { number, failure }
  }
  port.postMessage(reply)
})
