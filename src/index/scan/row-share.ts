import { PREFIX_RANK } from './cascade/transform.ts'
import { type SharedSearch, takeChunk } from './shared-search.ts'

/** Chunks of rows for each part: one that starts late, or is slow, holds the others up for one of them at most. */
const CHUNKS_A_PART = 8

/** Rows from `first` up to `end`, exclusive. */
export interface RowsRange {
  readonly first: number
  readonly end: number
}

/** Counts the numbers that the first level of a search reads, of codes or of rows: what decides whether to split it. */
export function componentsRead(rows: number, dimensions: number, usesPrefix: boolean): number {
  return rows * (usesPrefix ? PREFIX_RANK : dimensions)
}

/** Cuts rows into `parts` ranges of about the same size, at multiples of 32 rows. */
export function splitRows(rows: number, parts: number): RowsRange[] {
  const cut = (i: number) => (i === parts ? rows : Math.floor((rows * i) / parts / 32) * 32)
  return Array.from({ length: parts }, (_, i) => ({ first: cut(i), end: cut(i + 1) }))
}

/** Gives the rows that a part takes at a time: a multiple of 32, so that no two parts share a word of bits. */
export function chunkRows(rows: number, parts: number): number {
  return Math.ceil(rows / (parts * CHUNKS_A_PART) / 32) * 32
}

/**
 * The rows that one part of a search looks at, a range at a time. Going through them the first time takes them, from
 * those that no other part has taken: a part that starts late, or is slow, gets fewer. From then on they are the same.
 */
export class RowShare implements Iterable<RowsRange> {
  /** The range that its rows lie in. */
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
    const { first, end } = this.range
    if (this.#shared === null || this.#shared.chunk === null) {
      yield this.range
      return
    }
    const { chunk } = this.#shared
    yield* this.#taken
    while (!this.#done) {
      const begin = first + chunk * takeChunk(this.#shared, this.#part, this.#query)
      this.#done = begin >= end
      if (this.#done) return
      const next = { first: begin, end: Math.min(end, begin + chunk) }
      this.#taken.push(next)
      yield next
    }
  }
}

/**
 * Gives the parts of blocks that a range covers, where a block holds `capacity` rows: the number of the block in row
 * order, its first row, and which rows from there.
 */
export function* blockParts({ first, end }: RowsRange, capacity: number) {
  for (let row = first; row < end; ) {
    const block = Math.floor(row / capacity)
    const firstRow = block * capacity
    const from = row - firstRow
    const count = Math.min(capacity - from, end - row)
    yield { block, firstRow, from, count }
    row += count
  }
}
