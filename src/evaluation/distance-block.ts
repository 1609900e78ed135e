import type { RowMatrix } from '../vector/row-matrix.ts'

/** Rows asked with at a time: their sums live in registers while the others stream by. */
export const BLOCK_ROWS = 4

/**
 * Copies up to four rows of a matrix for `squaredDistances`. Where fewer are named, the last one
 * fills the block.
 */
export function fillBlock(
  block: Float64Array,
  { values, dimensions }: RowMatrix,
  rows: ArrayLike<number>,
): void {
  for (let lane = 0; lane < BLOCK_ROWS; lane++) {
    const from = rows[Math.min(lane, rows.length - 1)]! * dimensions
    for (let i = 0; i < dimensions; i++) block[i * BLOCK_ROWS + lane] = values[from + i]!
  }
}

/**
 * The canonical squared Euclidean distances of a block's four rows to every row of `matrix`,
 * bit for bit those of `squaredEuclidean`: every pair has one accumulator of its own, in index
 * order.
 *
 * @param out gets the distance of lane `l` to row `r` at `l * matrix.count + r`.
 */
export function squaredDistances(
  block: Float64Array,
  { values, count, dimensions }: RowMatrix,
  out: Float64Array,
): void {
  let row = 0
  for (; row + 1 < count; row += 2) {
    const first = row * dimensions
    const second = first + dimensions
    let a0 = 0
    let a1 = 0
    let a2 = 0
    let a3 = 0
    let b0 = 0
    let b1 = 0
    let b2 = 0
    let b3 = 0
    for (let i = 0, at = 0; i < dimensions; i++, at += BLOCK_ROWS) {
      const x0 = block[at]!
      const x1 = block[at + 1]!
      const x2 = block[at + 2]!
      const x3 = block[at + 3]!
      const a = values[first + i]!
      const b = values[second + i]!
      a0 += (x0 - a) * (x0 - a)
      a1 += (x1 - a) * (x1 - a)
      a2 += (x2 - a) * (x2 - a)
      a3 += (x3 - a) * (x3 - a)
      b0 += (x0 - b) * (x0 - b)
      b1 += (x1 - b) * (x1 - b)
      b2 += (x2 - b) * (x2 - b)
      b3 += (x3 - b) * (x3 - b)
    }
    out[row] = a0
    out[count + row] = a1
    out[2 * count + row] = a2
    out[3 * count + row] = a3
    out[row + 1] = b0
    out[count + row + 1] = b1
    out[2 * count + row + 1] = b2
    out[3 * count + row + 1] = b3
  }
  if (row === count) return
  for (let lane = 0; lane < BLOCK_ROWS; lane++) {
    let sum = 0
    for (let i = 0; i < dimensions; i++) {
      const difference = block[i * BLOCK_ROWS + lane]! - values[row * dimensions + i]!
      sum += difference * difference
    }
    out[lane * count + row] = sum
  }
}
