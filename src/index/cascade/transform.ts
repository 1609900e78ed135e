import type { Subspace } from '../../vector/principal-subspace.ts'

/** Directions a prefix code holds. */
export const PREFIX_RANK = 64

/** What codes are made with: learnt once from a sample, shared by all threads, never changed. */
export interface Transform {
  readonly dimensions: number
  /** Whether the prefix level pays (see learn-transform.ts). */
  readonly usePrefix: boolean
  /** Mean (`dimensions` float64), then the basis (PREFIX_RANK rows of them). */
  readonly numbers: SharedArrayBuffer
}

export function transformOf(subspace: Subspace, usePrefix: boolean): Transform {
  const { dimensions, mean, basis } = subspace
  const numbers = new SharedArrayBuffer(8 * dimensions * (1 + PREFIX_RANK))
  const all = new Float64Array(numbers)
  all.set(mean)
  all.set(basis, dimensions)
  return { dimensions, usePrefix, numbers }
}

/** A transform's numbers as views. */
export function transformViews({ dimensions, numbers }: Transform): {
  readonly mean: Float64Array
  readonly basis: Float64Array
} {
  return {
    mean: new Float64Array(numbers, 0, dimensions),
    basis: new Float64Array(numbers, 8 * dimensions, dimensions * PREFIX_RANK),
  }
}
