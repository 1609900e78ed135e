import type { RowsView } from '../../kernels/vector-rows.ts'
import { hasBit } from '../../vector/bitset.ts'
import type { RowAnswer } from '../row-index.ts'
import type { NearestSoFar } from './nearest-so-far.ts'
import type { RowDecider } from './row-decider.ts'
import type { RowShare, RowsRange } from './row-share.ts'
import type { RowSource } from './row-source.ts'

/** The level behind the codes: decides rows by their vectors. */
export interface RowLevel {
  /** Rows this level looked at since it was last reset. */
  scanned: number
  /** Decides all rows of a range that the query allows. */
  scanRange(rows: RowsView, nearest: RowDecider, range: RowsRange): void
  /** Decides the rows of a list in ascending order, and passes over those that are too far; all must be allowed. */
  scanRows(rows: RowsView, nearest: RowDecider, list: ArrayLike<number>, length: number): void
  /** Decides every row of a list in ascending order, without a look at its distance first. */
  decideRows(rows: RowsView, nearest: RowDecider, list: ArrayLike<number>, length: number): void
}

/** Searches the vectors of some rows for one query, without their codes. */
export function scanVectors(
  rows: RowsView,
  nearest: NearestSoFar,
  share: RowShare,
  level: RowLevel,
): RowAnswer {
  level.scanned = 0
  for (const range of share) level.scanRange(rows, nearest, range)
  return nearest.answer([{ name: 'float32', candidates: level.scanned }])
}

/** Rows in a file: reading one costs more than its canonical distance, which therefore comes at once. */
export class StoredLevel implements RowLevel {
  readonly #source: RowSource
  scanned = 0

  constructor(source: RowSource) {
    this.#source = source
  }

  scanRange(rows: RowsView, nearest: RowDecider, { first, end }: RowsRange): void {
    const { allowed } = nearest.query
    for (let row = first; row < end && !nearest.isStopped; row++) {
      if (allowed !== null && !hasBit(allowed, row)) continue
      this.scanned++
      nearest.decide(row, this.#source.vector(rows, row))
    }
  }

  scanRows(rows: RowsView, nearest: RowDecider, list: ArrayLike<number>, length: number): void {
    this.scanned += length
    this.decideRows(rows, nearest, list, length)
  }

  decideRows(rows: RowsView, nearest: RowDecider, list: ArrayLike<number>, length: number): void {
    for (let i = 0; i < length && !nearest.isStopped; i++) {
      const row = list[i]!
      nearest.decide(row, this.#source.vector(rows, row))
    }
  }
}
