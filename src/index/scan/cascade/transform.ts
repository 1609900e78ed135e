import type { Subspace } from '../../../vector/principal-subspace.ts'

/** Directions a prefix code holds. */
export const PREFIX_RANK = 64

/** The inner product of two basis vectors may be off by this much. */
const LARGEST_OBLIQUITY = 2 ** -40

/** The transform that codes are made with: learnt once from a sample, shared by all threads, never changed. */
export interface Transform {
  readonly dimensions: number
  /** Whether the prefix level pays (see learn-transform.ts) and its basis is orthonormal. */
  readonly usePrefix: boolean
  /** Mean (`dimensions` float64), then the basis (PREFIX_RANK rows of them). */
  readonly numbers: SharedArrayBuffer
}

/** @param prefixPays whether the prefix level filters; it is also left out where its proof would fail. */
export function transformOf(subspace: Subspace, prefixPays: boolean): Transform {
  const { dimensions, mean, basis } = subspace
  const usePrefix = prefixPays && isOrthonormal(subspace)
  const numbers = new SharedArrayBuffer(8 * dimensions * (1 + PREFIX_RANK))
  const all = new Float64Array(numbers)
  all.set(mean)
  all.set(basis, dimensions)
  return { dimensions, usePrefix, numbers }
}

/**
 * Whether projecting on the basis stretches no vector by more than the kernels allow for
 * (docs/exactness.md, section 3). Rows of zeros, past the dimensions, stretch nothing.
 */
function isOrthonormal({ basis, dimensions, rank }: Subspace): boolean {
  for (let j = 0; j < rank; j++) {
    for (let k = 0; k <= j; k++) {
      let dot = 0
      for (let i = 0; i < dimensions; i++) {
        dot += basis[j * dimensions + i]! * basis[k * dimensions + i]!
      }
      const wanted = j === k && j < dimensions ? 1 : 0
      if (!(Math.abs(dot - wanted) <= LARGEST_OBLIQUITY)) return false
    }
  }
  return true
}

/** Gives views of a transform's numbers. */
export function transformViews({ dimensions, numbers }: Transform): {
  readonly mean: Float64Array
  readonly basis: Float64Array
} {
  return {
    mean: new Float64Array(numbers, 0, dimensions),
    basis: new Float64Array(numbers, 8 * dimensions, dimensions * PREFIX_RANK),
  }
}
