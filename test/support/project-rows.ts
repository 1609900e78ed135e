import type { PrincipalComponents } from '../../src/vector/principal-components.ts'
import { packRows, type RowMatrix, rowOf } from '../../src/vector/row-matrix.ts'

/** The coordinates of rows along the directions, from the mean, by plain loops. Not of unit length. */
export function projectRows(rows: RowMatrix, onto: PrincipalComponents): RowMatrix {
  const { mean, directions, variances } = onto
  const projected = Array.from({ length: rows.count }, (_, row) =>
    Float32Array.from(variances, (_, component) =>
      rowOf(rows, row).reduce((sum, value, i) => {
        return sum + (value - mean[i]!) * directions[component * mean.length + i]!
      }, 0),
    ),
  )
  return packRows(projected, variances.length)
}
