import { BLOCK_BYTES, MAX_THREADS } from '../../kernels/block-memory.ts'
import { bindKernels, type Kernels } from '../../kernels/kernels.ts'

// The scratch block of a thread, in four parts. A block of rows holds at most 16,384 of them, so that each list
// fits its part.
const PART = BLOCK_BYTES / 4
const WORDS = PART / 4
/** Squared distances that fit at once, with the three that the kernel may write past the last. */
export const MAX_SQUARES = 4096

/** One segment of memory as one thread scans it: the kernels, and scratch space to call them with. */
export class ScanSegment {
  readonly kernels: Kernels
  /** Where the scratch space lies, the same in every segment. */
  readonly at: {
    /** The query, in float32. */
    readonly query: number
    /** Row numbers to look at; once a kernel has found rows among them, their canonical squared distances. */
    readonly listed: number
    /** The finds of a kernel: row numbers, or a bound a row and query. */
    readonly found: number
    /** The codes of a query, or of several; they stay while float32 rows are looked at. */
    readonly codes: number
  }
  // Scratch space lies where every segment begins, so that its views outlive every growth.
  readonly query: Float32Array
  readonly listed: Uint32Array
  readonly squares: Float64Array
  readonly found: Uint32Array
  readonly bounds: Float32Array

  /** @param thread 0 to 63; no two scans may run at once on one. */
  constructor(module: WebAssembly.Module, memory: WebAssembly.Memory, thread: number) {
    if (thread >= MAX_THREADS) throw new RangeError(`thread ${thread} of ${MAX_THREADS}`)
    const query = thread * BLOCK_BYTES
    const at = { query, listed: query + PART, found: query + 2 * PART, codes: query + 3 * PART }
    const { buffer } = memory
    this.kernels = bindKernels(module, memory)
    this.at = at
    this.query = new Float32Array(buffer, at.query, WORDS)
    this.listed = new Uint32Array(buffer, at.listed, WORDS)
    this.squares = new Float64Array(buffer, at.listed, MAX_SQUARES)
    this.found = new Uint32Array(buffer, at.found, WORDS)
    this.bounds = new Float32Array(buffer, at.found, WORDS)
  }

  /** Writes a query where the kernels look for it, filled up with zeros to `floats` numbers. */
  loadQuery(vector: Float32Array, floats: number): void {
    this.query.set(vector)
    this.query.fill(0, vector.length, floats)
  }
}
