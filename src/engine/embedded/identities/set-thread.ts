import type { SetChanges, SetQuery } from '../../../index/metric/row-sets.ts'
import { SetTree } from '../../../index/metric/set-tree.ts'
import { type RowsView, rowSlot } from '../../../kernels/vector-rows.ts'
import type { StopSign } from '../../../threads/stop-flags.ts'
import type { ThreadClient } from '../../../threads/thread-client.ts'
import { serveThread } from '../../../threads/thread-host.ts'
import type { SpaceKind } from '../../../vector/space.ts'
import { compareIdentities } from '../../identity-value.ts'

export type SetCalls = typeof calls

/** The one thread that holds the sets of all collections. */
export interface SetThread {
  readonly client: ThreadClient<SetCalls>
  /** Sets that were ever given a number. */
  sets: number
}

/** The sets of one generation, by a number that the caller chose. */
interface Sets {
  readonly sets: number
}

interface NewSets extends Sets {
  /** Whether nothing was put before: then there must be none, else some. */
  readonly first: boolean
  readonly space: SpaceKind
  readonly rows: RowsView
  readonly changes: SetChanges
}

/** Milliseconds that trees grow before a message gets its turn. */
const GROW_FOR_MS = 4

const segments: WebAssembly.Memory[] = []
const trees = new Map<number, SetTree>()
let growing = false

const calls = {
  /** Returns the number of rows in the sets now. */
  put({ sets, first, space, rows, changes }: NewSets): number {
    const tree = first ? new SetTree(space, compareIdentities) : known(sets)
    // One in which a change has failed is gone: it may have lost sets.
    trees.delete(sets)
    tree.put(changes, (row) => rowSlot(segments, rows, row).slice())
    trees.set(sets, tree)
    if (!growing) setImmediate(grow)
    growing = true
    return tree.rows
  },
  search: ({ sets, query }: Sets & { readonly query: SetQuery }, stop: StopSign) =>
    known(sets).search(query, () => stop.check()),
  drop({ sets }: Sets): void {
    trees.delete(sets)
  },
}

/** Those in which a change has failed are gone, and all when the thread was started again. */
function known(sets: number): SetTree {
  const tree = trees.get(sets)
  if (tree === undefined) throw new Error(`there are no sets ${sets}`)
  return tree
}

/** Takes sets into the trees for a while, again and again, so that messages come between. */
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

const notices = { segment: (memory: WebAssembly.Memory) => segments.push(memory) }
await serveThread(() => ({ calls, notices }))
