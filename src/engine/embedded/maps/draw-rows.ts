import { nextTurn } from '../../../scheduling/next-turn.ts'
import type { RowSlots } from '../rows/row-slots.ts'

/** Rows that are looked at before other work gets its turn: about 1 ms. */
const ROWS_A_TURN = 20_000
const BUCKETS = 65_536

/**
 * Draws up to `limit` of the rows in use, ascending: those whose keys have the least hashes. So the draw is the same whatever
 * is asked with it, and a record that is written or deleted changes it by that one, and one that takes its place.
 */
export async function drawRows(
  slots: Pick<RowSlots, 'rowsInUse' | 'key'>,
  limit: number,
  signal?: AbortSignal,
): Promise<Uint32Array> {
  const rows = slots.rowsInUse()
  if (rows.length <= limit) return rows
  const hashes = new Uint32Array(rows.length)
  const counts = new Uint32Array(BUCKETS)
  for (let i = 0; i < rows.length; i++) {
    if (i % ROWS_A_TURN === ROWS_A_TURN - 1) await nextTurn(signal)
    hashes[i] = mixed(slots.key(rows[i]!))
    counts[bucketOf(hashes[i]!)]!++
  }
  const most = numberAt(hashes, counts, limit)
  return rows.filter((_, i) => hashes[i]! <= most).subarray(0, limit)
}

/** Gives the hash that stands at a place, from 1, in their order. @param counts how many there are in each bucket. */
function numberAt(hashes: Uint32Array, counts: Uint32Array, place: number): number {
  let bucket = 0
  let before = 0
  while (before + counts[bucket]! < place) before += counts[bucket++]!
  const within = hashes.filter((hash) => bucketOf(hash) === bucket).sort()
  return within[place - before - 1]!
}

function bucketOf(hash: number): number {
  return hash >>> 16
}

/** Mixes the bits of a key, of which those that are counted up differ in the lowest alone (the end of MurmurHash3, Austin Appleby, public domain). */
function mixed(key: number): number {
  let bits = (key >>> 0) ^ (key / 2 ** 32)
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b)
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35)
  return (bits ^ (bits >>> 16)) >>> 0
}
