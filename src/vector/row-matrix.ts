import { AppError } from '../errors.ts'

type Floats = Float32Array | Float64Array

/** Numbers row after row: `values` holds `count` rows of `dimensions` numbers. */
export interface Matrix<Values extends Floats = Floats> {
  readonly values: Values
  readonly count: number
  readonly dimensions: number
}

/** Vectors as they are stored: in float32, one after the other. */
export type RowMatrix = Matrix<Float32Array>

/**
 * Port: the products of each row of `left` with each row of `right`, in float64; `left.count` rows of
 * `right.count` numbers. In what order terms are summed, and whether products are rounded, is open:
 * each is off by at most about dimensions * 2^-53 times the lengths of both rows.
 */
export type RowProducts = (left: Matrix, right: Matrix) => Promise<Matrix<Float64Array>>

export function matrixOf<Values extends Floats>(
  values: Values,
  dimensions: number,
): Matrix<Values> {
  return { values, count: values.length / dimensions, dimensions }
}

export function transposed({ values, count, dimensions }: Matrix): Matrix<Float64Array> {
  const turned = new Float64Array(values.length)
  for (let row = 0; row < count; row++) {
    for (let i = 0; i < dimensions; i++) turned[i * count + row] = values[row * dimensions + i]!
  }
  return { values: turned, count: dimensions, dimensions: count }
}

/**
 * Copies vectors into one matrix.
 * @throws DIMENSION_MISMATCH when a vector has another length; INVALID_VECTOR for NaN or infinity,
 * which would have no place in any order of distances.
 */
export function packRows(vectors: readonly Float32Array[], dimensions: number): RowMatrix {
  const values = new Float32Array(vectors.length * dimensions)
  for (const [row, vector] of vectors.entries()) {
    if (vector.length !== dimensions) {
      const got = `got ${vector.length} in row ${row}`
      throw new AppError('DIMENSION_MISMATCH', `expected ${dimensions} numbers a vector, ${got}`)
    }
    for (let i = 0; i < dimensions; i++) {
      if (!Number.isFinite(vector[i])) {
        const got = `got ${vector[i]} at position ${i} of row ${row}`
        throw new AppError('INVALID_VECTOR', `expected finite numbers, ${got}`)
      }
    }
    values.set(vector, row * dimensions)
  }
  return matrixOf(values, dimensions)
}

/** Copies some rows, in the order in which they are named. */
export function selectRows(matrix: RowMatrix, rows: readonly number[]): RowMatrix {
  const { dimensions } = matrix
  const values = new Float32Array(rows.length * dimensions)
  for (const [to, row] of rows.entries()) values.set(rowOf(matrix, row), to * dimensions)
  return matrixOf(values, dimensions)
}

export function rowOf<Values extends Floats>(
  { values, dimensions }: Matrix<Values>,
  row: number,
): Values {
  return values.subarray(row * dimensions, (row + 1) * dimensions) as Values
}
