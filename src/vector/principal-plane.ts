import { lengthOf, turnPositive } from './orthogonal.ts'
import { makeOrthogonal, scatterTimes, type VectorSample } from './principal-subspace.ts'
import { gaussian, type Random } from './random.ts'
import { type Matrix, matrixOf, rowOf } from './row-matrix.ts'
import { symmetricEigen } from './symmetric-eigen.ts'

/** The plane on which vectors differ most. */
export interface PrincipalPlane {
  readonly mean: Float64Array
  /** Two orthonormal directions, one after the other, the one of more variance first; zeros where vectors have fewer. */
  readonly directions: Float64Array
  /** The share of each in the variance of all directions, 0 where there is none. */
  readonly shares: readonly [number, number]
}

/** Is called after each few vectors; what it throws ends the work. */
type Pause = () => Promise<void>

/** The rows of a block: as many as `scatterTimes` needs. */
const BLOCK = 4
const MAX_BLOCKS = 16
/** Vectors in which the start for all of them is looked for. */
const FIRST_VECTORS = 4096
/** The residual of an eigenvector, divided by the largest eigenvalue: of the start, and at last. */
const ROUGHLY = 1e-3
const PRECISELY = 1e-7

/**
 * Finds the first two principal components of vectors, by a block Krylov space of their covariance (Musco and Musco, Randomized
 * block Krylov methods, 2015, algorithm 2), from those of some of the vectors. It ends when both are right to about seven digits, or after 16 passes
 * over the vectors; where a third direction has nearly as much variance as the second, that one is then some mixture of both.
 * Beside the vectors it needs 1 KiB for each dimension.
 */
export async function principalPlane(
  sample: VectorSample,
  dimensions: number,
  random: Random,
  pause: Pause,
): Promise<PrincipalPlane> {
  const { mean, variance } = await spread(sample, dimensions, pause)
  if (!(variance > 0)) return { mean, directions: new Float64Array(2 * dimensions), shares: [0, 0] }
  const draw = () => Float64Array.from({ length: BLOCK * dimensions }, () => gaussian(random))
  const some = everyFew(sample)
  const start =
    some.count === sample.count
      ? draw()
      : (await leading(some, mean, draw(), ROUGHLY, random, pause)).directions
  const found = await leading(sample, mean, start, PRECISELY, random, pause)
  const directions = found.directions.slice(0, 2 * dimensions)
  for (const from of [0, dimensions]) turnPositive(directions.subarray(from, from + dimensions))
  const share = (value: number) => Math.min(1, Math.max(0, value) / variance)
  return { mean, directions, shares: [share(found.values[0]!), share(found.values[1]!)] }
}

/** Writes where a vector lies on the plane: two numbers from `at` on. */
export function placeOn(
  { mean, directions }: PrincipalPlane,
  vector: Float32Array,
  out: Float32Array,
  at: number,
): void {
  const dimensions = mean.length
  let [x, y] = [0, 0]
  for (let i = 0; i < dimensions; i++) {
    const value = vector[i]! - mean[i]!
    x += value * directions[i]!
    y += value * directions[dimensions + i]!
  }
  out[at] = x
  out[at + 1] = y
}

/** Sums are of differences from the first vector: those of vectors far from zero would lose what they differ by. */
async function spread(sample: VectorSample, dimensions: number, pause: Pause) {
  const first = sample.count === 0 ? new Float32Array(dimensions) : sample.vector(0).slice()
  const mean = new Float64Array(dimensions)
  let squares = 0
  for (let n = 0; n < sample.count; n++) {
    const vector = sample.vector(n)
    for (let i = 0; i < dimensions; i++) {
      const difference = vector[i]! - first[i]!
      mean[i]! += difference / sample.count
      squares += difference * difference
    }
    if (n % BLOCK === 0) await pause()
  }
  const variance = squares / sample.count - lengthOf(mean) ** 2
  for (let i = 0; i < dimensions; i++) mean[i]! += first[i]!
  return { mean, variance }
}

function everyFew(sample: VectorSample): VectorSample {
  const step = Math.ceil(sample.count / FIRST_VECTORS)
  if (step === 1) return sample
  const count = Math.ceil(sample.count / step)
  return { count, vector: (n) => sample.vector(n * step) }
}

interface Leading {
  /** BLOCK variances, the largest first. */
  readonly values: Float64Array
  /** A direction for each. */
  readonly directions: Float64Array
}

