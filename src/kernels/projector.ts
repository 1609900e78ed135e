import { BLOCK_BYTES, MAX_PAGES, PAGE_BYTES } from './block-memory.ts'
import { bindKernels, type Kernels } from './kernels.ts'

/** A basis in memory: the coordinates lie at 0, behind them the vector, and behind that the rows of the basis. */
interface LoadedBasis {
  readonly basis: Float64Array
  readonly rank: number
  /** Padded length of the vector, and of a row. */
  readonly bytes: number
  readonly coordinates: Float64Array
  readonly vector: Float64Array
}

/** Projects vectors on a basis, for one thread. The basis lies in a memory of its own, made when it is first needed. */
export class Projector {
  readonly #module: WebAssembly.Module
  #kernels: Kernels | null = null
  #loaded: LoadedBasis | null = null

  constructor(module: WebAssembly.Module) {
    this.#module = module
  }

  /**
   * Gives room for a vector to project, until another basis is used.
   *
   * @param basis rows of `dimensions` numbers, a multiple of four of them; must not change.
   */
  vector(basis: Float64Array, dimensions: number): Float64Array {
    if (this.#loaded?.basis !== basis) this.#loaded = this.#load(basis, dimensions)
    return this.#loaded.vector
  }

  /** Returns the coordinates of the vector; they hold until the next call. */
  project(): Float64Array {
    const { bytes, rank, coordinates } = this.#loaded!
    this.#kernels!.project(rank * 8 + bytes, bytes, rank, rank * 8, 0)
    return coordinates
  }

  /** Returns the norm of what lies outside of a vector that has been projected; the vector is gone then. */
  outsideNorm(): number {
    const { bytes, rank } = this.#loaded!
    return Math.sqrt(this.#kernels!.takeAway(rank * 8 + bytes, bytes, rank, rank * 8, 0))
  }

  #load(basis: Float64Array, dimensions: number): LoadedBasis {
    const rank = basis.length / dimensions
    const padded = Math.ceil(dimensions / 2) * 2
    const all = new Float64Array(this.#reach((rank + padded + rank * padded) * 8)).fill(0)
    const vector = all.subarray(rank, rank + dimensions)
    for (let k = 0; k < rank; k++) {
      const row = basis.subarray(k * dimensions, (k + 1) * dimensions)
      all.set(row, rank + padded + k * padded)
    }
    return { basis, rank, bytes: padded * 8, coordinates: all.subarray(0, rank), vector }
  }

  #reach(bytes: number): ArrayBufferLike {
    const initial = BLOCK_BYTES / PAGE_BYTES
    this.#kernels ??= bindKernels(
      this.#module,
      new WebAssembly.Memory({ initial, maximum: MAX_PAGES, shared: true }),
    )
    const { memory } = this.#kernels
    const missing = bytes - memory.buffer.byteLength
    if (missing > 0) memory.grow(Math.ceil(missing / PAGE_BYTES))
    return memory.buffer
  }
}
