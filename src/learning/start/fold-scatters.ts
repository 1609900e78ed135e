import { centredRows, meanRow } from '../../vector/principal-components.ts'
import { matrixOf, type RowProducts, transposed } from '../../vector/row-matrix.ts'
import type { ClassedFeatures } from '../classed-features.ts'

/** Covariances of rows about their mean and those of their classes; [dimensions, dimensions]. */
export interface Covariances {
  readonly total: Float64Array
  readonly within: Float64Array
}

/** Sums over rows, not divided by their number. */
interface Scatter {
  readonly count: number
  /** Differences from the centre. */
  readonly sum: Float64Array
  /** Products of the differences from the centre. */
  readonly total: Float64Array
  /** Products of the differences from the means of the classes. */
  readonly within: Float64Array
}

/** Rows that are multiplied at a time. */
const ROWS_AT_ONCE = 2048

/**
 * Gives the covariances of several folds together, from sums that are made once for each fold:
 * about one centre they add up, and no class is in two folds. The centre is the mean of one of
 * them, so that little is left to take away for the mean of any.
 * @param folds each made when its sums are; a class is in one of them.
 * @returns what takes the numbers of folds, at least one.
 */
export function foldScatters(
  folds: readonly (() => ClassedFeatures)[],
  products: RowProducts,
): (numbers: readonly number[]) => Promise<Covariances> {
  const known = new Map<number, Scatter>()
  let centre: Float64Array | null = null
  return async (numbers) => {
    const scatters: Scatter[] = []
    for (const number of numbers) {
      centre ??= meanRow(folds[0]!().features)
      const scatter = known.get(number) ?? (await scatterOf(folds[number]!(), centre, products))
      known.set(number, scatter)
      scatters.push(scatter)
    }
    const [first, ...others] = scatters as [Scatter, ...Scatter[]]
    const count = scatters.reduce((sum, scatter) => sum + scatter.count, 0)
    const offset = first.sum.map((value, i) => {
      return others.reduce((sum, scatter) => sum + scatter.sum[i]!, value) / count
    })
    const added = (member: 'total' | 'within') => {
      const sums = first[member].slice()
      for (const other of others)
        for (let i = 0; i < sums.length; i++) sums[i]! += other[member][i]!
      return sums.map((value) => value / count)
    }
    const [total, within] = [added('total'), added('within')]
    const size = offset.length
    for (let i = 0; i < size; i++) {
      for (let j = 0; j < size; j++) total[i * size + j]! -= offset[i]! * offset[j]!
    }
    return { total, within }
  }
}

async function scatterOf(
  { features, numbers }: ClassedFeatures,
  centre: Float64Array,
  products: RowProducts,
): Promise<Scatter> {
  const { values, count, dimensions } = features
  const { classes, sizes } = numbers
  const total = new Float64Array(dimensions * dimensions)
  const classSums = new Float64Array(sizes.length * dimensions)
  for (let first = 0; first < count; first += ROWS_AT_ONCE) {
    const rows = Math.min(ROWS_AT_ONCE, count - first)
    const own = values.subarray(first * dimensions, (first + rows) * dimensions)
    const { values: centred } = centredRows(matrixOf(own, dimensions), centre)
    for (let row = 0; row < rows; row++) {
      const to = classes[first + row]! * dimensions
      for (let i = 0; i < dimensions; i++) classSums[to + i]! += centred[row * dimensions + i]!
    }
    await addProducts(total, centred, dimensions, products)
  }
  const sum = new Float64Array(dimensions)
  const between = new Float64Array(dimensions * dimensions)
  for (const [number, size] of sizes.entries()) {
    const from = number * dimensions
    for (let i = 0; i < dimensions; i++) {
      sum[i]! += classSums[from + i]!
      // Its square is that of the class's mean, times the images that have it.
      classSums[from + i]! /= Math.sqrt(size)
    }
  }
  for (let from = 0; from < classSums.length; from += ROWS_AT_ONCE * dimensions) {
    const some = classSums.subarray(from, from + ROWS_AT_ONCE * dimensions)
    await addProducts(between, some, dimensions, products)
  }
  return { count, sum, total, within: total.map((value, i) => value - between[i]!) }
}

/** Adds the sum over rows of their products with themselves, dimension by dimension. */
async function addProducts(
  sums: Float64Array,
  rows: Float64Array,
  dimensions: number,
  products: RowProducts,
): Promise<void> {
  const columns = transposed(matrixOf(rows, dimensions))
  const { values: added } = await products(columns, columns)
  // The two halves are summed in other orders.
  for (let i = 0; i < dimensions; i++) {
    for (let j = 0; j <= i; j++) {
      const value = added[i * dimensions + j]!
      sums[i * dimensions + j]! += value
      if (j < i) sums[j * dimensions + i]! += value
    }
  }
}
