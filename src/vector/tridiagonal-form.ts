import { type Matrix, matrixOf, type RowProducts, transposed } from './row-matrix.ts'
import type { Tridiagonal } from './tridiagonal-eigen.ts'

/**
 * Q T Q^T of a symmetric matrix: T is tridiagonal, and Q the product of the reflections
 * I - v v^T / h, the first one first.
 */
export interface TridiagonalForm extends Omit<Tridiagonal, 'norm'> {
  /** The v of each reflection: row i has that of reflection i, zeros up to number i. */
  readonly reflections: Float64Array
  /** The h of each reflection; 0 for none. */
  readonly heights: Float64Array
}

/** The number of reflections that are put off, then done at once as products. */
const PANEL = 32
/** The same on the way back, where more pay, since nothing else is done with them. */
const WAY_BACK = 128

/**
 * Reduces a symmetric matrix by Householder's reflections, in panels (Dongarra, Sorensen and
 * Hammarling, Journal of Computational and Applied Mathematics 27, 1989; dsytrd of LAPACK), in 4 / 3
 * size^3 operations, half of them products. In a panel the matrix stays as it was; V and W hold what
 * is to be taken away from it, V^T W + W^T V.
 *
 * @param matrix `size * size` numbers, symmetric, of which the upper half is read; overwritten.
 */
export async function tridiagonalForm(
  matrix: Float64Array,
  size: number,
  products: RowProducts,
): Promise<TridiagonalForm> {
  const diagonal = new Float64Array(size)
  const beside = new Float64Array(size)
  const heights = new Float64Array(size)
  for (let first = 0; first < size; first += PANEL) {
    const end = Math.min(size, first + PANEL)
    const panel: Reflection[] = []
    for (let j = first; j < end; j++) {
      const row = matrix.subarray(j * size, (j + 1) * size)
      for (const reflection of panel) takeReflection(row, j, reflection)
      diagonal[j] = row[j]!
      row.fill(0, 0, j + 1)
      if (j === size - 1) break
      heights[j] = makeReflection(row, j + 1, beside)
      panel.push({ v: row, w: imageOf(matrix, row, j + 1, panel, heights[j]!) })
    }
    if (end < size) await takePanel(matrix, size, end, panel, products)
  }
  return { diagonal, beside, reflections: matrix, heights }
}

interface Reflection {
  readonly v: Float64Array
  readonly w: Float64Array
}

/** Takes from row j of the matrix what one reflection takes, from number j on. */
function takeReflection(row: Float64Array, j: number, { v, w }: Reflection): void {
  const [vj, wj] = [v[j]!, w[j]!]
  for (let k = j; k < row.length; k++) row[k]! -= vj * w[k]! + wj * v[k]!
}

/**
 * Makes of a row, from `from` on, the v of the reflection that leaves only its first number there,
 * which goes to `beside`. @returns h; 0, and v is 0, where there is nothing to do.
 */
function makeReflection(row: Float64Array, from: number, beside: Float64Array): number {
  const head = row[from]!
  let scale = 0
  for (let k = from + 1; k < row.length; k++) scale = Math.max(scale, Math.abs(row[k]!))
  if (scale === 0) {
    beside[from - 1] = head
    row[from] = 0
    return 0
  }
  scale = Math.max(scale, Math.abs(head))
  let squared = 0
  for (let k = from; k < row.length; k++) {
    row[k]! /= scale
    squared += row[k]! * row[k]!
  }
  const first = row[from]!
  const turned = first > 0 ? -Math.sqrt(squared) : Math.sqrt(squared)
  beside[from - 1] = scale * turned
  row[from] = first - turned
  return squared - first * turned
}

/**
 * Finds the w of a reflection: p - v (p v) / 2 h with p = A v / h, A being what the panel leaves of
 * the matrix; 0 where h is.
 */
function imageOf(
  matrix: Float64Array,
  v: Float64Array,
  from: number,
  panel: readonly Reflection[],
  height: number,
): Float64Array {
  if (height === 0) return new Float64Array(v.length)
  const w = multiplyUpper(matrix, v, from)
  for (const { v: earlier, w: image } of panel) {
    let [ofEarlier, ofImage] = [0, 0]
    for (let k = from; k < v.length; k++) {
      ofEarlier += earlier[k]! * v[k]!
      ofImage += image[k]! * v[k]!
    }
    for (let k = from; k < v.length; k++) w[k]! -= earlier[k]! * ofImage + image[k]! * ofEarlier
  }
  let product = 0
  for (let k = from; k < v.length; k++) {
    w[k]! /= height
    product += w[k]! * v[k]!
  }
  const half = product / (2 * height)
  for (let k = from; k < v.length; k++) w[k]! -= half * v[k]!
  return w
}

