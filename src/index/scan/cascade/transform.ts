import {
  centre,
  principalSubspace,
  project,
  type Subspace,
  type VectorSample,
} from '../../../vector/principal-subspace.ts'
import type { Random } from '../../../vector/random.ts'
import { squaredEuclidean } from '../../../vector/squared-euclidean.ts'

/** Directions a prefix code holds. */
export const PREFIX_RANK = 64

/** The inner product of two basis vectors may be off by this much. */
const LARGEST_OBLIQUITY = 2 ** -40

/** The transform that codes are made with: learnt once from a sample, shared by all threads, never changed. */
export interface Transform {
  readonly dimensions: number
  /** Whether the prefix level pays in a sample and its basis is orthonormal. */
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
 * Tells whether projecting on the basis stretches no vector by more than the kernels allow for
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

export function transformViews({ dimensions, numbers }: Transform) {
  return {
    mean: new Float64Array(numbers, 0, dimensions),
    basis: new Float64Array(numbers, 8 * dimensions, dimensions * PREFIX_RANK),
  }
}

const TRIAL_QUERIES = 16
const TRIAL_NEIGHBOURS = 3
/** Above this share of rows that a prefix bound lets through, the level costs more than it saves. */
const PAYS_BELOW = 0.4

/** A transform that was learnt from a sample, and the share of rows that its prefix level lets through. */
export interface Learnt {
  readonly transform: Transform
  readonly promised: number
  /** The same of the transform in use; NaN where there was none. */
  readonly now: number
}

/**
 * Learns the prefix subspace of a sample, and whether it filters: on data without structure, where all
 * directions weigh the same, it does not.
 *
 * @param now the transform in use, whose mean is kept; null for none.
 */
export function learnTransform(
  sample: VectorSample,
  dimensions: number,
  random: Random,
  now: Transform | null,
): Learnt {
  const old = now === null ? null : { ...transformViews(now), dimensions, rank: PREFIX_RANK }
  const subspace = principalSubspace(sample, dimensions, PREFIX_RANK, random, { mean: old?.mean })
  const promised = survivors(sample, subspace)
  return {
    transform: transformOf(subspace, promised < PAYS_BELOW),
    promised,
    now: old === null ? Number.NaN : survivors(sample, old),
  }
}

/** Finds the mean share of the sample whose lower bound is within a query's distance to its neighbours. */
function survivors(sample: VectorSample, { mean, basis, dimensions, rank }: Subspace): number {
  const { count } = sample
  const coordinates = new Float64Array(count * rank)
  const outside = new Float64Array(count)
  const centred = new Float64Array(dimensions)
  for (let row = 0; row < count; row++) {
    centre(sample.vector(row), mean, centred)
    let norm = 0
    for (let i = 0; i < dimensions; i++) norm += centred[i]! ** 2
    const own = coordinates.subarray(row * rank, (row + 1) * rank)
    project(basis, centred, own)
    for (let k = 0; k < rank; k++) norm -= own[k]! ** 2
    outside[row] = Math.sqrt(Math.max(0, norm))
  }
  // From all over the sample: its first rows are the oldest.
  const trials = Array.from({ length: Math.min(TRIAL_QUERIES, count) }, (_, trial) => {
    const query = Math.floor((trial * count) / Math.min(TRIAL_QUERIES, count))
    return { query, vector: sample.vector(query).slice(), distances: new Float64Array(count) }
  })
  for (let row = 0; row < count; row++) {
    const other = sample.vector(row)
    for (const { vector, distances } of trials) distances[row] = squaredEuclidean(vector, other)
  }
  let passed = 0
  for (const { query, distances } of trials) {
    const radius = distances.sort()[Math.min(TRIAL_NEIGHBOURS, count - 1)]!
    for (let row = 0; row < count; row++) {
      const inside = squared(coordinates, query * rank, row * rank, rank)
      if (inside + (outside[query]! - outside[row]!) ** 2 <= radius) passed++
    }
  }
  return passed / (trials.length * count)
}

function squared(numbers: Float64Array, a: number, b: number, length: number): number {
  let sum = 0
  for (let i = 0; i < length; i++) sum += (numbers[a + i]! - numbers[b + i]!) ** 2
  return sum
}
