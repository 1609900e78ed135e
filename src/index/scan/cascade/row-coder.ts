import type { RowsView } from '../../../kernels/vector-rows.ts'
import type { CodeTarget } from './coded-rows.ts'
import type { Learnt } from './learn-transform.ts'
import type { Transform } from './transform.ts'

/** Port: a thread of its own that learns transforms and writes codes. */
export interface RowCoder {
  /** Learns from a sample of the rows listed, at least PREFIX_RANK of them; anew where `now` is in use. */
  learn(rows: RowsView, sample: Uint32Array, now: Transform | null): Promise<Learnt>
  /**
   * Writes the codes of the rows listed, unless `target` is null; resolves to those that could be coded. Marks none.
   * Rows that belong in a file and are not there yet are written to it.
   */
  write(rows: RowsView, target: CodeTarget | null, wanted: Uint32Array): Promise<Uint32Array>
}
