import { lengthOf, scaleToUnit, takeAway } from './orthogonal.ts'
import { gaussian, type Random } from './random.ts'

export interface Subspace {
  readonly mean: Float64Array
  /** `rank` orthonormal rows of `dimensions` numbers; zero rows past the dimensions. */
  readonly basis: Float64Array
  readonly rank: number
  readonly dimensions: number
}

/** Vectors to learn from, which may be read again each time: `vector` is good until the next call. */
export interface VectorSample {
  readonly count: number
  vector(i: number): Float32Array
}

/** The number of vectors that are added at once, so that the sums are read once for all. */
const AT_ONCE = 4

/**
 * Finds the principal subspace of a sample, by subspace iteration from a random start (Halko,
 * Martinsson and Tropp, Finding structure with randomness, 2011, algorithm 4.4). Approximate
 * directions only cost filter power, never correctness; orthonormality, which proofs rely on, holds
 * to 1e-13. For directions to the last digit see symmetricEigen.
 *
 * @param sample of vectors of `dimensions` numbers.
 * @param options.mean the point the subspace goes through; the mean of the sample unless given.
 */
export function principalSubspace(
  sample: VectorSample,
  dimensions: number,
  rank: number,
  random: Random,
  options: { readonly iterations?: number; readonly mean?: Float64Array | undefined } = {},
): Subspace {
  const { iterations = 4, mean = meanOf(sample, dimensions) } = options
  let basis: Float64Array = Float64Array.from({ length: rank * dimensions }, () => gaussian(random))
  orthonormalise(basis, dimensions, random)
  for (let iteration = 0; iteration < iterations; iteration++) {
    const next = lastOf(scatterTimes(sample, mean, basis, rank))
    orthonormalise(next, dimensions, random)
    basis = next
  }
  return { mean, basis, rank, dimensions }
}

/**
 * Multiplies the scatter matrix of a sample, the sum of (v - mean)(v - mean)^T, with each row of a basis of a multiple of four
 * rows. Each step is AT_ONCE vectors. @returns as many rows.
 */
export function* scatterTimes(
  sample: VectorSample,
  mean: Float64Array,
  basis: Float64Array,
  rank: number,
): Generator<void, Float64Array> {
  const dimensions = mean.length
  const projected = Array.from({ length: AT_ONCE }, () => new Float64Array(rank))
  const centred = Array.from({ length: AT_ONCE }, () => new Float64Array(dimensions))
  const sum = new Float64Array(rank * dimensions)
  for (let first = 0; first < sample.count; first += AT_ONCE) {
    for (const [n, vector] of centred.entries()) {
      // Past the last, vectors of zeros, which add nothing.
      if (first + n < sample.count) centre(sample.vector(first + n), mean, vector)
      else vector.fill(0)
      project(basis, vector, projected[n]!)
    }
    addOuterProducts(projected, centred, sum)
    yield
  }
  return sum
}

function lastOf<Result>(steps: Generator<void, Result>): Result {
  for (;;) {
    const step = steps.next()
    if (step.done) return step.value
  }
}

function meanOf(sample: VectorSample, dimensions: number): Float64Array {
  const mean = new Float64Array(dimensions)
  for (let row = 0; row < sample.count; row++) {
    const vector = sample.vector(row)
    for (let i = 0; i < dimensions; i++) mean[i]! += vector[i]! / sample.count
  }
  return mean
}

/** Writes the vector as seen from the mean. */
export function centre(vector: Float32Array, mean: Float64Array, out: Float64Array): void {
  for (let i = 0; i < out.length; i++) out[i] = vector[i]! - mean[i]!
}

/** Adds to row k of a matrix the vectors, AT_ONCE of them, each times its k-th coordinate. */
function addOuterProducts(
  coordinates: readonly Float64Array[],
  vectors: readonly Float64Array[],
  matrix: Float64Array,
): void {
  const [v0, v1, v2, v3] = vectors as [Float64Array, Float64Array, Float64Array, Float64Array]
  const dimensions = v0.length
  for (let k = 0, start = 0; start < matrix.length; k++, start += dimensions) {
    const w0 = coordinates[0]![k]!
    const w1 = coordinates[1]![k]!
    const w2 = coordinates[2]![k]!
    const w3 = coordinates[3]![k]!
    for (let i = 0; i < dimensions; i++) {
      matrix[start + i]! += w0 * v0[i]! + w1 * v1[i]! + (w2 * v2[i]! + w3 * v3[i]!)
    }
  }
}

/** Writes the coordinates of a centred vector in a basis of a multiple of four rows. */
export function project(basis: Float64Array, centred: Float64Array, out: Float64Array): void {
  const dimensions = centred.length
  for (let k = 0; k < out.length; k += 4) {
    const second = (k + 1) * dimensions
    const third = second + dimensions
    const fourth = third + dimensions
    let a = 0
    let b = 0
    let c = 0
    let d = 0
    for (let i = 0, first = k * dimensions; i < dimensions; i++) {
      const value = centred[i]!
      a += basis[first + i]! * value
      b += basis[second + i]! * value
      c += basis[third + i]! * value
      d += basis[fourth + i]! * value
    }
    out[k] = a
    out[k + 1] = b
    out[k + 2] = c
    out[k + 3] = d
  }
}

/** Gram and Schmidt, each row three times: once is not enough where rows nearly depend on others. */
function orthonormalise(basis: Float64Array, dimensions: number, random: Random): void {
  basis.fill(0, dimensions ** 2)
  for (let from = 0; from < Math.min(basis.length, dimensions ** 2); from += dimensions) {
    const before = basis.subarray(0, from)
    const row = basis.subarray(from, from + dimensions)
    while (!makeOrthogonal(before, row)) {
      // The sample has fewer directions than `rank`: any further ones do.
      for (let i = 0; i < dimensions; i++) row[i] = gaussian(random)
    }
  }
}

/** Makes a row orthogonal to unit rows, and of unit length. @returns false where it depends on them. */
export function makeOrthogonal(before: Float64Array, row: Float64Array): boolean {
  if (!(lengthOf(row) > 0)) return false
  for (let pass = 0; pass < 3; pass++) {
    scaleToUnit(row)
    takeAway(before, row)
    if (lengthOf(row) < 1e-10) return false
  }
  scaleToUnit(row)
  return true
}
