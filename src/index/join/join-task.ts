import type { RowsView } from '../../kernels/vector-rows.ts'
import type { SpaceKind } from '../../vector/space.ts'
import type { CodedRows } from '../scan/cascade/coded-rows.ts'
import type { PairRanks, RowPairs } from './found-pairs.ts'

/** Rows of the right side that some rows of the left side meet before the next ones, up to `end`, and the codes they meet first. */
export interface JoinStrip {
  readonly end: number
  readonly level: 'prefix' | 'full' | 'none'
}

/** Where a join goes on: at a row of the right side, and at a place in the list of the rows of the left side. */
export interface JoinPlace {
  readonly right: number
  readonly left: number
  /** The strip that begins at the row; null where none has begun. */
  readonly strip: JoinStrip | null
}

/** Some rows of one side, to be joined with all rows of the other that are allowed. */
export interface JoinTask {
  readonly space: SpaceKind
  readonly left: RowsView
  /** The rows of the left side, ascending; all are allowed. */
  readonly leftRows: Uint32Array
  readonly right: {
    readonly rows: RowsView
    readonly codes: CodedRows | null
    /** One bit a row, set where the row may be in a pair; null when every row may. */
    readonly allowed: Uint32Array | null
  }
  /** Whether both sides are the same rows: then each pair is found once, and no row with itself. */
  readonly isSelf: boolean
  /** The largest published distance, inclusive; Infinity for none. */
  readonly radius: number
  /** The number of closest pairs wanted, for which there must be `ranks`; Infinity for all within the radius. */
  readonly k: number
  /** Null where all pairs are wanted. */
  readonly ranks: PairRanks | null
  readonly from: JoinPlace
}

/** The pairs that a slice of a task has found, and where the next slice begins; null at the end of the task. */
export interface JoinSlice extends RowPairs {
  readonly next: JoinPlace | null
}

export const JOIN_START: JoinPlace = { right: 0, left: 0, strip: null }
