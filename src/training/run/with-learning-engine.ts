import { openProductSession } from '../../adapters/onnxruntime/product-session.ts'
import { openTrainingSession } from '../../adapters/onnxruntime/training-session.ts'
import type { LearningEngine } from '../../learning/learning-engine.ts'
import { rowProductsGraph } from '../../onnx/row-products-graph.ts'
import type { TrainingConfig } from '../context.ts'

/**
 * Opens onnxruntime for as long as `use` runs.
 * @throws THREAD_FAILED, and what `use` throws.
 */
export async function withLearningEngine<T>(
  config: Pick<TrainingConfig, 'provider'>,
  use: (engine: LearningEngine) => Promise<T>,
): Promise<T> {
  // Only the cpu gives the same bits in every run: a GPU trains only when it is chosen by name.
  const provider = config.provider === 'cuda' ? 'cuda' : 'cpu'
  const graphs = { float32: rowProductsGraph('float32'), float64: rowProductsGraph('float64') }
  const session = await openProductSession(graphs)
  try {
    return await use({
      products: (left, right) => session.multiply(left, right),
      open: (graph, embedding) => openTrainingSession({ graph, embedding, provider }),
    })
  } finally {
    await session.close()
  }
}
