import type { Matrix } from './matrix-product.ts'

/**
 * Port: the products of each row of `left` with each row of `right`, in float64; `left.rows` rows of
 * `right.rows` numbers. In what order terms are summed, and whether products are rounded, is open:
 * each is off by at most about columns * 2^-53 times the lengths of both rows.
 */
export type RowProducts = (left: Matrix, right: Matrix) => Promise<Float64Array>
