import type { CodeRows } from '../../../kernels/code-rows.ts'
import type { Transform } from './transform.ts'

/** A prefix level in the making, beside the one in use. */
export class Renewal {
  readonly transform: Transform
  /** Null when the level is to be dropped. */
  readonly prefix: CodeRows | null
  /** Share of rows that the sample promises to let through. */
  readonly promised: number
  /** Rows below have been coded, but for those that were written since. */
  #next = 0
  readonly #written = new Set<number>()

  constructor(transform: Transform, prefix: CodeRows | null, promised: number) {
    this.transform = transform
    this.prefix = prefix
    this.promised = promised
  }

  willWrite(row: number): void {
    if (row < this.#next) this.#written.add(row)
  }

  /** Up to `most` rows below `end` to code next; none when all are. */
  take(end: number, most: number): Uint32Array {
    if (this.prefix === null) return new Uint32Array(0)
    if (this.#written.size > 0) return takeRows(this.#written, most)
    const first = this.#next
    this.#next = Math.min(end, first + most)
    return Uint32Array.from({ length: this.#next - first }, (_, i) => first + i)
  }

  /** These were not coded after all. */
  putBack(rows: Uint32Array): void {
    for (const row of rows) this.#written.add(row)
  }
}

/** Takes up to `most` rows out of a set, in row order. */
export function takeRows(set: Set<number>, most: number): Uint32Array {
  const rows = Uint32Array.from([...set].slice(0, most)).sort()
  for (const row of rows) set.delete(row)
  return rows
}
