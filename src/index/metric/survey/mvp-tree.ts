import { byDistance, evenly } from './groups.ts'
import type { PartStructure } from './grower.ts'

/** Items among which the two vantage points are chosen, far from each other. */
const SAMPLE = 32

/**
 * Multi-vantage-point tree (Bozkaya and Ozsoyoglu, Distance-based indexing for high-dimensional metric spaces, SIGMOD
 * 1997): two vantage points a node, the shells of the first cut up by the second, and the first few distances on the
 * way stored with each item of a leaf.
 */
export function mvpTree(ways = 3, leafCapacity = 40, paths = 8): PartStructure {
  const structure: PartStructure = {
    name: 'mvp-tree',
    settings: { ways, leafCapacity, paths },
    paths,
    grow(entries, grower) {
      if (entries.length <= Math.max(leafCapacity, 2)) return grower.leaf(entries)
      const centres = grower.pivots(entries, 2, SAMPLE)
      grower.take(entries, centres)
      const rows = grower.measure(centres, entries)
      const groups = evenly(byDistance(rows, 0), ways).flatMap(({ members }) => {
        const bySecond = members.toSorted((i, j) => rows[i]![1]! - rows[j]![1]!)
        return evenly(bySecond, ways)
      })
      return grower.part({ centres }, entries, rows, groups, (members) =>
        structure.grow(members, grower),
      )
    },
  }
  return structure
}
