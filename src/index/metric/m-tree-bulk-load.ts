import { drawIndices } from '../../vector/random.ts'
import { entriesAt, MAX_LEVEL, type MEntry, type MTreeSettings } from './m-tree-entry.ts'
import { centredNode } from './m-tree-split.ts'

/** Draws of seeds before entries that will not fall into groups are cut up in their order. */
const ATTEMPTS = 3

/**
 * Builds a tree over entries of one level (Ciaccia and Patella, Bulk loading the M-tree, ADC 1998): seeds
 * are drawn, every entry joins its nearest, each group becomes a subtree, subtrees that came out
 * taller than the lowest give way to their parts of its height, and those are loaded in the same way.
 */
export function bulkLoadMTree<T>(
  entries: readonly MEntry<T>[],
  settings: MTreeSettings<T>,
): MEntry<T> {
  if (entries.length <= settings.capacity) return centredNode(entries, settings)
  const subtrees = groups(entries, settings).map((group) => bulkLoadMTree(group, settings))
  const level = subtrees.reduce((least, subtree) => Math.min(least, subtree.level), MAX_LEVEL)
  const equallyTall = subtrees.flatMap((subtree) => [...entriesAt(subtree, level)])
  return bulkLoadMTree(equallyTall, settings)
}

/** Parts entries into at least two groups, none smaller than the minimum. */
function groups<T>(
  entries: readonly MEntry<T>[],
  settings: MTreeSettings<T>,
): readonly (readonly MEntry<T>[])[] {
  const { capacity, random } = settings
  const wanted = Math.min(capacity, Math.max(2, Math.ceil((2 * entries.length) / capacity)))
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const seeds = drawIndices(entries.length, wanted, random).map((i) => entries[i]!)
    const found = groupsOfSeeds(entries, seeds, settings)
    if (found.length >= 2) return found
  }
  const count = Math.ceil(entries.length / capacity)
  return Array.from({ length: count }, (_, i) =>
    entries.slice(
      Math.floor((i * entries.length) / count),
      Math.floor(((i + 1) * entries.length) / count),
    ),
  )
}

function groupsOfSeeds<T>(
  entries: readonly MEntry<T>[],
  seeds: readonly MEntry<T>[],
  settings: MTreeSettings<T>,
): MEntry<T>[][] {
  const members = seeds.map((): MEntry<T>[] => [])
  for (const entry of entries) members[nearestSeed(entry, seeds, settings)]!.push(entry)
  const large = members.map((group) => group.length >= settings.minimum)
  const left = seeds.filter((_, i) => large[i])
  if (left.length < 2) return []
  const result = members.filter((_, i) => large[i])
  for (const entry of members.filter((_, i) => !large[i]).flat()) {
    result[nearestSeed(entry, left, settings)]!.push(entry)
  }
  return result
}

function nearestSeed<T>(
  entry: MEntry<T>,
  seeds: readonly MEntry<T>[],
  settings: MTreeSettings<T>,
): number {
  let nearest = 0
  let least = Number.POSITIVE_INFINITY
  for (let i = 0; i < seeds.length && least > 0; i++) {
    const distance = settings.between(seeds[i]!.item, entry.item)
    if (distance < least) {
      nearest = i
      least = distance
    }
  }
  return nearest
}