async function leading(
  sample: VectorSample,
  mean: Float64Array,
  start: Float64Array,
  tolerance: number,
  random: Random,
  pause: Pause,
): Promise<Leading> {
  const dimensions = mean.length
  const basis = new Float64Array(MAX_BLOCKS * BLOCK * dimensions)
  const images = new Float64Array(basis.length)
  let block = start
  for (let rows = BLOCK; ; rows += BLOCK) {
    const end = rows * dimensions
    const from = end - block.length
    extend(basis, from, block, random)
    block = await scatter(sample, mean, basis.subarray(from, end), pause)
    images.set(block, from)
    const within = matrixOf(basis.subarray(0, end), dimensions)
    const found = await ritzPairs(within, images.subarray(0, end), tolerance)
    if (found.isRight || rows >= dimensions || end === basis.length) return found
  }
}

/** Puts rows into the basis, each orthogonal to all before; none past the dimensions. */
function extend(basis: Float64Array, from: number, block: Float64Array, random: Random): void {
  const dimensions = block.length / BLOCK
  const end = Math.min(from + block.length, dimensions ** 2)
  basis.set(block, from)
  basis.fill(0, end, from + block.length)
  for (let at = from; at < end; at += dimensions) {
    const row = basis.subarray(at, at + dimensions)
    // Where nothing new is left, any other direction does.
    while (!makeOrthogonal(basis.subarray(0, at), row)) {
      for (let i = 0; i < dimensions; i++) row[i] = gaussian(random)
    }
  }
}

/** Multiplies the covariance of the sample with each row of a block. */
async function scatter(
  sample: VectorSample,
  mean: Float64Array,
  block: Float64Array,
  pause: Pause,
): Promise<Float64Array> {
  const steps = scatterTimes(sample, mean, block, BLOCK)
  for (;;) {
    const step = steps.next()
    if (step.done) return step.value.map((sum) => sum / sample.count)
    await pause()
  }
}

/**
 * Finds the best approximations to eigenvectors in a space (Rayleigh and Ritz).
 * @param images the product of the matrix with each row of the basis.
 */
async function ritzPairs(
  basis: Matrix<Float64Array>,
  images: Float64Array,
  tolerance: number,
): Promise<Leading & { readonly isRight: boolean }> {
  const { dimensions } = basis
  const products = await productsOf(basis, matrixOf(images, dimensions))
  const { values, vectors } = await symmetricEigen(symmetric(products), BLOCK, productsOf)
  const directions = new Float64Array(BLOCK * dimensions)
  let isRight = true
  for (let k = 0; k < BLOCK; k++) {
    const weights = rowOf(vectors, k)
    const direction = directions.subarray(k * dimensions, (k + 1) * dimensions)
    const residual = combined(weights, images, dimensions)
    direction.set(combined(weights, basis.values, dimensions))
    for (let i = 0; i < dimensions; i++) residual[i]! -= values[k]! * direction[i]!
    if (k < 2 && lengthOf(residual) > tolerance * values[0]!) isRight = false
  }
  return { values, directions, isRight }
}

/** Adds rows, each times its weight. */
function combined(weights: Float64Array, rows: Float64Array, dimensions: number): Float64Array {
  const sum = new Float64Array(dimensions)
  for (let row = 0; row < weights.length; row++) {
    for (let i = 0; i < dimensions; i++) sum[i]! += weights[row]! * rows[row * dimensions + i]!
  }
  return sum
}

/** A matrix that differs from its transpose by rounding alone, made equal to it. */
function symmetric({ values, count }: Matrix<Float64Array>): Matrix<Float64Array> {
  const mean = values.map((value, at) => {
    return (value + values[(at % count) * count + Math.floor(at / count)]!) / 2
  })
  return matrixOf(mean, count)
}

/** Plain loops do for some tens of rows. */
async function productsOf(left: Matrix, right: Matrix): Promise<Matrix<Float64Array>> {
  const { dimensions } = left
  const products = new Float64Array(left.count * right.count)
  for (let a = 0; a < left.count; a++) {
    const row = left.values.subarray(a * dimensions, (a + 1) * dimensions)
    for (let b = 0; b < right.count; b++) {
      let sum = 0
      for (let i = 0, at = b * dimensions; i < dimensions; i++)
        sum += row[i]! * right.values[at + i]!
      products[a * right.count + b] = sum
    }
  }
  return matrixOf(products, right.count)
}
