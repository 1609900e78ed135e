import type { ThreadClient } from '../../threads/thread-client.ts'
import type { Matrix } from '../../vector/matrix-product.ts'
import type { ProductCalls, ProductGraphs, SentMatrix } from './product-thread.ts'
import { openSessionThread } from './session-client.ts'

const ONE_MINUTE_MS = 60_000

/** Multiplies large matrices in a thread of its own, on the CPU. One call at a time. */
export class ProductSession {
  readonly #thread: ThreadClient<ProductCalls>

  private constructor(thread: ThreadClient<ProductCalls>) {
    this.#thread = thread
  }

  /**
   * @param script of the thread, for tests.
   * @throws THREAD_FAILED.
   */
  static async open(
    graphs: ProductGraphs,
    script: URL = new URL('./product-thread.js', import.meta.url),
  ): Promise<ProductSession> {
    const { thread } = await openSessionThread<ProductCalls, undefined>({
      name: 'products',
      script,
      start: graphs,
      startTimeoutMs: ONE_MINUTE_MS,
      answerTimeoutMs: ONE_MINUTE_MS,
    })
    return new ProductSession(thread)
  }

  /** Each row of `left` with each row of `right`: see RowProducts. @throws THREAD_FAILED. */
  multiply(left: Matrix, right: Matrix): Promise<Float64Array> {
    const isNarrow = left.values instanceof Float32Array && right.values instanceof Float32Array
    const type = isNarrow ? 'float32' : 'float64'
    const sent = { left: sentMatrix(left, type), right: sentMatrix(right, type) }
    return this.#thread.call('multiply', { type, ...sent })
  }

  close(): Promise<void> {
    return this.#thread.close()
  }
}

/** A message carries the whole buffer that a view is of. */
function sentMatrix({ values, rows, columns }: Matrix, type: keyof ProductGraphs): SentMatrix {
  const dims = [rows, columns] as const
  if (type === 'float64' && values instanceof Float32Array) {
    return { values: Float64Array.from(values), dims }
  }
  const isWhole = values.byteLength === values.buffer.byteLength
  return { values: isWhole ? values : values.slice(), dims }
}
