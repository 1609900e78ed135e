import { turnPositive } from './orthogonal.ts'
import { seededRandom } from './random.ts'
import { type Matrix, matrixOf, type RowProducts, rowOf } from './row-matrix.ts'
import { type Tridiagonal, tridiagonalValues, tridiagonalVectors } from './tridiagonal-eigen.ts'
import { type TridiagonalForm, tridiagonalForm, turnBack } from './tridiagonal-form.ts'

export interface SymmetricEigen {
  /** Eigenvalues, largest first. */
  readonly values: Float64Array
  /** A unit eigenvector for each value, whose component of largest magnitude is positive. */
  readonly vectors: Matrix<Float64Array>
}

/**
 * Finds the largest eigenvalues of a symmetric matrix and their eigenvectors, in float64: a
 * tridiagonal matrix by reflections, of that only the values that are wanted, by bisection, and their
 * vectors by inverse iteration. About 4 / 3 size^3 + 2 size^2 wanted + 2 size wanted^2 operations.
 *
 * @param matrix square, symmetric and of finite numbers; left as it is.
 * @param wanted 1 to the number of its rows.
 */
export async function symmetricEigen(
  matrix: Matrix<Float64Array>,
  wanted: number,
  products: RowProducts,
): Promise<SymmetricEigen> {
  const { count: size } = matrix
  if (size < 1 || matrix.values.length !== size * size) {
    throw new RangeError(`expected ${size} x ${size} numbers, got ${matrix.values.length}`)
  }
  if (!Number.isInteger(wanted) || wanted < 1 || wanted > size) {
    throw new RangeError(`expected 1 to ${size} eigenvectors, got ${wanted}`)
  }
  const scale = scaleOf(matrix.values)
  const scaled = matrix.values.map((element) => element * scale)
  const form = await tridiagonalForm(scaled, size, products)
  const blocks = blocksOf(form)
  const largest = blocks
    .flatMap((block) => [...tridiagonalValues(block, wanted)].map((value) => ({ value, block })))
    .sort((a, b) => b.value - a.value)
    .slice(0, wanted)
  for (const [place, { block }] of largest.entries()) block.places.push(place)
  const vectors = matrixOf(new Float64Array(wanted * size), size)
  // Where an iteration starts from decides nothing but digits that are rounding.
  const random = seededRandom(size)
  for (const block of blocks) {
    const values = block.places.map((place) => largest[place]!.value)
    const own = matrixOf(tridiagonalVectors(block, values, random), block.diagonal.length)
    for (const [i, place] of block.places.entries()) {
      rowOf(vectors, place).set(rowOf(own, i), block.from)
    }
  }
  await turnBack(form, vectors, products)
  for (let k = 0; k < wanted; k++) turnPositive(rowOf(vectors, k))
  return { values: Float64Array.from(largest, ({ value }) => value / scale), vectors }
}

/** Finds a power of two, which rounds nothing, that keeps products of elements from under- or overflow. */
function scaleOf(matrix: Float64Array): number {
  let largest = 0
  for (const element of matrix) {
    if (!Number.isFinite(element)) throw new RangeError(`expected finite numbers, got ${element}`)
    largest = Math.max(largest, Math.abs(element))
  }
  const exponent = largest === 0 ? 0 : Math.floor(Math.log2(largest))
  return 2 ** -Math.max(-1000, Math.min(1000, exponent))
}

interface Block extends Tridiagonal {
  /** Its first row. */
  readonly from: number
  /** The places of its eigenvalues among those that are wanted. */
  readonly places: number[]
}

/** Cuts the matrix where neighbours share no more than the rounding of the largest number. */
function blocksOf({ diagonal, beside }: TridiagonalForm): Block[] {
  const norm = normOf(diagonal, beside)
  const blocks: Block[] = []
  for (let from = 0, end = 1; end <= diagonal.length; end++) {
    if (Math.abs(beside[end - 1]!) > Number.EPSILON * norm) continue
    const own = { diagonal: diagonal.slice(from, end), beside: beside.slice(from, end) }
    own.beside[end - from - 1] = 0
    blocks.push({ ...own, norm: normOf(own.diagonal, own.beside), from, places: [] })
    from = end
  }
  return blocks
}

function normOf(diagonal: Float64Array, beside: Float64Array): number {
  let largest = 0
  for (let i = 0; i < diagonal.length; i++) {
    const sum = Math.abs(diagonal[i]!) + Math.abs(beside[i]!) + Math.abs(beside[i - 1] ?? 0)
    largest = Math.max(largest, sum)
  }
  return largest
}
