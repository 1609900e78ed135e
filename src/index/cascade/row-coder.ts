import type { RowsView } from '../../kernels/vector-rows.ts'
import type { CodedRows } from './coded-rows.ts'
import type { Transform } from './transform.ts'

/** Port: a thread of its own that learns transforms and writes codes. */
export interface RowCoder {
  /** Learns from a sample of the rows listed; at least PREFIX_RANK of them. */
  learn(rows: RowsView, sample: Uint32Array): Promise<Transform>
  /**
   * Writes the codes of the rows listed; resolves to those that could be coded. Marks none. Rows that belong in a
   * file and are not there yet are written to it.
   */
  write(rows: RowsView, target: CodedRows, wanted: Uint32Array): Promise<Uint32Array>
}
