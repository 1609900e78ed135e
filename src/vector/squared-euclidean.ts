import type { RowMatrix } from './row-matrix.ts'

/**
 * Gives the canonical squared Euclidean distance: float64 throughout, one accumulator, in index order.
 * Every exact answer is defined by this function; kernels may only use it or a proven bound of it.
 */
export function squaredEuclidean(a: Float32Array, b: Float32Array): number {
  let sum = 0
  for (let i = 0; i < a.length; i++) {
    const difference = a[i]! - b[i]!
    sum += difference * difference
  }
  return sum
}

/** Rows that are measured at a time: their sums live in registers while the others stream by. */
export const BLOCK_ROWS = 4

/** Measures up to four rows at a time, bit for bit as `squaredEuclidean` does. */
export class DistanceBlock {
  readonly #from: RowMatrix
  /** Four rows side by side. */
  readonly #lanes: Float64Array

  constructor(from: RowMatrix) {
    this.#from = from
    this.#lanes = new Float64Array(BLOCK_ROWS * from.dimensions)
  }

  /**
   * Measures the rows' distances to every row of `to`.
   *
   * @param rows one to four row numbers.
   * @param out gets the distance of `rows[lane]` to row `r` at `lane * to.count + r`; it has room
   * for four rows.
   */
  measure(rows: readonly number[], to: RowMatrix, out: Float64Array): void {
    const lanes = this.#lanes
    const { values, count, dimensions } = to
    for (let lane = 0; lane < BLOCK_ROWS; lane++) {
      // Where there are fewer, the last one fills the block.
      const from = rows[Math.min(lane, rows.length - 1)]! * dimensions
      for (let i = 0; i < dimensions; i++) {
        lanes[i * BLOCK_ROWS + lane] = this.#from.values[from + i]!
      }
    }
    for (let row = 0; row < count; row += 2) {
      // The last of an odd number is its own neighbour.
      const next = Math.min(row + 1, count - 1)
      const [first, second] = [row * dimensions, next * dimensions]
      let a0 = 0
      let a1 = 0
      let a2 = 0
      let a3 = 0
      let b0 = 0
      let b1 = 0
      let b2 = 0
      let b3 = 0
      for (let i = 0, at = 0; i < dimensions; i++, at += BLOCK_ROWS) {
        const x0 = lanes[at]!
        const x1 = lanes[at + 1]!
        const x2 = lanes[at + 2]!
        const x3 = lanes[at + 3]!
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
      out[next] = b0
      out[count + next] = b1
      out[2 * count + next] = b2
      out[3 * count + next] = b3
    }
  }
}
