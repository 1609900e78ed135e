/** Row-major. */
export interface Matrix {
  readonly values: Float32Array | Float64Array
  readonly rows: number
  readonly columns: number
}

const [LANES, COLUMNS] = [4, 2]
/** Of the left matrix: what is kept of it in float64 at a time. */
const ROWS_AT_ONCE = 256

/**
 * Adds left x right to each row of `start`, in float64. Each number of the result is summed in the
 * order of the inner dimension, bit for bit as plain loops do it; eight of them at a time stay in
 * registers.
 *
 * @param start a number for each column; null for zeros.
 * @param out rows x columns numbers, which are written.
 */
export function matrixProduct(
  left: Matrix,
  right: Matrix,
  start: Float32Array | null,
  out: Float32Array | Float64Array,
): void {
  const { rows, columns: inner } = left
  const { columns } = right
  const lanes = new Float64Array(Math.min(rows + LANES, ROWS_AT_ONCE) * inner)
  const pair = new Float64Array(COLUMNS * inner)
  const sums = new Float64Array(LANES * COLUMNS)
  for (let first = 0; first < rows; first += ROWS_AT_ONCE) {
    const count = Math.min(ROWS_AT_ONCE, rows - first)
    packRows(left, first, count, lanes)
    for (let column = 0; column < columns; column += COLUMNS) {
      packColumns(right, column, pair)
      for (let row = 0; row < count; row += LANES) {
        for (let c = 0; c < COLUMNS; c++) {
          sums.fill(start?.[column + c] ?? 0, c * LANES, (c + 1) * LANES)
        }
        addProducts(lanes, row * inner, pair, inner, sums)
        for (let c = 0; c < Math.min(COLUMNS, columns - column); c++) {
          for (let lane = 0; lane < Math.min(LANES, count - row); lane++) {
            out[(first + row + lane) * columns + column + c] = sums[c * LANES + lane]!
          }
        }
      }
    }
  }
}

/** Rows as columns. */
export function transposed({ values, rows, columns }: Matrix): Float64Array {
  const turned = new Float64Array(values.length)
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      turned[column * rows + row] = values[row * columns + column]!
    }
  }
  return turned
}

/** Four rows side by side, then the next four; zeros where there are no more. */
function packRows(
  { values, columns: inner }: Matrix,
  first: number,
  count: number,
  lanes: Float64Array,
): void {
  for (let row = 0; row < Math.ceil(count / LANES) * LANES; row++) {
    const from = (first + row) * inner
    const to = (row - (row % LANES)) * inner + (row % LANES)
    for (let i = 0; i < inner; i++) lanes[to + i * LANES] = row < count ? values[from + i]! : 0
  }
}

/** Two columns side by side; zeros for the one that there is not. */
function packColumns({ values, rows: inner, columns }: Matrix, first: number, pair: Float64Array) {
  const hasBoth = first + 1 < columns
  for (let i = 0; i < inner; i++) {
    pair[2 * i] = values[i * columns + first]!
    pair[2 * i + 1] = hasBoth ? values[i * columns + first + 1]! : 0
  }
}

function addProducts(
  lanes: Float64Array,
  from: number,
  pair: Float64Array,
  inner: number,
  sums: Float64Array,
): void {
  let [a0, a1, a2, a3] = [sums[0]!, sums[1]!, sums[2]!, sums[3]!]
  let [b0, b1, b2, b3] = [sums[4]!, sums[5]!, sums[6]!, sums[7]!]
  for (let i = 0, at = from; i < inner; i++, at += LANES) {
    const a = pair[2 * i]!
    const b = pair[2 * i + 1]!
    const x0 = lanes[at]!
    const x1 = lanes[at + 1]!
    const x2 = lanes[at + 2]!
    const x3 = lanes[at + 3]!
    a0 += x0 * a
    a1 += x1 * a
    a2 += x2 * a
    a3 += x3 * a
    b0 += x0 * b
    b1 += x1 * b
    b2 += x2 * b
    b3 += x3 * b
  }
  sums[0] = a0
  sums[1] = a1
  sums[2] = a2
  sums[3] = a3
  sums[4] = b0
  sums[5] = b1
  sums[6] = b2
  sums[7] = b3
}
