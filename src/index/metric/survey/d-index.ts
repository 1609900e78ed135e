import type { Group, Grower, PartStructure } from './grower.ts'
import type { Entry, Part } from './part.ts'

/** Items among which the pivots of a level are chosen, for each. */
const SAMPLE = 16

/**
 * D-index (Dohnal, Gennaro, Savino and Zezula, D-index: distance searching index, 2003): similarity hashing. Each pivot
 * of a level parts the items into near, far and a middle; those that are in no middle go to the bucket of their sides,
 * all others to the next level, and what is left at the end to one bucket.
 *
 * @param middle the percentage of a level's items that lie in the middle of one pivot.
 */
export function dIndex(levels = 8, pivots = 4, middle = 10): PartStructure {
  function level<T>(left: number, entries: Entry<T>[], grower: Grower<T>): Part<T> {
    if (left === 0 || entries.length <= 2 ** pivots) return grower.leaf(entries)
    const centres = grower.pivots(entries, pivots, SAMPLE * pivots)
    const rows = grower.measure(centres, entries)
    const bands = centres.map((_, i) => middleOf(rows, i))
    const buckets = new Map<number, number[]>()
    const excluded: number[] = []
    for (const [at, row] of rows.entries()) {
      let bucket = 0
      for (const [i, [low, high]] of bands.entries()) {
        const side = row[i]! < low ? 0 : 1
        bucket = row[i]! >= low && row[i]! <= high ? Number.NaN : 2 * bucket + side
      }
      if (Number.isNaN(bucket)) excluded.push(at)
      else if (buckets.has(bucket)) buckets.get(bucket)!.push(at)
      else buckets.set(bucket, [at])
    }
    const groups: Group[] = Array.from(buckets.values(), (members) => ({ members }))
    groups.push({ members: excluded, any: bands })
    const guests = centres.length
    return grower.part({ centres, guests }, entries, rows, groups, (members, i) =>
      i < buckets.size ? grower.leaf(members) : level(left - 1, members, grower),
    )
  }
  function middleOf(rows: readonly Float64Array[], i: number): readonly [number, number] {
    const sorted = Float64Array.from(rows, (row) => row[i]!).sort()
    const at = (percent: number) => sorted[Math.floor(((sorted.length - 1) * percent) / 100)]!
    return [at(50 - middle / 2), at(50 + middle / 2)]
  }
  return {
    name: 'd-index',
    settings: { levels, pivots, middle },
    paths: Number.POSITIVE_INFINITY,
    grow: (entries, grower) => level(levels, entries, grower),
  }
}