/** Multiplies the symmetric matrix by v, from row and column `from` on, by its upper half. */
function multiplyUpper(matrix: Float64Array, v: Float64Array, from: number): Float64Array {
  const n = v.length
  const out = new Float64Array(n)
  let i = from
  // Four rows share the reading of v and the writing of `out`.
  for (; i + 3 < n; i += 4) {
    const [r0, r1, r2, r3] = [i * n, (i + 1) * n, (i + 2) * n, (i + 3) * n]
    for (let row = i; row < i + 4; row++) multiplyRow(matrix, v, row, i + 4, out)
    const [v0, v1, v2, v3] = [v[i]!, v[i + 1]!, v[i + 2]!, v[i + 3]!]
    let [g0, g1, g2, g3] = [0, 0, 0, 0]
    for (let k = i + 4; k < n; k++) {
      const a0 = matrix[r0 + k]!
      const a1 = matrix[r1 + k]!
      const a2 = matrix[r2 + k]!
      const a3 = matrix[r3 + k]!
      const vk = v[k]!
      g0 += a0 * vk
      g1 += a1 * vk
      g2 += a2 * vk
      g3 += a3 * vk
      out[k]! += a0 * v0 + a1 * v1 + (a2 * v2 + a3 * v3)
    }
    out[i]! += g0
    out[i + 1]! += g1
    out[i + 2]! += g2
    out[i + 3]! += g3
  }
  for (; i < n; i++) multiplyRow(matrix, v, i, n, out)
  return out
}

/** Adds one row's part, from its diagonal to before `end`. */
function multiplyRow(
  matrix: Float64Array,
  v: Float64Array,
  row: number,
  end: number,
  out: Float64Array,
): void {
  const start = row * v.length
  let sum = matrix[start + row]! * v[row]!
  for (let k = row + 1; k < end; k++) {
    const value = matrix[start + k]!
    sum += value * v[k]!
    out[k]! += value * v[row]!
  }
  out[row]! += sum
}

/** Takes from the rows and columns from `end` on what the panel takes. */
async function takePanel(
  matrix: Float64Array,
  size: number,
  end: number,
  panel: readonly Reflection[],
  products: RowProducts,
): Promise<void> {
  const rows = size - end
  const columns = 2 * panel.length
  const [left, right] = [new Float64Array(rows * columns), new Float64Array(rows * columns)]
  for (const [l, { v, w }] of panel.entries()) {
    for (let i = 0; i < rows; i++) {
      const at = i * columns + 2 * l
      left[at] = v[end + i]!
      left[at + 1] = w[end + i]!
      right[at] = w[end + i]!
      right[at + 1] = v[end + i]!
    }
  }
  const { values: taken } = await products(matrixOf(left, columns), matrixOf(right, columns))
  for (let i = 0; i < rows; i++) {
    const to = (end + i) * size + end
    for (let k = i; k < rows; k++) matrix[to + k]! -= taken[i * rows + k]!
  }
}

/**
 * Multiplies each row of `vectors` by Q, in place: panels of reflections as I - V^T S V, S an upper
 * triangle (Schreiber and Van Loan, SIAM Journal on Scientific and Statistical Computing 10, 1989).
 */
export async function turnBack(
  { reflections, heights }: TridiagonalForm,
  vectors: Matrix<Float64Array>,
  products: RowProducts,
): Promise<void> {
  const size = heights.length
  for (let first = size - 1 - ((size - 1) % WAY_BACK); first >= 0; first -= WAY_BACK) {
    const count = Math.min(WAY_BACK, size - first)
    const panel = matrixOf(reflections.subarray(first * size, (first + count) * size), size)
    const inner = await products(panel, panel)
    const triangle = triangleOf(inner.values, heights.subarray(first, first + count))
    const along = await products(vectors, panel)
    const weights = await products(along, matrixOf(triangle, count))
    const taken = await products(weights, transposed(panel))
    for (let i = 0; i < taken.values.length; i++) vectors.values[i]! -= taken.values[i]!
  }
}

/** Finds the S of reflections whose products with each other are known. */
function triangleOf(inner: Float64Array, heights: Float64Array): Float64Array {
  const count = heights.length
  const triangle = new Float64Array(count * count)
  for (let k = 0; k < count; k++) {
    if (heights[k] === 0) continue
    for (let i = 0; i < k; i++) {
      let sum = 0
      for (let j = i; j < k; j++) sum += triangle[i * count + j]! * inner[j * count + k]!
      triangle[i * count + k] = -sum / heights[k]!
    }
    triangle[k * count + k] = 1 / heights[k]!
  }
  return triangle
}
