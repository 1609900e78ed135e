import type { SetChanges, SetQuery } from '../../../index/sets/row-sets.ts'
import { StoredSets } from '../../../index/sets/stored-sets.ts'
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

const segments: WebAssembly.Memory[] = []
const all = new Map<number, StoredSets>()

const calls = {
  /** Returns the number of rows in the sets now. */
  put({ sets, first, space, rows, changes }: NewSets): number {
    const stored = first ? new StoredSets(space, compareIdentities) : known(sets)
    // One in which a change has failed is gone: it may have lost sets.
    all.delete(sets)
    stored.put(changes, (row) => rowSlot(segments, rows, row).slice())
    all.set(sets, stored)
    return stored.rows
  },
  search: ({ sets, query }: Sets & { readonly query: SetQuery }, stop: StopSign) =>
    known(sets).search(query, () => stop.check()),
  drop({ sets }: Sets): void {
    all.delete(sets)
  },
}

/** Those in which a change has failed are gone, and all when the thread was started again. */
function known(sets: number): StoredSets {
  const stored = all.get(sets)
  if (stored === undefined) throw new Error(`there are no sets ${sets}`)
  return stored
}

const notices = { segment: (memory: WebAssembly.Memory) => segments.push(memory) }
await serveThread(() => ({ calls, notices }))
