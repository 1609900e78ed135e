import { nextTurn } from '../../../scheduling/next-turn.ts'
import { clearBit, firstBits, setBit, sharedBits } from '../../../vector/bitset.ts'
import type { EngineQuery } from '../../query.ts'
import type { RecordReads } from '../generation-parts.ts'
import type { GenerationRows } from './generation-rows.ts'

type Rows = Pick<GenerationRows, 'slots' | 'vectors'>

/** The records that a query may return. */
type Which = Pick<EngineQuery, 'filter' | 'without'>

/** Rows that may be returned: their bits, null for every row, and how many they are. */
export interface AllowedRows {
  readonly bits: Uint32Array | null
  readonly count: number
}

/** Keys looked up before other work gets its turn: about 1 ms. */
const KEYS_A_TURN = 5_000

/** Allows all rows that are in use now but those of the ids left out. */
export function allowedNow({ slots, vectors }: Rows, without: readonly string[]): AllowedRows {
  const live = slots.liveBits()
  const found = without.map((id) => slots.rowOfId(id)).filter((row) => row !== undefined)
  const left = new Set(found)
  const count = slots.count - left.size
  if (left.size === 0) return { bits: live, count }
  const bits = sharedBits(vectors.count)
  // Bits beyond the rows would be those of rows to come.
  bits.set(live ?? firstBits(vectors.count))
  for (const row of left) clearBit(bits, row)
  return { bits, count }
}

/**
 * Allows the rows of these versions, also of those that ended since the search began, but for the ids left out.
 * @throws what `signal` aborts with.
 */
export async function allowedKeys(
  { slots, vectors }: Rows,
  keys: Float64Array,
  without: readonly string[],
  signal?: AbortSignal,
): Promise<AllowedRows & { readonly bits: Uint32Array }> {
  const left = new Set(without.map((id) => slots.rowOfId(id)))
  const bits = sharedBits(vectors.count)
  let count = 0
  for (let i = 0; i < keys.length; i++) {
    if (i > 0 && i % KEYS_A_TURN === 0) {
      await nextTurn(signal)
    }
    const row = slots.rowOfKey(keys[i]!)
    if (row === undefined || left.has(row)) continue
    setBit(bits, row)
    count++
  }
  return { bits, count }
}

/**
 * Allows the rows of this moment that a query may return, and none that is written later, although the answer comes in a later
 * turn. They are to be pinned before. @throws what `signal` aborts with.
 */
export async function allowedRows(
  rows: Rows,
  records: Pick<RecordReads, 'matching'>,
  { filter, without }: Which,
  signal?: AbortSignal,
): Promise<AllowedRows & { readonly bits: Uint32Array }> {
  if (filter === null) {
    const { bits, count } = allowedNow(rows, without)
    return { bits: bits ?? firstBits(rows.vectors.count), count }
  }
  return await allowedKeys(rows, await records.matching(filter, signal), without, signal)
}
