import { nextTurn } from '../../../scheduling/next-turn.ts'
import type { RowSlots } from '../rows/row-slots.ts'
import { type RowsOfMoment, rowsIn } from './joined-rows.ts'

/** Comparisons before other work gets its turn: about 1 ms. */
const STEPS_A_TURN = 8192

/**
 * Gives rows in the order of their ids, by a merge sort that other work can come between; the rows must be pinned, so that they
 * keep their ids. @throws what `signal` aborts with.
 */
export async function byIds(
  slots: Pick<RowSlots, 'compareIds'>,
  rows: Uint32Array,
  signal: AbortSignal,
): Promise<Uint32Array> {
  const count = rows.length
  let from = rows.slice()
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
          await nextTurn(signal)
        }
      }
    }
    ;[from, into] = [into, from]
  }
  return from
}

/** Gives the place of each row of a moment in the order of the ids; that of any other row means nothing. @throws as `byIds`. */
export async function idRanks(moment: RowsOfMoment, signal: AbortSignal): Promise<Uint32Array> {
  const ordered = await byIds(moment.rows.slots, rowsIn(moment), signal)
  const ranks = new Uint32Array(new SharedArrayBuffer(moment.view.count * 4))
  ordered.forEach((row, rank) => {
    ranks[row] = rank
  })
  return ranks
}
