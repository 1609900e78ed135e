import type { RowSlots } from '../rows/row-slots.ts'

/** Comparisons before other work gets its turn: about 1 ms. */
const STEPS_A_TURN = 8192

/**
 * Gives the place of each row in the order of the ids, by a merge sort that other work can come between; the rows must be
 * pinned. @throws what `signal` aborts with.
 */
export async function idRanks(
  slots: Pick<RowSlots, 'compareIds'>,
  count: number,
  signal: AbortSignal,
): Promise<Uint32Array> {
  let from = Uint32Array.from({ length: count }, (_, row) => row)
  let into = new Uint32Array(count)
  let steps = 0
  for (let width = 1; width < count; width *= 2) {
    for (let first = 0; first < count; first += 2 * width) {
      const middle = Math.min(count, first + width)
      const end = Math.min(count, first + 2 * width)
      let [a, b] = [first, middle]
      for (let i = first; i < end; i++) {
        const isFirst = b === end || (a < middle && slots.compareIds(from[a]!, from[b]!) <= 0)
        into[i] = isFirst ? from[a++]! : from[b++]!
        if (++steps % STEPS_A_TURN === 0) {
          await new Promise(setImmediate)
          signal.throwIfAborted()
        }
      }
    }
    ;[from, into] = [into, from]
  }
  const ranks = new Uint32Array(new SharedArrayBuffer(count * 4))
  from.forEach((row, rank) => {
    ranks[row] = rank
  })
  return ranks
}
