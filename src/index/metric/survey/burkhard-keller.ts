import { byValue } from './groups.ts'
import type { PartStructure } from './grower.ts'

/**
 * Burkhard-Keller tree (Some approaches to best-match file searching, CACM 1973): a centre, and a child for each
 * distance from it.
 */
export function burkhardKellerTree(leafCapacity = 4): PartStructure {
  const structure: PartStructure = {
    name: 'burkhard-keller-tree',
    settings: { leafCapacity },
    paths: 0,
    grow(entries, grower) {
      if (entries.length <= leafCapacity) return grower.leaf(entries)
      const centres = grower.draw(entries, 1).map(({ item }) => item)
      grower.take(entries, centres)
      const rows = grower.measure(centres, entries)
      return grower.part({ centres }, entries, rows, byValue(rows, 0), (members) =>
        structure.grow(members, grower),
      )
    },
  }
  return structure
}
