import type { RowsRange } from './rows-range.ts'
import { type SharedSearch, takeChunk } from './shared-search.ts'

/**
 * The rows that one part of a search looks at, a range at a time. Going through them the first time takes them, from
 * those that no other part has taken: a part that starts late, or is slow, gets fewer. From then on they are the same.
 */
export class RowShare implements Iterable<RowsRange> {
  /** What its rows lie in. */
  readonly range: RowsRange
  readonly #shared: SharedSearch | null
  readonly #part: number
  readonly #query: number
  readonly #taken: RowsRange[] = []
  #done = false

  /**
   * @param range where `shared` has chunks, the same for all parts.
   * @param query the queries that go through the rows together are named by the first of them.
   */
  constructor(range: RowsRange, shared: SharedSearch | null, part: number, query: number) {
    this.range = range
    this.#shared = shared
    this.#part = part
    this.#query = query
  }

  /** Whether all of `range` is its own, whatever other parts do. */
  get isFixed(): boolean {
    return (this.#shared?.chunk ?? null) === null
  }

  *[Symbol.iterator](): Generator<RowsRange> {
    yield* this.#taken
    while (!this.#done) {
      const next = this.#take()
      if (next !== null) {
        this.#taken.push(next)
        yield next
      }
    }
  }

  #take(): RowsRange | null {
    const { first, end } = this.range
    if (this.#shared === null || this.#shared.chunk === null) {
      this.#done = true
      return this.range
    }
    const { chunk } = this.#shared
    const begin = first + chunk * takeChunk(this.#shared, this.#part, this.#query)
    this.#done = begin >= end
    return this.#done ? null : { first: begin, end: Math.min(end, begin + chunk) }
  }
}
