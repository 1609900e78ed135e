import { AppError } from '../../errors.ts'
import type { Matrix } from '../../vector/row-matrix.ts'
import { AnsweringThread } from './answering-thread.ts'
import type { FromProducts, ProductGraphs, SentMatrix, ToProducts } from './product-messages.ts'

const ONE_MINUTE_MS = 60_000

/** Multiplies large matrices in a thread of its own, on the CPU. One call at a time. */
export class ProductSession {
  readonly #thread: AnsweringThread<ToProducts, FromProducts>

  private constructor(thread: AnsweringThread<ToProducts, FromProducts>) {
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
    const thread = new AnsweringThread<ToProducts, FromProducts>({
      ...{ name: 'products', script, start: graphs, transfer: [] },
      ...{ startTimeoutMs: ONE_MINUTE_MS, answerTimeoutMs: ONE_MINUTE_MS },
    })
    try {
      const message = await thread.firstAnswer
      if (message.kind !== 'ready') throw failed('start', message)
      return new ProductSession(thread)
    } catch (error) {
      await thread.stop()
      throw error
    }
  }

  /** Each row of `left` with each row of `right`: see RowProducts. @throws THREAD_FAILED. */
  async multiply(left: Matrix, right: Matrix): Promise<Matrix<Float64Array>> {
    const type =
      left.values instanceof Float32Array && right.values instanceof Float32Array
        ? 'float32'
        : 'float64'
    const answer = await this.#thread.ask({
      kind: 'multiply',
      ...{ type, left: sentMatrix(left, type), right: sentMatrix(right, type) },
    })
    if (answer.kind === 'products') {
      return { values: answer.values, count: left.count, dimensions: right.count }
    }
    throw failed('product', answer)
  }

  async close(): Promise<void> {
    await this.#thread.close()
  }
}

/** A message carries the whole buffer that a view is of. */
function sentMatrix({ values, count, dimensions }: Matrix, type: keyof ProductGraphs): SentMatrix {
  const dims = [count, dimensions] as const
  if (type === 'float64' && values instanceof Float32Array) {
    return { values: Float64Array.from(values), dims }
  }
  const isWhole = values.byteLength === values.buffer.byteLength
  return { values: isWhole ? values : values.slice(), dims }
}

function failed(what: string, answer: FromProducts): AppError {
  const reason = answer.kind === 'failed' ? answer.reason : `an answer ${answer.kind}`
  return new AppError('THREAD_FAILED', `products: a ${what} failed: ${reason}`)
}
