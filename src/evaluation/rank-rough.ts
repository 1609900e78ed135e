import type { ClassNumbers } from './class-numbers.ts'
import type { ClassSums } from './class-sums.ts'
import { checkClassSizes, type RankingCalls, ReachedMeasures } from './evaluate-labelled.ts'
import { MatchCounter } from './match-counter.ts'
import type { RoughDistances } from './rough-distances.ts'

/** Numbers that are held at a time: 16 MiB of them. */
const HELD = 2 ** 21

/**
 * As rankLabelled, the same ranks from distances that are not quite canonical: those that could stand
 * on either side of a match are computed anew.
 * @throws NOTHING_TO_EVALUATE (see checkClassSizes).
 */
export async function rankRough(
  distances: RoughDistances,
  numbers: ClassNumbers,
  { onQuery }: RankingCalls = {},
): Promise<ClassSums> {
  checkClassSizes(numbers.sizes)
  const { count } = distances
  const { classes } = numbers
  const counter = new MatchCounter(count)
  const reached = new ReachedMeasures(numbers, onQuery)
  const atOnce = Math.max(1, Math.floor(HELD / count))
  for (let first = 0; first < count; first += atOnce) {
    const end = Math.min(count, first + atOnce)
    const squared = await distances.rows(first, end)
    for (let query = first; query < end; query++) {
      const row = squared.subarray((query - first) * count, (query - first + 1) * count)
      const rough = {
        within: distances.within,
        canonical: (other: number) => distances.canonical(query, other),
      }
      const isLeftOut = (other: number) => other === query
      reached.add(query, counter.ranks(row, classes, classes[query]!, isLeftOut, rough))
    }
  }
  return reached.sums
}
