import type { RowsView } from '../../kernels/vector-rows.ts'
import type { CodedRows } from './coded-rows.ts'
import type { Transform } from './transform.ts'

/** Port: a thread of its own that learns transforms and writes codes. */
export interface RowCoder {
  /** Learns from a sample of the rows listed; at least PREFIX_RANK of them. */
  learn(rows: RowsView, sample: Uint32Array): Promise<Transform>
  /** Codes the rows from `first` up to `end` that are not yet; none of them may change meanwhile. */
  write(rows: RowsView, target: CodedRows, first: number, end: number): Promise<void>
}
