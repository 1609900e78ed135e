import { BLOCK_BYTES, currentBuffer, MAX_THREADS, scratchOffset } from '../kernels/block-memory.ts'

// The scratch block of a thread. A block of rows holds at most 16,384 of them, so that each list
// fits its part.
const PART = BLOCK_BYTES / 4

/** Addresses of a thread's scratch space, the same in every segment. */
export class ScanScratch {
  /** The query, in float32. */
  readonly query: number
  /** The codes of a query, or of several; they stay while float32 rows are looked at. */
  readonly codes: number
  /** Row numbers to look at. */
  readonly listed: number
  /** What a kernel found: row numbers, or a bound a row and query. */
  readonly found: number

  /** @param thread 0 to 63; no two scans may run at once on one. */
  constructor(thread: number) {
    if (thread >= MAX_THREADS) throw new RangeError(`thread ${thread} of ${MAX_THREADS}`)
    this.query = scratchOffset(thread)
    this.listed = this.query + PART
    this.found = this.query + 2 * PART
    this.codes = this.query + 3 * PART
  }

  bytes(memory: WebAssembly.Memory, address: number, length: number): Uint8Array {
    return new Uint8Array(currentBuffer(memory, address + length), address, length)
  }

  words(memory: WebAssembly.Memory, address: number, length: number): Uint32Array {
    return new Uint32Array(currentBuffer(memory, address + 4 * length), address, length)
  }

  floats(memory: WebAssembly.Memory, address: number, length: number): Float32Array {
    return new Float32Array(currentBuffer(memory, address + 4 * length), address, length)
  }
}

export function hasBit(bits: Uint32Array, i: number): boolean {
  return ((bits[i >>> 5]! >>> (i & 31)) & 1) === 1
}
