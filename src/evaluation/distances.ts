import { AppError } from '../errors.ts'
import { matrixOf, type RowMatrix, type RowProducts, rowOf } from '../vector/row-matrix.ts'
import { BLOCK_ROWS, DistanceBlock, squaredEuclidean } from '../vector/squared-euclidean.ts'

/** Squared Euclidean distances of queries to rows, exact or near enough to rank by. */
export interface Distances {
  readonly queries: number
  readonly rows: number
  /** No distance is further than this from its canonical value; 0 where all are canonical. */
  readonly within: number
  /** Measures the queries `first` to `end` - 1, row after row. The caller may change the numbers. */
  measure(first: number, end: number): Promise<Float64Array>
  canonical(query: number, row: number): number
}

/**
 * Measures difference by difference, canonically.
 * @throws DIMENSION_MISMATCH when queries and rows differ in dimensions.
 */
export function canonicalDistances(queries: RowMatrix, rows: RowMatrix): Distances {
  if (queries.dimensions !== rows.dimensions) {
    const message = `expected queries of the gallery's ${rows.dimensions} dimensions, got ${queries.dimensions}`
    throw new AppError('DIMENSION_MISMATCH', message)
  }
  const block = new DistanceBlock(queries)
  return {
    queries: queries.count,
    rows: rows.count,
    within: 0,
    async measure(first, end) {
      const wanted = end - first
      const squared = new Float64Array((wanted + BLOCK_ROWS - 1) * rows.count)
      for (let from = 0; from < wanted; from += BLOCK_ROWS) {
        const some = Math.min(BLOCK_ROWS, wanted - from)
        const numbers = Array.from({ length: some }, (_, lane) => first + from + lane)
        block.measure(numbers, rows, squared.subarray(from * rows.count))
      }
      return squared.subarray(0, wanted * rows.count)
    },
    canonical: (query, row) => squaredEuclidean(rowOf(queries, query), rowOf(rows, row)),
  }
}

/** Rows whose distances to each other may be held: 32 MiB of them. */
export const MAX_PAIRED = 2048

/**
 * Measures rows to each other canonically; where all can be held, each pair once.
 * @param check is called for every few rows that are held, and ends the work by what it throws.
 */
export function pairDistances(vectors: RowMatrix, check: () => void = () => undefined): Distances {
  const distances = canonicalDistances(vectors, vectors)
  const { values, count, dimensions } = vectors
  if (count > MAX_PAIRED) return distances
  const all = new Float64Array(count * count)
  const block = new DistanceBlock(vectors)
  const squared = new Float64Array(BLOCK_ROWS * count)
  for (let first = 0; first < count; first += BLOCK_ROWS) {
    check()
    const rows = Array.from({ length: Math.min(BLOCK_ROWS, count - first) }, (_, i) => first + i)
    const others = matrixOf(values.subarray(first * dimensions), dimensions)
    block.measure(rows, others, squared)
    for (const [lane, row] of rows.entries()) {
      for (let other = row; other < count; other++) {
        const distance = squared[lane * others.count + other - first]!
        all[row * count + other] = distance
        all[other * count + row] = distance
      }
    }
  }
  return heldAs(all, distances)
}

/** Rows that are multiplied with at a time: all at once would be copied as a whole. */
const ROWS_AT_ONCE = 4096

/**
 * Measures rows to each other by their products: |x - y|^2 = |x|^2 + |y|^2 - 2 x y, many times
 * faster than difference by difference, and off where rows are nearly equal.
 *
 * With u the unit roundoff, d the dimensions and N the largest |x|^2: a product and two squares are
 * off by d u N each, whatever their order of sums, the product counts twice, and the two sums
 * add at most 6 u N. The canonical distance, at most 4 N, is off by (d + 2) u of itself. Together
 * 8 (d + 2) u N; `within` is a quarter more, for terms in u^2 and the squares' own error in N.
 */
export function productDistances(vectors: RowMatrix, products: RowProducts): Distances {
  const { values, count, dimensions } = vectors
  const squares = Float64Array.from({ length: count }, (_, row) => {
    let sum = 0
    for (let i = row * dimensions; i < (row + 1) * dimensions; i++) sum += values[i]! * values[i]!
    return sum
  })
  const largest = squares.reduce((most, square) => Math.max(most, square), 0)
  const part = (first: number, end: number) =>
    matrixOf(values.subarray(first * dimensions, end * dimensions), dimensions)
  return {
    ...canonicalDistances(vectors, vectors),
    within: 10 * (dimensions + 8) * 2 ** -53 * largest,
    async measure(first, end) {
      const squared = new Float64Array((end - first) * count)
      for (let from = 0; from < count; from += ROWS_AT_ONCE) {
        const to = Math.min(count, from + ROWS_AT_ONCE)
        const { values: some } = await products(part(first, end), part(from, to))
        for (let row = first, at = 0; row < end; row++) {
          const start = (row - first) * count
          for (let i = from; i < to; i++, at++) {
            squared[start + i] = squares[row]! + squares[i]! - 2 * some[at]!
          }
        }
      }
      return squared
    },
  }
}

/** Gives the distances of unit rows times sqrt(1 - share) beside others times sqrt(share). */
export function joinedDistances(first: Distances, second: Distances, share: number): Distances {
  return {
    ...first,
    // Both bounds have more room than the rounding of the sum takes.
    within: Math.max(first.within, second.within),
    async measure(from, end) {
      const one = await first.measure(from, end)
      const other = await second.measure(from, end)
      for (let i = 0; i < one.length; i++) one[i] = (1 - share) * one[i]! + share * other[i]!
      return one
    },
    canonical: (query, row) =>
      (1 - share) * first.canonical(query, row) + share * second.canonical(query, row),
  }
}

/** Shows the distances of each query, as they are measured, to those who look before they are ranked. */
export function seenDistances(
  distances: Distances,
  see: (query: number, squared: Float64Array) => void,
): Distances {
  return {
    ...distances,
    async measure(first, end) {
      const squared = await distances.measure(first, end)
      const { rows } = distances
      for (let query = first; query < end; query++) {
        see(query, squared.subarray((query - first) * rows, (query - first + 1) * rows))
      }
      return squared
    },
  }
}

/** Measures all once, for those who ask more often; takes 8 bytes for each distance. */
export async function heldDistances(distances: Distances): Promise<Distances> {
  return heldAs(await distances.measure(0, distances.queries), distances)
}

function heldAs(all: Float64Array, distances: Distances): Distances {
  const { rows } = distances
  return { ...distances, measure: async (first, end) => all.slice(first * rows, end * rows) }
}
