import { meanRow } from '../../src/vector/principal-components.ts'
import type { RowMatrix } from '../../src/vector/row-matrix.ts'

/** By plain loops. */
export function plainCovariance(rows: RowMatrix): Float64Array {
  const { values, count, dimensions } = rows
  const mean = meanRow(rows)
  return Float64Array.from({ length: dimensions * dimensions }, (_, at) => {
    const [i, j] = [Math.floor(at / dimensions), at % dimensions]
    let sum = 0
    for (let from = 0; from < values.length; from += dimensions) {
      sum += (values[from + i]! - mean[i]!) * (values[from + j]! - mean[j]!)
    }
    return sum / count
  })
}
