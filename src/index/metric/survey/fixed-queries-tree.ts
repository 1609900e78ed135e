import type { Item } from '../search.ts'
import { byValue } from './groups.ts'
import type { Grower, PartStructure } from './grower.ts'
import type { Entry, Part } from './part.ts'

/** Items among which pivots are chosen, for each. */
const SAMPLE = 16

/**
 * Fixed queries tree (Baeza-Yates, Cunto, Manber and Wu, CPM 1994): a Burkhard-Keller tree whose nodes of one level
 * have one pivot, so that a search computes one distance a level. All items are in leaves, the pivots too.
 */
export function fixedQueriesTree(height = 16, leafCapacity = 8): PartStructure {
  function below<T>(pivots: readonly Item<T>[], entries: Entry<T>[], grower: Grower<T>): Part<T> {
    const [pivot, ...others] = pivots
    if (pivot === undefined || entries.length <= leafCapacity) return grower.leaf(entries)
    const centres = [pivot]
    const rows = grower.measure(centres, entries)
    const groups = byValue(rows, 0)
    return grower.part({ centres, guests: 1 }, entries, rows, groups, (members) =>
      below(others, members, grower),
    )
  }
  return {
    name: 'fixed-queries-tree',
    settings: { height, leafCapacity },
    paths: 0,
    grow: (entries, grower) =>
      below(grower.pivots(entries, height, SAMPLE * height), entries, grower),
  }
}
