import { nextTurn } from '../../../scheduling/next-turn.ts'
import type { RowSlots } from '../rows/row-slots.ts'

/** The ids of some rows as UTF-8, one behind the other, in shared memory. */
export interface PackedIds {
  readonly bytes: Uint8Array
  /** Where each begins, and at last where all end. */
  readonly starts: Uint32Array
}

/** Ids packed before other work gets its turn: about 2 ms. */
const IDS_A_TURN = 5_000

/** @throws what `signal` aborts with. */
export async function packedIds(
  slots: Pick<RowSlots, 'id'>,
  rows: Uint32Array,
  signal?: AbortSignal,
): Promise<PackedIds> {
  const starts = new Uint32Array(new SharedArrayBuffer((rows.length + 1) * 4))
  const parts: Buffer[] = []
  let end = 0
  for (let i = 0; i < rows.length; i += IDS_A_TURN) {
    if (i > 0) {
      await nextTurn(signal)
    }
    const ids: string[] = []
    for (let j = i; j < Math.min(i + IDS_A_TURN, rows.length); j++) {
      const id = slots.id(rows[j]!)
      ids.push(id)
      end += Buffer.byteLength(id)
      starts[j + 1] = end
    }
    parts.push(Buffer.from(ids.join('')))
  }
  const bytes = new Uint8Array(new SharedArrayBuffer(end))
  let at = 0
  for (const part of parts) {
    bytes.set(part, at)
    at += part.length
  }
  return { bytes, starts }
}

/** Orders the ids at two positions as `compareIds` does: UTF-8 sorts by code point. */
export function comparePackedIds({ bytes, starts }: PackedIds, a: number, b: number): number {
  const text = (i: number) => bytes.subarray(starts[i], starts[i + 1])
  return Buffer.compare(text(a), text(b))
}
