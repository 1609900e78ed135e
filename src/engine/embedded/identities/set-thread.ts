import { SetTree } from '../../../index/metric/set-tree.ts'
import { rowSlot } from '../../../kernels/vector-rows.ts'
import { serveThread } from '../../../threads/thread-host.ts'
import { compareIdentities } from '../../identity-value.ts'
import type { MemoryNotices } from '../search/memory-thread.ts'
import type { SetCalls } from './set-calls.ts'

/** How long trees grow before a message gets its turn. */
const GROW_FOR_MS = 4

await serveThread<SetCalls, MemoryNotices>(() => {
  const segments: WebAssembly.Memory[] = []
  const trees = new Map<number, SetTree>()
  let growing = false

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

  return {
    notices: { segment: (memory) => segments.push(memory) },
    calls: {
      put({ sets, first, space, rows, changes }) {
        const tree = first ? new SetTree(space, compareIdentities) : known(sets)
        // One in which a change has failed is gone: it may have lost sets.
        trees.delete(sets)
        tree.put(changes, (row) => rowSlot(segments, rows, row).slice())
        trees.set(sets, tree)
        if (!growing) setImmediate(grow)
        growing = true
        return tree.rows
      },
      search: ({ sets, query }) => known(sets).search(query),
      drop({ sets }) {
        trees.delete(sets)
      },
    },
  }
})
