import type { Item } from '../search.ts'
import { byDistance, byNearest } from './groups.ts'
import type { Grower, PartStructure } from './grower.ts'
import type { Entry, Part } from './part.ts'

/**
 * Spatial approximation tree (Navarro, Searching in metric spaces by spatial approximation, VLDB Journal 2002): the
 * neighbours of a centre are the items that are nearer to it than to any other neighbour, and each other item is
 * below the neighbour that is nearest to it.
 */
export function spatialApproximationTree(leafCapacity = 4): PartStructure {
  function below<T>(centre: Item<T>, entries: Entry<T>[], grower: Grower<T>): Part<T> {
    if (entries.length <= leafCapacity) return grower.leaf(entries)
    const toCentre = grower.measure([centre], entries)
    const neighbours: Item<T>[] = []
    for (const i of byDistance(toCentre, 0)) {
      const { item } = entries[i]!
      const [distance] = toCentre[i]!
      const isNearest = neighbours.every((other) => grower.between(other, item) > distance!)
      if (isNearest) neighbours.push(item)
    }
    const centres = [centre, ...neighbours]
    grower.take(entries, neighbours)
    const rows = grower.measure(centres, entries)
    const groups = byNearest(rows, centres.length, 1)
    return grower.part({ centres, guests: 1, firstOwn: 1 }, entries, rows, groups, (members, i) =>
      below(neighbours[i]!, members, grower),
    )
  }
  return {
    name: 'spatial-approximation-tree',
    settings: { leafCapacity },
    paths: 0,
    grow(entries, grower) {
      const centres = grower.draw(entries, 1).map(({ item }) => item)
      grower.take(entries, centres)
      const rows = grower.measure(centres, entries)
      const groups = [{ members: Array.from(rows.keys()) }]
      return grower.part({ centres, firstOwn: 0 }, entries, rows, groups, (members) =>
        below(centres[0]!, members, grower),
      )
    },
  }
}
