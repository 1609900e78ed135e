import type { ModelCatalogue } from '../../embedding/models.ts'
import { AppError, shown } from '../../errors.ts'
import type { FeatureTransform } from '../../learning/feature-transform.ts'
import { type FoundLayers, readEmbeddingLayers } from '../../onnx/embedding-layers.ts'

/**
 * What a model puts behind the unit output of its backbone.
 * @param backbone the model that made the vectors there are.
 * @throws REEMBED_REFUSED when the model is not learnt on exactly that backbone, with its preprocessing; MODEL_NOT_FOUND,
 * MODEL_INVALID.
 */
export async function headOf(
  model: string,
  backbone: string,
  catalogue: ModelCatalogue,
): Promise<FeatureTransform> {
  const [head, below] = [await catalogue.read(model), await catalogue.read(backbone)]
  const found = readEmbeddingLayers(head.onnx)
  if (found === null) throw refused(model, backbone, 'it was not trained here')
  const sha256 = found.metadata['lookalike.backbone.sha256']
  if (sha256 !== below.bundle.sha256) {
    throw refused(model, backbone, `its backbone has the SHA-256 ${shown(sha256, 80)}`)
  }
  if (JSON.stringify(head.bundle.input) !== JSON.stringify(below.bundle.input)) {
    throw refused(model, backbone, 'its preprocessing is another')
  }
  if (below.bundle.output.pooling !== undefined) {
    throw refused(model, backbone, 'the output of the backbone is pooled')
  }
  return transformOf(found)
}

function transformOf({ layers, share }: FoundLayers): FeatureTransform {
  if (layers === null) return { kind: 'backbone' }
  return share < 1 ? { kind: 'joined', layers, share } : { kind: 'head', layers }
}

function refused(model: string, backbone: string, why: string): AppError {
  return new AppError(
    'REEMBED_REFUSED',
    `expected a model trained on ${shown(backbone)}, whose vectors the collection has, got ${shown(model)}: ${why}`,
  )
}
