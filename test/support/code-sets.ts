import { PREFIX_RANK, type Transform, transformOf } from '../../src/index/scan/cascade/transform.ts'
import { principalSubspace } from '../../src/vector/principal-subspace.ts'
import { gaussian, type Random } from '../../src/vector/random.ts'
import { gaussianVectors, HARD_SETS, sampleOf } from './random-vectors.ts'

export interface CodeSet {
  readonly transform: Transform
  readonly vectors: readonly Float32Array[]
}

/** Data on which the bounds of the codes are tight, or their arithmetic is at its limits. */
export const CODE_SETS: Record<
  string,
  (random: Random, count: number, dimensions: number) => CodeSet
> = {
  random: (...set) => learnt(gaussianVectors(...set), set[0]),
  clustered: (...set) => learnt(HARD_SETS.clustered!(...set), set[0]),
  duplicates: (...set) => learnt(HARD_SETS.duplicates!(...set), set[0]),
  'one ulp apart': (...set) => learnt(HARD_SETS['one ulp apart']!(...set), set[0]),
  'nearly equal, far from the origin': (random, count, dimensions) =>
    learnt(shifted(random, count, dimensions, 1e-3), random),
  'inside a subspace of five dimensions'(random, count, dimensions) {
    const axes = gaussianVectors(random, 5, dimensions)
    const vectors = Array.from({ length: count }, () => {
      const weights = axes.map(() => gaussian(random))
      return new Float32Array(dimensions).map((_, i) =>
        axes.reduce((sum, axis, a) => sum + weights[a]! * axis[i]!, 0),
      )
    })
    return learnt(vectors, random)
  },
  // As when a collection has changed since its transform was learnt.
  'far from the mean, outside the subspace': (random, count, dimensions) => ({
    transform: learnt(HARD_SETS.clustered!(random, count, dimensions), random).transform,
    vectors: shifted(random, count, dimensions, 1e-2),
  }),
  'near the largest norm': (...set) => learnt(scaled(gaussianVectors(...set), 1e9), set[0]),
  'near the smallest norm': (random, count, dimensions) =>
    learnt(scaled(gaussianVectors(random, count, dimensions), 3e-8), random),
  // All codes at their limits: the largest sum of products there is.
  'all of one size'(random, count, dimensions) {
    const vectors = Array.from({ length: count }, () =>
      new Float32Array(dimensions).map(() => (random() < 0.02 ? -1 : 1)),
    )
    return { transform: plain(dimensions), vectors }
  },
  // Multiples of the scale, so that the error of a code is next to nothing.
  'exact codes, a step apart': (random, count, dimensions) => ({
    transform: plain(dimensions),
    vectors: steps(random, count, dimensions, () => Math.floor(random() * 5)),
  }),
  // What a code loses then lies along the difference, and all of it counts.
  'differing in one number alone': (random, count, dimensions) => ({
    transform: plain(dimensions),
    vectors: steps(random, count, dimensions, () => 12 * random()),
  }),
  // What is coded of the prefix is the rounding of the projection alone, which PROJECTION covers.
  'orthogonal to the subspace, a hair apart': (random, count, dimensions) => ({
    transform: hadamard(dimensions),
    vectors: hairsApart(random, count, dimensions, Math.min(dimensions, 128) / 2),
  }),
  // The norm outside the subspace is rounding alone, which OUTSIDE_FLOOR covers.
  'inside the subspace, a hair apart': (random, count, dimensions) => ({
    transform: hadamard(dimensions),
    vectors: hairsApart(random, count, dimensions, 0),
  }),
  // The norms outside the subspace add up, and rounding takes from them what OUTSIDE_SLACK adds to the upper bound.
  'on opposite sides outside the subspace': (random, count, dimensions) => ({
    transform: plain(dimensions),
    vectors: steps(random, count, dimensions, () => 0).map((vector) => {
      const along = random() - 0.5
      return vector.map((value, i) => (i < PREFIX_RANK ? 0 : value * along))
    }),
  }),
  'differing outside the subspace by little': (random, count, dimensions) => ({
    transform: plain(dimensions),
    vectors: steps(random, count, dimensions, () => 0).map((vector, i) => {
      for (let j = PREFIX_RANK; j < dimensions; j++) vector[j]! *= 1 + i * 2 ** -22
      return vector
    }),
  }),
}

