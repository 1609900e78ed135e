import { AppError } from '../errors.ts'

/** Vectors one after the other: `values` holds `count` rows of `dimensions` numbers. */
export interface RowMatrix {
  readonly values: Float32Array
  readonly count: number
  readonly dimensions: number
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
  return { values, count: vectors.length, dimensions }
}

/** Copies some rows, in the order in which they are named. */
export function selectRows(matrix: RowMatrix, rows: readonly number[]): RowMatrix {
  const { dimensions } = matrix
  const values = new Float32Array(rows.length * dimensions)
  for (const [to, row] of rows.entries()) values.set(rowOf(matrix, row), to * dimensions)
  return { values, count: rows.length, dimensions }
}

/** A view of one row. */
export function rowOf({ values, dimensions }: RowMatrix, row: number): Float32Array {
  return values.subarray(row * dimensions, (row + 1) * dimensions)
}
