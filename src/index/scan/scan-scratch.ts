import { BLOCK_BYTES, MAX_THREADS, scratchOffset } from '../../kernels/block-memory.ts'

// The scratch block of a thread. A block of rows holds at most 16,384 of them, so that each list
// fits its part.
const PART = BLOCK_BYTES / 4
const WORDS = PART / 4
/** Squared distances that fit at once, with the three that the kernel may write past the last. */
export const MAX_SQUARES = 4096

interface Views {
  readonly query: Float32Array
  readonly listed: Uint32Array
  readonly found: Uint32Array
  readonly bounds: Float32Array
  readonly squares: Float64Array
}

/** Addresses of a thread's scratch space, the same in every segment. */
export class ScanScratch {
  /** The query, in float32. */
  readonly query: number
  /** The codes of a query, or of several; they stay while float32 rows are looked at. */
  readonly codes: number
  /** Row numbers to look at; once a kernel has found rows among them, their canonical squared distances. */
  readonly listed: number
  /** What a kernel found: row numbers, or a bound a row and query. */
  readonly found: number

  readonly #views = new WeakMap<WebAssembly.Memory, Views>()

  /** @param thread 0 to 63; no two scans may run at once on one. */
  constructor(thread: number) {
    if (thread >= MAX_THREADS) throw new RangeError(`thread ${thread} of ${MAX_THREADS}`)
    this.query = scratchOffset(thread)
    this.listed = this.query + PART
    this.found = this.query + 2 * PART
    this.codes = this.query + 3 * PART
  }

  /** Room for row numbers to look at. */
  listedWords(memory: WebAssembly.Memory): Uint32Array {
    return this.#of(memory).listed
  }

  /** Row numbers that a kernel found. */
  foundWords(memory: WebAssembly.Memory): Uint32Array {
    return this.#of(memory).found
  }

  /** Bounds that a kernel found. */
  foundFloats(memory: WebAssembly.Memory): Float32Array {
    return this.#of(memory).bounds
  }

  /** Canonical squared distances of rows that were found. */
  squares(memory: WebAssembly.Memory): Float64Array {
    return this.#of(memory).squares
  }

  /** Of the float32 query. */
  queryFloats(memory: WebAssembly.Memory): Float32Array {
    return this.#of(memory).query
  }

  // Scratch space lies where every segment begins, so that its views outlive every growth.
  #of(memory: WebAssembly.Memory): Views {
    const known = this.#views.get(memory)
    if (known !== undefined) return known
    const views = {
      query: new Float32Array(memory.buffer, this.query, WORDS),
      listed: new Uint32Array(memory.buffer, this.listed, WORDS),
      found: new Uint32Array(memory.buffer, this.found, WORDS),
      bounds: new Float32Array(memory.buffer, this.found, WORDS),
      squares: new Float64Array(memory.buffer, this.listed, MAX_SQUARES),
    }
    this.#views.set(memory, views)
    return views
  }
}