function learnt(vectors: readonly Float32Array[], random: Random): CodeSet {
  const dimensions = vectors[0]!.length
  const sample = sampleOf(vectors.slice(0, 80))
  const subspace = principalSubspace(sample, dimensions, PREFIX_RANK, random, { iterations: 1 })
  return { transform: transformOf(subspace, true), vectors }
}

/** The mean is 0 and the basis is the first axes. */
export function plain(dimensions: number): Transform {
  const mean = new Float64Array(dimensions)
  const basis = new Float64Array(PREFIX_RANK * dimensions)
  for (let k = 0; k < PREFIX_RANK; k++) basis[k * dimensions + k] = 1
  return transformOf({ mean, basis, dimensions, rank: PREFIX_RANK }, true)
}

/** A number of the Hadamard matrix of any size: its rows are orthogonal. */
function sign(row: number, column: number): number {
  let odd = 0
  for (let bits = row & column; bits > 0; bits >>= 1) odd ^= bits & 1
  return odd === 0 ? 1 : -1
}

/** The mean is 0, and the basis is the first rows of the Hadamard matrix of 128 numbers, or 64: they sum up much that cancels. */
function hadamard(dimensions: number): Transform {
  const width = Math.min(dimensions, 128)
  const mean = new Float64Array(dimensions)
  const basis = new Float64Array(PREFIX_RANK * dimensions)
  for (let k = 0; k < PREFIX_RANK; k++) {
    for (let i = 0; i < width; i++) basis[k * dimensions + i] = sign(k, i) / Math.sqrt(width)
  }
  return transformOf({ mean, basis, dimensions, rank: PREFIX_RANK }, true)
}

/**
 * A sum of half the rows of the Hadamard matrix, from `first`, in whole numbers, so that it is exactly orthogonal to the
 * others. One place is 0 in it; there each vector has a number of its own, about as large as what projecting rounds.
 */
function hairsApart(
  random: Random,
  count: number,
  dimensions: number,
  first: number,
): Float32Array[] {
  const width = Math.min(dimensions, 128)
  const place = 5
  const base = new Float32Array(dimensions)
  for (let row = first; row < first + width / 2; row++) {
    const isLast = row === first + width / 2 - 1
    const weight = isLast ? -base[place]! * sign(row, place) : Math.floor(2 ** 13 * random())
    for (let i = 0; i < width; i++) base[i]! += weight * sign(row, i)
  }
  const hair = 2 ** -52 * Math.hypot(...base)
  return Array.from({ length: count }, () => {
    const vector = base.slice()
    vector[place] = hair * 2 ** (-8 * random()) * (random() - 0.5)
    return vector
  })
}

/** One vector of whole numbers up to 127, with `difference` added to its tenth number. */
function steps(
  random: Random,
  count: number,
  dimensions: number,
  difference: () => number,
): Float32Array[] {
  const base = new Float32Array(dimensions).map(() => Math.round(200 * random() - 100))
  base[0] = 127
  return Array.from({ length: count }, () => {
    const vector = base.slice()
    vector[10]! += difference()
    return vector
  })
}

function shifted(random: Random, count: number, dimensions: number, by: number): Float32Array[] {
  const [far] = scaled(gaussianVectors(random, 1, dimensions), 1000)
  return gaussianVectors(random, count, dimensions).map((noise) =>
    noise.map((value, i) => far![i]! + by * value),
  )
}

function scaled(vectors: readonly Float32Array[], by: number): Float32Array[] {
  return vectors.map((vector) => vector.map((value) => value * by))
}
