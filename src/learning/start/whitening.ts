import type { ClassNumbers } from '../../evaluation/class-numbers.ts'
import { inverseFactor } from '../../vector/inverse-factor.ts'
import { turnPositive } from '../../vector/orthogonal.ts'
import { centredRows, hasFewRows, LEAST_SHARE } from '../../vector/principal-components.ts'
import {
  type Matrix,
  matrixOf,
  type RowMatrix,
  type RowProducts,
  rowOf,
  transposed,
} from '../../vector/row-matrix.ts'
import { symmetricEigen } from '../../vector/symmetric-eigen.ts'
import type { Covariances } from './fold-scatters.ts'

/** The sums that take long. */
export interface LargeSums {
  readonly covariances: () => Promise<Covariances>
  readonly products: RowProducts
}

/** How many directions are found: `outputs`, or as many as there are up to it, with `orFewer`. */
export interface WantedDirections {
  readonly outputs: number
  /** With fewer rows than dimensions, leaves out directions that the rows do not have. */
  readonly orFewer: boolean
}

/** Added to the variance within classes, as a share of its mean over all directions. */
const RIDGE = 1
/** A share of the variance: what is below is rounding. */
const NO_SHARE = 1e-12

/**
 * Finds directions by within-class covariance normalisation (Hatch, Kajarekar and Stolcke,
 * Interspeech 2006) with a ridge, then takes the first `outputs` principal components of the
 * result, both as one map: with S the covariance within classes and its ridge, and W W^T = S^-1,
 * the directions are W times the eigenvectors of the covariance of the rows times W.
 *
 * @param sums gives the covariances only where they are needed.
 * @returns row after row, by variance, the component of largest magnitude positive; null where the
 * images of each class are equal.
 */
export async function whitenedDirections(
  rows: RowMatrix,
  mean: Float64Array,
  numbers: ClassNumbers,
  { outputs, orFewer }: WantedDirections,
  { covariances, products }: LargeSums,
): Promise<Float64Array | null> {
  const { count, dimensions } = rows
  const centred = centredRows(rows, mean)
  const means = classMeans(centred, numbers)
  const variance = sumOfSquares(centred.values) / count
  // Of all = within classes + between them, which keeps it from being looked for twice.
  const within = variance - sumOfSquares(means) / count
  if (!(within > NO_SHARE * variance)) return null
  const wanted = { ridge: (RIDGE * within) / dimensions, outputs, orFewer }
  const directions =
    (hasFewRows(rows, outputs) ? await byRows(centred, numbers, wanted, products) : null) ??
    (await byDimensions(await covariances(), dimensions, wanted, products))
  for (let k = 0; k < directions.count; k++) turnPositive(rowOf(directions, k))
  return directions.values
}

/** Works in all dimensions: S is as large as the covariance. */
async function byDimensions(
  { total, within }: Covariances,
  size: number,
  { ridge, outputs }: Readonly<Record<'ridge' | 'outputs', number>>,
  products: RowProducts,
): Promise<Matrix<Float64Array>> {
  const ridged = within.slice()
  for (let i = 0; i < size; i++) ridged[i * size + i]! += ridge
  const inverse = await inverseFactor(matrixOf(ridged, size), products)
  // Of symmetric matrices rows are columns.
  const half = await products(inverse, matrixOf(total, size))
  const whitened = await products(half, inverse)
  const { vectors } = await symmetricEigen(whitened, outputs, products)
  return await products(vectors, transposed(inverse))
}

/**
 * Works with fewer rows than dimensions: all follows from the products G of centred rows with each
 * other. With P what takes the class means away and U = P X, S = U^T U / n + r I, whose inverse is
 * (I - U^T A^-1 U) / r with A = n r I + U U^T (Woodbury), and U U^T = P G P.
 *
 * @returns null where the rows have fewer directions than `outputs` that are more than rounding,
 * unless fewer are wanted.
 */
async function byRows(
  centred: Matrix<Float64Array>,
  numbers: ClassNumbers,
  { ridge, outputs, orFewer }: WantedDirections & { readonly ridge: number },
  products: RowProducts,
): Promise<Matrix<Float64Array> | null> {
  const size = centred.count
  const gram = await products(centred, centred)
  // G P, which is P G on its side.
  const crossed = transposed(withoutMeans(gram, numbers))
  const inner = withoutMeans(crossed, numbers)
  for (let i = 0; i < size; i++) inner.values[i * size + i]! += size * ridge
  const inverse = await inverseFactor(inner, products)
  const solved = await products(crossed, inverse)
  const taken = await products(solved, solved)
  const left = gram.values.map((value, i) => value - taken.values[i]!)
  const { values, vectors: all } = await symmetricEigen(matrixOf(left, size), outputs, products)
  const lacking = values.findIndex((value) => !(value > LEAST_SHARE * values[0]!))
  if (lacking === 0 || (lacking > 0 && !orFewer)) return null
  const count = lacking === -1 ? outputs : lacking
  const vectors = matrixOf(all.values.subarray(0, count * size), size)
  const along = await products(vectors, transposed(solved))
  const weights = await products(along, transposed(inverse))
  for (let k = 0; k < count; k++) {
    const scale = 1 / Math.sqrt(values[k]!)
    for (let i = k * size; i < (k + 1) * size; i++) {
      weights.values[i] = scale * (vectors.values[i]! - weights.values[i]!)
    }
  }
  return await products(weights, transposed(centred))
}

/** Gives, for each class, the mean of its rows times the root of their number. */
function classMeans(
  { values, dimensions: width }: Matrix<Float64Array>,
  { classes, sizes }: ClassNumbers,
): Float64Array {
  const means = new Float64Array(sizes.length * width)
  for (const [row, number] of classes.entries()) {
    const root = Math.sqrt(sizes[number]!)
    for (let i = 0; i < width; i++) means[number * width + i]! += values[row * width + i]! / root
  }
  return means
}

/** Subtracts from each row the mean of its class. */
function withoutMeans(rows: Matrix<Float64Array>, numbers: ClassNumbers): Matrix<Float64Array> {
  const { values, dimensions: width } = rows
  const { classes, sizes } = numbers
  const means = classMeans(rows, numbers)
  const apart = new Float64Array(values.length)
  for (const [row, number] of classes.entries()) {
    const root = Math.sqrt(sizes[number]!)
    for (let i = 0; i < width; i++) {
      apart[row * width + i] = values[row * width + i]! - means[number * width + i]! / root
    }
  }
  return matrixOf(apart, width)
}

function sumOfSquares(values: Float64Array): number {
  let sum = 0
  for (const value of values) sum += value * value
  return sum
}
