import type { RowMatrix } from '../vector/row-matrix.ts'
import { BLOCK_ROWS, fillBlock, squaredDistances } from './distance-block.ts'

/** The canonical squared Euclidean distances of rows to each other: `count` rows of `count`. */
export interface PairDistances {
  readonly squared: Float64Array
  readonly count: number
}

/** Rows whose distances may be held: 32 MiB of them. */
export const MAX_PAIRED = 2048

/** Each pair is computed once, in the bits that it has from either side. */
export function pairDistances(vectors: RowMatrix): PairDistances {
  const { values, count, dimensions } = vectors
  if (count > MAX_PAIRED) {
    throw new RangeError(`expected at most ${MAX_PAIRED} rows to pair, got ${count}`)
  }
  const squared = new Float64Array(count * count)
  const block = new Float64Array(BLOCK_ROWS * dimensions)
  const distances = new Float64Array(BLOCK_ROWS * count)
  for (let first = 0; first < count; first += BLOCK_ROWS) {
    const rows = Array.from({ length: Math.min(BLOCK_ROWS, count - first) }, (_, i) => first + i)
    fillBlock(block, vectors, rows)
    const rest = count - first
    const others = { values: values.subarray(first * dimensions), count: rest, dimensions }
    squaredDistances(block, others, distances)
    for (const [lane, row] of rows.entries()) {
      for (let other = row; other < count; other++) {
        const distance = distances[lane * rest + other - first]!
        squared[row * count + other] = distance
        squared[other * count + row] = distance
      }
    }
  }
  return { squared, count }
}
