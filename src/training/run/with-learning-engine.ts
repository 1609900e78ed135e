import { openProductSession } from '../../adapters/onnxruntime/product-session.ts'
import { openTrainingSession } from '../../adapters/onnxruntime/training-session.ts'
import type { LearningEngine } from '../../learning/learning-engine.ts'
import { rowProductsGraph } from '../../onnx/row-products-graph.ts'
import type { TrainingConfig } from './training-config.ts'

/**
 * Hands over onnxruntime as long as it is used.
 * @throws THREAD_FAILED, and what `use` throws.
 */
export async function withLearningEngine<T>(
  { provider }: Pick<TrainingConfig, 'provider'>,
  use: (engine: LearningEngine) => Promise<T>,
): Promise<T> {
  const graphs = { float32: rowProductsGraph('float32'), float64: rowProductsGraph('float64') }
  const session = await openProductSession(graphs)
  try {
    return await use({
      products: (left, right) => session.multiply(left, right),
      // Only the cpu gives the same bits in every run, so that a GPU trains when it was asked for.
      open: (graph, embedding) =>
        openTrainingSession({ graph, embedding, provider: provider === 'cuda' ? 'cuda' : 'cpu' }),
    })
  } finally {
    await session.close()
  }
}
