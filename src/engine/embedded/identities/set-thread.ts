import { parentPort } from 'node:worker_threads'
import type { SetAnswer } from '../../../index/metric/row-sets.ts'
import { SetTree } from '../../../index/metric/set-tree.ts'
import { rowSlot } from '../../../kernels/vector-rows.ts'
import { compareIdentities } from '../../identity-value.ts'
import type { FromSets, SetTask, ToSets } from './set-messages.ts'

/** How long trees grow before a message gets its turn. */
const GROW_FOR_MS = 4

const port = parentPort!
const segments: WebAssembly.Memory[] = []
const trees = new Map<number, SetTree>()
let growing = false

function run(task: SetTask): SetAnswer | null {
  switch (task.kind) {
    case 'put': {
      const { sets, first, space, rows, changes } = task
      const tree = first ? new SetTree(space, compareIdentities) : known(sets)
      // One in which a change has failed is gone: it may have lost sets.
      trees.delete(sets)
      tree.put(changes, (row) => rowSlot(segments, rows, row).slice())
      trees.set(sets, tree)
      return null
    }
    case 'search':
      return known(task.sets).search(task.query)
    case 'drop':
      trees.delete(task.sets)
      return null
  }
}

/** Gone are those in which a change has failed, and all when the thread was started again. */
function known(sets: number): SetTree {
  const tree = trees.get(sets)
  if (tree === undefined) throw new Error(`there are no sets ${sets}`)
  return tree
}

/** In turns, so that messages come between. */
function grow(): void {
  const until = performance.now() + GROW_FOR_MS
  for (const tree of trees.values()) {
    while (tree.grow()) {
      if (performance.now() < until) continue
      setImmediate(grow)
      return
    }
  }
  growing = false
}

port.on('message', (message: ToSets) => {
  if (message.kind === 'segment') {
    segments.push(message.memory)
    return
  }
  const { number, task } = message
  let reply: FromSets
  try {
    const answer = run(task)
    reply = { number, answer, rows: trees.get(task.sets)?.rows ?? 0 }
  } catch (error) {
    const failure = error instanceof Error ? (error.stack ?? error.message) : String(error)
    reply = { number, failure }
  }
  port.postMessage(reply)
  if (growing) return
  growing = true
  setImmediate(grow)
})
