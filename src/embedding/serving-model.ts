import { AppError } from '../errors.ts'
import { addServingLayers, type ServingGraph } from '../onnx/serving-graph.ts'
import type { ModelBundle } from './model-bundle.ts'

/**
 * Makes the graph that a session serves out of a bundle's ONNX file.
 * @throws MODEL_INVALID that names the bundle, also for bytes that are no ONNX file.
 */
export function servingModel(bundle: ModelBundle, onnx: Uint8Array): ServingGraph {
  try {
    return addServingLayers(onnx, bundle)
  } catch (cause) {
    if (!(cause instanceof AppError)) throw cause
    const message = `model ${bundle.name}: ${cause.message}`
    throw new AppError('MODEL_INVALID', message, { cause })
  }
}
