import type { RowsRange } from '../row-share.ts'

/**
 * A scan of the rows of a range, with what the search that resumes it needs: lower bounds of all rows, and the
 * distances of those it decided (Hjaltason and Samet, Distance browsing in spatial databases, 1999).
 * Holds as long as no row is written; filters, radius and k may differ.
 */
export class ResumableScan {
  readonly name: string
  readonly vector: Float32Array
  readonly range: RowsRange
  /** Bits of the rows that had codes when the bounds were made: no other bound means anything. */
  readonly coded: Uint32Array
  /** Squared lower bounds; NaN of a row that is decided. */
  readonly bounds: Float32Array
  readonly #rows: number[] = []
  readonly #distances: number[] = []

  constructor(name: string, vector: Float32Array, range: RowsRange, coded: Uint32Array) {
    this.name = name
    this.vector = vector
    this.range = range
    this.coded = coded
    this.bounds = new Float32Array(range.end - range.first)
  }

  get bytes(): number {
    return this.bounds.byteLength + this.coded.byteLength + 16 * this.#rows.length
  }

  decided(row: number, distance: number): void {
    this.#rows.push(row)
    this.#distances.push(distance)
    this.bounds[row - this.range.first] = Number.NaN
  }

  forEachDecided(visit: (row: number, distance: number) => void): void {
    for (let i = 0; i < this.#rows.length; i++) visit(this.#rows[i]!, this.#distances[i]!)
  }

  /** Whether it is of a search for this vector in this range. */
  fits(vector: Float32Array, { first, end }: RowsRange): boolean {
    if (first !== this.range.first || end !== this.range.end) return false
    return vector.length === this.vector.length && vector.every((x, i) => x === this.vector[i])
  }
}
