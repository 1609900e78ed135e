import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Matrix, matrixProduct, transposed } from '../../src/vector/matrix-product.ts'
import { gaussian, type Random, seededRandom } from '../../src/vector/random.ts'

function drawn(rows: number, columns: number, random: Random): Matrix {
  const values = Float32Array.from({ length: rows * columns }, () => gaussian(random))
  return { values, rows, columns }
}

test('a product has the bits of plain loops, whatever the shapes', () => {
  const seed = 3
  const random = seededRandom(seed)
  for (const [rows, inner, columns] of [
    ...[
      [1, 1, 1],
      [4, 3, 2],
      [5, 7, 3],
      [3, 40, 1],
      [9, 33, 17],
    ],
    ...[
      [256, 6, 5],
      [257, 5, 6],
      [515, 3, 2],
      [2, 0, 2],
      [0, 3, 2],
    ],
  ] as [number, number, number][]) {
    const [left, right] = [drawn(rows, inner, random), drawn(inner, columns, random)]
    const bias = drawn(1, columns, random).values as Float32Array
    for (const start of [bias, null]) {
      const wanted = new Float64Array(rows * columns)
      for (let row = 0; row < rows; row++) {
        for (let column = 0; column < columns; column++) {
          let sum = start?.[column] ?? 0
          for (let i = 0; i < inner; i++) {
            sum += left.values[row * inner + i]! * right.values[i * columns + column]!
          }
          wanted[row * columns + column] = sum
        }
      }
      const shape = `${rows} x ${inner} x ${columns}, seed ${seed}`
      const out = new Float64Array(rows * columns).fill(Number.NaN)
      matrixProduct(left, right, start, out)
      assert.deepEqual(out, wanted, shape)
      const rounded = new Float32Array(rows * columns)
      matrixProduct(left, right, start, rounded)
      assert.deepEqual(rounded, Float32Array.from(wanted), shape)
    }
  }
})

test('a transposed matrix has its rows as columns', () => {
  const values = Float32Array.of(1, 2, 3, 4, 5, 6)
  assert.deepEqual([...transposed({ values, rows: 2, columns: 3 })], [1, 4, 2, 5, 3, 6])
})
