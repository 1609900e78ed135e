import type { JoinTask } from '../../../index/join/join-task.ts'
import type { RowsView } from '../../../kernels/vector-rows.ts'
import { setBits } from '../../../vector/bitset.ts'
import type { Filter } from '../../filter.ts'
import type { RecordReads } from '../generation-parts.ts'
import { allowedRows } from '../rows/allowed-rows.ts'
import type { GenerationRows } from '../rows/generation-rows.ts'

/** What is joined of a generation: the rows of one moment, which must be pinned. */
export interface RowsOfMoment {
  readonly rows: GenerationRows
  readonly view: RowsView
  /** One bit a row that meets the filter, and none of a row that was written since. */
  readonly allowed: Uint32Array
  /** The number of rows that do. */
  readonly count: number
}

/** Finds the rows that meet a filter, but for those of some ids. @throws what `signal` aborts with. */
export async function rowsOfMoment(
  rows: GenerationRows,
  records: Pick<RecordReads, 'matching'>,
  filter: Filter | null,
  signal: AbortSignal,
  without: readonly string[] = [],
): Promise<RowsOfMoment> {
  const { bits, count } = await allowedRows(rows, records, { filter, without }, signal)
  return { rows, view: rows.vectors.view(), allowed: bits, count }
}

/** Gives all the rows, ascending. */
export function rowsIn({ allowed, count }: RowsOfMoment): Uint32Array {
  const rows = new Uint32Array(count)
  let found = 0
  for (const row of setBits(allowed)) rows[found++] = row
  return rows
}

/** Gives the rows in lists of up to `length`, ascending. */
export function* rowLists({ allowed }: RowsOfMoment, length: number): Generator<Uint32Array> {
  let list: number[] = []
  for (const row of setBits(allowed)) {
    list.push(row)
    if (list.length < length) continue
    yield Uint32Array.from(list)
    list = []
  }
  if (list.length > 0) yield Uint32Array.from(list)
}

/** Gives the rows as the right side of a join, with the codes that they have by now. */
export function rightSide({ rows, view, allowed }: RowsOfMoment): JoinTask['right'] {
  return { rows: view, codes: rows.coding.view(), allowed }
}
