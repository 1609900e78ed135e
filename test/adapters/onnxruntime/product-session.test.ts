import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openProductSession } from '../../../src/adapters/onnxruntime/product-session.ts'
import { rowProductsGraph } from '../../../src/onnx/row-products-graph.ts'
import { gaussian, seededRandom } from '../../../src/vector/random.ts'
import { matrixOf } from '../../../src/vector/row-matrix.ts'
import { assertClose } from '../../support/assert-close.ts'
import { failsWith } from '../../support/errors.ts'
import { plainProducts } from '../../support/plain-products.ts'

const GRAPHS = { float32: rowProductsGraph('float32'), float64: rowProductsGraph('float64') }
const SEED = 61
const random = seededRandom(SEED)
const COLUMNS = 37
const wideRows = (rows: number) => ({
  values: Float64Array.from({ length: rows * COLUMNS }, () => gaussian(random)),
  count: rows,
  dimensions: COLUMNS,
})
const narrowRows = (rows: number) => {
  const { values, ...shape } = wideRows(rows)
  return { ...shape, values: Float32Array.from(values) }
}

test('products of rows are those of plain loops in float64, whatever the types of both sides', async () => {
  const session = await openProductSession(GRAPHS)
  try {
    const [narrow, wide] = [narrowRows(9), wideRows(5)]
    // A view of the last rows of a larger matrix.
    const view = matrixOf(narrow.values.subarray(3 * COLUMNS), COLUMNS)
    const pairs = [
      [narrow, view],
      [wide, wide],
      [narrow, wide],
      [wide, view],
    ] as const
    for (const [at, [left, right]] of pairs.entries()) {
      const got = await session.multiply(left, right)
      const wanted = await plainProducts(left, right)
      assert.deepEqual([got.count, got.dimensions], [wanted.count, wanted.dimensions])
      for (const [i, value] of got.values.entries()) {
        assertClose(value, wanted.values[i]!, `pair ${at}, number ${i}, seed ${SEED}`, 1e-13)
      }
      assert.deepEqual(await session.multiply(left, right), got, 'the same bits again')
    }
  } finally {
    await session.close()
  }
})

test('matrices that do not fit are refused, and the next product is answered', async () => {
  const session = await openProductSession(GRAPHS)
  try {
    const left = wideRows(2)
    const right = { ...left, count: 1, dimensions: 74 }
    await assert.rejects(session.multiply(left, right), failsWith('THREAD_FAILED', 'products'))
    assert.deepEqual(await session.multiply(left, left), await session.multiply(left, left))
  } finally {
    await session.close()
  }
})

test('a graph that onnxruntime refuses, and a thread that dies, are reported', async () => {
  const broken = { ...GRAPHS, float64: new Uint8Array(3) }
  await assert.rejects(openProductSession(broken), failsWith('THREAD_FAILED', 'start failed'))
  const script = new URL('../../support/dying-thread.js', import.meta.url)
  const session = await openProductSession(GRAPHS, { script })
  const one = wideRows(1)
  await assert.rejects(session.multiply(one, one), failsWith('THREAD_FAILED', 'exit code 7'))
  await assert.rejects(session.multiply(one, one), failsWith('THREAD_FAILED', 'exit code 7'))
  await session.close()
})
