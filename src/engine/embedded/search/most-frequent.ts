import { nextTurn } from '../../../scheduling/next-turn.ts'
import { compareIdentities, type IdentityValue } from '../../identity-value.ts'

/** Values that are looked at before other work gets its turn. */
const VALUES_A_TURN = 1000

/**
 * Gives the most frequent values by their numbers, those of equal counts in the order of `compareIdentities`. Names take long to
 * compare, so they are only where counts are equal at the cut or within it, and others get their turn meanwhile.
 * @param numbers those to choose from.
 */
export async function mostFrequent(
  numbers: readonly number[],
  counts: ArrayLike<number>,
  values: readonly IdentityValue[],
  most: number,
  signal?: AbortSignal,
): Promise<number[]> {
  const compare = (a: number, b: number) =>
    counts[b]! - counts[a]! || compareIdentities(values[a]!, values[b]!)
  const ordered = Float64Array.from(numbers, (number) => counts[number]!).sort()
  const least = ordered[Math.max(0, ordered.length - most)] ?? 0
  const kept: number[] = []
  // The first `most` are in order, and what comes behind the last of them can be left out.
  let last: number | null = null
  const cut = () => {
    kept.sort(compare).splice(most)
    if (kept.length === most) last = kept.at(-1)!
  }
  for (const [i, number] of numbers.entries()) {
    if (i % VALUES_A_TURN === VALUES_A_TURN - 1) await nextTurn(signal)
    if (counts[number]! < least || (last !== null && compare(number, last) > 0)) continue
    kept.push(number)
    if (kept.length >= 2 * most) cut()
  }
  cut()
  return kept
}
