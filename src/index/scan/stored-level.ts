import type { RowsView } from '../../kernels/vector-rows.ts'
import { hasBit } from '../../vector/bitset.ts'
import type { Decision } from './decision.ts'
import type { RowLevel } from './row-level.ts'
import type { RowSource } from './row-source.ts'
import type { RowsRange } from './rows-range.ts'

/** Rows in a file: reading one costs more than its canonical distance, which therefore comes at once. */
export class StoredLevel implements RowLevel {
  readonly #source: RowSource
  scanned = 0

  constructor(source: RowSource) {
    this.#source = source
  }

  scanRange(rows: RowsView, decision: Decision, { first, end }: RowsRange): void {
    const { allowed } = decision.query
    for (let row = first; row < end; row++) {
      if (allowed !== null && !hasBit(allowed, row)) continue
      this.scanned++
      this.#decide(rows, decision, row)
    }
  }

  scanRows(rows: RowsView, decision: Decision, list: ArrayLike<number>, length: number): void {
    this.scanned += length
    this.decideRows(rows, decision, list, length)
  }

  decideRows(rows: RowsView, decision: Decision, list: ArrayLike<number>, length: number): void {
    for (let i = 0; i < length; i++) this.#decide(rows, decision, list[i]!)
  }

  #decide(rows: RowsView, decision: Decision, row: number): void {
    decision.decide(row, this.#source.vector(rows, row))
  }
}
