import type { Matrix } from '../vector/matrix-product.ts'
import type { RowMatrix } from '../vector/row-matrix.ts'
import { rowOf } from '../vector/row-matrix.ts'
import type { RowProducts } from '../vector/row-products.ts'
import { squaredEuclidean } from '../vector/squared-euclidean.ts'

/** Squared distances of rows to each other, near enough that few of them have to be known better. */
export interface RoughDistances {
  readonly count: number
  /** None is further than this from its canonical value. */
  readonly within: number
  /** Of rows `first` to `end` - 1 to all, row after row. The caller may change them. */
  rows(first: number, end: number): Promise<Float64Array>
  /** What is meant. */
  canonical(row: number, other: number): number
}

const UNIT_ROUNDOFF = 2 ** -53
/** What is multiplied with at a time: all rows at once would be copied as a whole. */
const ROWS_AT_ONCE = 4096

/**
 * By products of rows: |x - y|^2 = |x|^2 + |y|^2 - 2 x y, many times faster than difference by
 * difference, and off where rows are nearly equal.
 *
 * With u the unit roundoff, d the dimensions and N the largest |x|^2: a product and two squares are
 * off by d u N each, whatever their order of sums, the product counts twice, and the two sums
 * add at most 6 u N. The canonical distance, at most 4 N, is off by (d + 2) u of itself. Together
 * 8 (d + 2) u N; `within` is a quarter more, for terms in u^2 and the squares' own error in N.
 */
export function productDistances(vectors: RowMatrix, products: RowProducts): RoughDistances {
  const { values, count, dimensions } = vectors
  const squares = Float64Array.from({ length: count }, (_, row) => {
    let sum = 0
    for (let i = row * dimensions; i < (row + 1) * dimensions; i++) sum += values[i]! * values[i]!
    return sum
  })
  const largest = squares.reduce((most, square) => Math.max(most, square), 0)
  const matrixOf = (first: number, end: number): Matrix => ({
    values: values.subarray(first * dimensions, end * dimensions),
    ...{ rows: end - first, columns: dimensions },
  })
  return {
    count,
    within: 10 * (dimensions + 8) * UNIT_ROUNDOFF * largest,
    async rows(first, end) {
      const squared = new Float64Array((end - first) * count)
      for (let from = 0; from < count; from += ROWS_AT_ONCE) {
        const to = Math.min(count, from + ROWS_AT_ONCE)
        const some = await products(matrixOf(first, end), matrixOf(from, to))
        for (let row = first, at = 0; row < end; row++) {
          const start = (row - first) * count
          for (let i = from; i < to; i++, at++) {
            squared[start + i] = squares[row]! + squares[i]! - 2 * some[at]!
          }
        }
      }
      return squared
    },
    canonical: (row, other) => squaredEuclidean(rowOf(vectors, row), rowOf(vectors, other)),
  }
}

/** Of unit rows times sqrt(1 - share) beside others times sqrt(share). */
export function joinedDistances(
  first: RoughDistances,
  second: RoughDistances,
  share: number,
): RoughDistances {
  const { count } = first
  return {
    count,
    // Room for the rounding of the sum: both bounds leave more than it takes.
    within: Math.max(first.within, second.within),
    async rows(from, end) {
      const [one, other] = [await first.rows(from, end), await second.rows(from, end)]
      for (let i = 0; i < one.length; i++) one[i] = (1 - share) * one[i]! + share * other[i]!
      return one
    },
    canonical: (row, other) =>
      (1 - share) * first.canonical(row, other) + share * second.canonical(row, other),
  }
}

/** Computed once, for those who ask more often; takes 8 bytes for each pair of rows. */
export async function heldDistances(distances: RoughDistances): Promise<RoughDistances> {
  const { count } = distances
  const all = await distances.rows(0, count)
  return { ...distances, rows: async (first, end) => all.slice(first * count, end * count) }
}
