import type { Matrix } from '../../vector/row-matrix.ts'
import type { ProductCalls, ProductGraphs } from './product-thread.ts'
import { openSessionThread, type SessionOptions } from './session-client.ts'

/**
 * Starts a thread that multiplies large matrices on the CPU, one call at a time.
 * @throws THREAD_FAILED.
 */
export async function openProductSession(graphs: ProductGraphs, options: SessionOptions = {}) {
  const { thread } = await openSessionThread<ProductCalls>({
    name: 'products',
    script: new URL('./product-thread.js', import.meta.url),
    start: graphs,
    ...options,
  })
  return {
    /** Multiplies each row of `left` with each row of `right`: see RowProducts. @throws THREAD_FAILED. */
    async multiply(left: Matrix, right: Matrix): Promise<Matrix<Float64Array>> {
      const isNarrow = left.values instanceof Float32Array && right.values instanceof Float32Array
      const type = isNarrow ? 'float32' : 'float64'
      const sent = { left: sentMatrix(left, type), right: sentMatrix(right, type) }
      const values = await thread.call('multiply', { type, ...sent })
      return { values, count: left.count, dimensions: right.count }
    },
    close: () => thread.close(),
  }
}

/** Makes a copy where need be: a message carries the whole buffer that a view is of. */
function sentMatrix(matrix: Matrix, type: keyof ProductGraphs): Matrix {
  const { values } = matrix
  if (type === 'float64' && values instanceof Float32Array) {
    return { ...matrix, values: Float64Array.from(values) }
  }
  const isWhole = values.byteLength === values.buffer.byteLength
  return isWhole ? matrix : { ...matrix, values: values.slice() }
}
