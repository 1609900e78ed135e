import type { Random } from '../../vector/random.ts'
import type { Item } from './search.ts'
import type { VpBranch, VpEntry, VpNode } from './vp-node.ts'

/** Candidates for a vantage point, and entries that each is tried on. */
const CANDIDATES = 6
const TRIED_ON = 24

export interface VpBuilding<T> {
  readonly leafCapacity: number
  readonly random: Random
  readonly between: (a: Item<T>, b: Item<T>) => number
}

/**
 * Builds a node of entries whose paths have `depth` distances; makes the paths longer. The halves
 * are split by rank, so that duplicates cannot unbalance them.
 */
export function buildVpNode<T>(
  entries: VpEntry<T>[],
  depth: number,
  building: VpBuilding<T>,
): VpNode<T> {
  if (entries.length <= building.leafCapacity) return { kind: 'leaf', entries }
  const chosen = chooseVantage(entries, building)
  const vantage = entries[chosen]!
  entries[chosen] = entries.at(-1)!
  entries.pop()
  for (const entry of entries) entry.path.push(building.between(vantage.item, entry.item))
  entries.sort((a, b) => a.path[depth]! - b.path[depth]!)
  const half = entries.length >> 1
  return {
    kind: 'inner',
    vantage,
    near: branch(entries.slice(0, half), depth, building),
    far: branch(entries.slice(half), depth, building),
    count: entries.length + 1,
  }
}

function branch<T>(sorted: VpEntry<T>[], depth: number, building: VpBuilding<T>): VpBranch<T> {
  const low = sorted[0]!.path[depth]!
  const high = sorted.at(-1)!.path[depth]!
  return { node: buildVpNode(sorted, depth + 1, building), low, high }
}

/** Gives the candidate whose distances to a sample spread most about their median (Yianilos 1993). */
function chooseVantage<T>(entries: readonly VpEntry<T>[], building: VpBuilding<T>): number {
  const { random, between } = building
  const sample = Array.from({ length: Math.min(TRIED_ON, entries.length) }, () =>
    Math.floor(random() * entries.length),
  )
  let best = 0
  let bestSpread = -1
  for (let i = 0; i < CANDIDATES; i++) {
    const candidate = Math.floor(random() * entries.length)
    const distances = Float64Array.from(sample, (other) =>
      between(entries[candidate]!.item, entries[other]!.item),
    ).sort()
    const median = distances[distances.length >> 1]!
    let spread = 0
    for (const distance of distances) spread += (distance - median) ** 2
    if (spread > bestSpread) {
      best = candidate
      bestSpread = spread
    }
  }
  return best
}
