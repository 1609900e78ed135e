import type { ClassNumbers } from '../../evaluation/class-numbers.ts'
import { centredRows, LEAST_SHARE } from '../../vector/gram-components.ts'
import { inverseFactor } from '../../vector/inverse-factor.ts'
import { transposed } from '../../vector/matrix-product.ts'
import { hasFewRows } from '../../vector/principal-components.ts'
import type { RowMatrix } from '../../vector/row-matrix.ts'
import type { RowProducts } from '../../vector/row-products.ts'
import { symmetricEigen, turnPositive } from '../../vector/symmetric-eigen.ts'
import type { Covariances } from './fold-scatters.ts'

/** Added to the variance within classes, as a share of its mean over all directions. */
const RIDGE = 1
/** A share of the variance: what is below is rounding. */
const NO_SHARE = 1e-12

/**
 * Finds directions by within-class covariance normalisation (Hatch, Kajarekar and Stolcke,
 * Interspeech 2006) with a ridge, then takes the first `outputs` principal components of the result,
 * both as one map: with S the covariance within classes and its ridge, and W W^T = S^-1, the
 * directions are W times the eigenvectors of the covariance of the rows times W.
 *
 * @param sums gives the covariances only where they are needed.
 * @returns row after row, by variance, the component of largest magnitude positive; null where the
 * images of each class are equal.
 */
export async function whitenedDirections(
  rows: RowMatrix,
  mean: Float64Array,
  numbers: ClassNumbers,
  outputs: number,
  { covariances, products }: LargeSums,
): Promise<Float64Array | null> {
  const { count, dimensions } = rows
  const centred = centredRows(rows, mean)
  const means = classMeans(centred, dimensions, numbers)
  const variance = sumOfSquares(centred) / count
  // Of all = within classes + between them, which keeps it from being looked for twice.
  const within = variance - sumOfSquares(means) / count
  if (!(within > NO_SHARE * variance)) return null
  const ridge = (RIDGE * within) / dimensions
  const directions =
    (hasFewRows(rows, outputs)
      ? await byRows(centred, dimensions, numbers, { ridge, outputs }, products)
      : null) ?? (await byDimensions(await covariances(), dimensions, { ridge, outputs }, products))
  for (let k = 0; k < outputs; k++) {
    turnPositive(directions.subarray(k * dimensions, (k + 1) * dimensions))
  }
  return directions
}

/** The sums that take long. */
export interface LargeSums {
  readonly covariances: () => Promise<Covariances>
  readonly products: RowProducts
}

interface Wanted {
  readonly ridge: number
  readonly outputs: number
}

/** Works in all dimensions: S is as large as the covariance. */
async function byDimensions(
  { total, within }: Covariances,
  size: number,
  { ridge, outputs }: Wanted,
  products: RowProducts,
): Promise<Float64Array> {
  const ridged = within.slice()
  for (let i = 0; i < size; i++) ridged[i * size + i]! += ridge
  const inverse = square(await inverseFactor(ridged, size, products), size)
  // Of symmetric matrices rows are columns.
  const half = square(await products(inverse, square(total, size)), size)
  const whitened = await products(half, inverse)
  const { vectors } = await symmetricEigen(whitened, size, outputs, products)
  const chosen = { values: vectors, rows: outputs, columns: size }
  return await products(chosen, square(transposed(inverse), size))
}

/**
 * Works with fewer rows than dimensions: all follows from the products G of centred rows with each other.
 * With P what takes the class means away and U = P X, S = U^T U / n + r I, whose inverse is
 * (I - U^T A^-1 U) / r with A = n r I + U U^T (Woodbury), and U U^T = P G P.
 *
 * @returns null where the rows have fewer directions than asked for, to be told from rounding.
 */
async function byRows(
  centred: Float64Array,
  dimensions: number,
  numbers: ClassNumbers,
  { ridge, outputs }: Wanted,
  products: RowProducts,
): Promise<Float64Array | null> {
  const size = centred.length / dimensions
  const rows = { values: centred, rows: size, columns: dimensions }
  const gram = await products(rows, rows)
  // G P, which is P G on its side.
  const crossed = square(transposed(square(withoutMeans(gram, size, numbers), size)), size)
  const inner = withoutMeans(crossed.values, size, numbers)
  for (let i = 0; i < size; i++) inner[i * size + i]! += size * ridge
  const inverse = square(await inverseFactor(inner, size, products), size)
  const solved = square(await products(crossed, inverse), size)
  const taken = await products(solved, solved)
  const left = gram.map((value, i) => value - taken[i]!)
  const { values, vectors } = await symmetricEigen(left, size, outputs, products)
  if (!(values[outputs - 1]! > LEAST_SHARE * values[0]!)) return null
  const chosen = { values: vectors, rows: outputs, columns: size }
  const along = await products(chosen, square(transposed(solved), size))
  const weights = await products({ ...chosen, values: along }, square(transposed(inverse), size))
  for (let k = 0; k < outputs; k++) {
    const scale = 1 / Math.sqrt(values[k]!)
    for (let i = k * size; i < (k + 1) * size; i++) {
      weights[i] = scale * (vectors[i]! - weights[i]!)
    }
  }
  return await products(
    { ...chosen, values: weights },
    { values: transposed(rows), rows: dimensions, columns: size },
  )
}

interface Square {
  readonly values: Float64Array
  readonly rows: number
  readonly columns: number
}

function square(values: Float64Array, size: number): Square {
  return { values, rows: size, columns: size }
}

/** Gives, for each class, the mean of its rows times the root of their number. */
function classMeans(
  rows: Float64Array,
  width: number,
  { classes, sizes }: ClassNumbers,
): Float64Array {
  const means = new Float64Array(sizes.length * width)
  for (const [row, number] of classes.entries()) {
    const root = Math.sqrt(sizes[number]!)
    for (let i = 0; i < width; i++) means[number * width + i]! += rows[row * width + i]! / root
  }
  return means
}

/** Subtracts from each row the mean of its class. */
function withoutMeans(rows: Float64Array, width: number, numbers: ClassNumbers): Float64Array {
  const { classes, sizes } = numbers
  const means = classMeans(rows, width, numbers)
  const apart = new Float64Array(rows.length)
  for (const [row, number] of classes.entries()) {
    const root = Math.sqrt(sizes[number]!)
    for (let i = 0; i < width; i++) {
      apart[row * width + i] = rows[row * width + i]! - means[number * width + i]! / root
    }
  }
  return apart
}

function sumOfSquares(values: Float64Array): number {
  let sum = 0
  for (const value of values) sum += value * value
  return sum
}
