import type { RowsView } from '../../kernels/vector-rows.ts'
import type { SpaceKind } from '../../vector/space.ts'
import type { CodedRows } from '../scan/cascade/coded-rows.ts'

/** Some rows, of each of which the rank of one query among its neighbours is wanted, up to `k`. */
export interface RankTask {
  readonly space: SpaceKind
  readonly rows: RowsView
  readonly codes: CodedRows | null
  /** One bit a row, set where the row counts as a neighbour; null when every row does. */
  readonly allowed: Uint32Array | null
  /** A bit for each row that comes before the query at the same distance; null: none does. */
  readonly before: Uint32Array | null
  readonly k: number
  /** The rows, and the published distance of the query from each. */
  readonly ranked: Uint32Array
  readonly distances: Float64Array
  /** `some`: a few rows are looked at, by which most ranks are seen to be beyond `k`. */
  readonly among: 'some' | 'all'
  /** The place in `ranked` where the slice begins. */
  readonly from: number
}

/** The ranks of the rows from `from` on that a slice came to. `k + 1`, or more, is beyond. */
export interface RankSlice {
  readonly ranks: Uint32Array
}
