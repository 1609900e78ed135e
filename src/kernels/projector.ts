import { BLOCK_BYTES, MAX_PAGES, PAGE_BYTES } from './block-memory.ts'
import { bindKernels, type Kernels } from './kernels.ts'

interface Loaded {
  readonly basis: Float64Array
  readonly rank: number
  readonly bytes: number
  /** Addresses; the coordinates lie at 0. */
  readonly vectorAt: number
  readonly basisAt: number
  readonly vector: Float64Array
  readonly coordinates: Float64Array
}

/** Projects vectors on a basis, for one thread. The basis lies in a memory of its own, made when it is first needed. */
export class Projector {
  readonly #module: WebAssembly.Module
  #kernels: Kernels | null = null
  #loaded: Loaded | null = null

  /** @param module the compiled kernels. */
  constructor(module: WebAssembly.Module) {
    this.#module = module
  }

  /**
   * Room for a vector to project, until another basis is used.
   *
   * @param basis rows of `dimensions` numbers, a multiple of four of them; must not change.
   */
  vector(basis: Float64Array, dimensions: number): Float64Array {
    if (this.#loaded?.basis !== basis) this.#loaded = this.#load(basis, dimensions)
    return this.#loaded.vector
  }

  /** Returns the coordinates of the vector; they hold until the next call. */
  project(): Float64Array {
    const { basisAt, bytes, rank, vectorAt, coordinates } = this.#loaded!
    this.#kernels!.project(basisAt, bytes, rank, vectorAt, 0)
    return coordinates
  }

  /** Returns the norm of what lies outside of a vector that has been projected; the vector is gone then. */
  outsideNorm(): number {
    const { basisAt, bytes, rank, vectorAt } = this.#loaded!
    return Math.sqrt(this.#kernels!.takeAway(basisAt, bytes, rank, vectorAt, 0))
  }

  #load(basis: Float64Array, dimensions: number): Loaded {
    const rank = basis.length / dimensions
    const padded = Math.ceil(dimensions / 2) * 2
    const vectorAt = rank * 8
    const basisAt = vectorAt + padded * 8
    const buffer = this.#reach(basisAt + rank * padded * 8)
    const rows = new Float64Array(buffer, basisAt, rank * padded).fill(0)
    for (let k = 0; k < rank; k++) {
      rows.set(basis.subarray(k * dimensions, (k + 1) * dimensions), k * padded)
    }
    new Float64Array(buffer, vectorAt, padded).fill(0)
    return {
      basis,
      rank,
      bytes: padded * 8,
      vectorAt,
      basisAt,
      vector: new Float64Array(buffer, vectorAt, dimensions),
      coordinates: new Float64Array(buffer, 0, rank),
    }
  }

  #reach(bytes: number): ArrayBufferLike {
    this.#kernels ??= bindKernels(
      this.#module,
      new WebAssembly.Memory({
        initial: BLOCK_BYTES / PAGE_BYTES,
        maximum: MAX_PAGES,
        shared: true,
      }),
    )
    const { memory } = this.#kernels
    const missing = bytes - memory.buffer.byteLength
    if (missing > 0) memory.grow(Math.ceil(missing / PAGE_BYTES))
    return memory.buffer
  }
}
