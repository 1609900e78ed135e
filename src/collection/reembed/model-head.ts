import { setImmediate as turn } from 'node:timers/promises'
import type { ModelCatalogue } from '../../embedding/models.ts'
import type { GenerationDraft, LackingRecord } from '../../engine/generation.ts'
import { AppError, shown } from '../../errors.ts'
import { type FeatureTransform, transformRows } from '../../learning/feature-transform.ts'
import { readEmbeddingLayers } from '../../onnx/embedding-layers.ts'
import { toStoredVector } from '../../vector/stored-vector.ts'

/**
 * Reads the layers that a model has behind the unit output of its backbone.
 * @param backbone the model that made the vectors there are.
 * @throws REEMBED_REFUSED when the model is not learnt on exactly that backbone, with its preprocessing; MODEL_NOT_FOUND,
 * MODEL_INVALID.
 */
export async function headOf(
  model: string,
  backbone: string,
  catalogue: ModelCatalogue,
): Promise<FeatureTransform> {
  const refused = (why: string) =>
    new AppError(
      'REEMBED_REFUSED',
      `expected a model trained on ${shown(backbone)}, whose vectors the collection has, got ${shown(model)}: ${why}`,
    )
  const [head, below] = [await catalogue.read(model), await catalogue.read(backbone)]
  const found = readEmbeddingLayers(head.onnx)
  if (found === null) throw refused('it was not trained here')
  const { layers, share, metadata } = found
  const sha256 = metadata['lookalike.backbone.sha256']
  if (sha256 !== below.bundle.sha256) {
    throw refused(`its backbone has the SHA-256 ${shown(sha256, 80)}`)
  }
  if (JSON.stringify(head.bundle.input) !== JSON.stringify(below.bundle.input)) {
    throw refused('its preprocessing is another')
  }
  if (below.bundle.output.pooling !== undefined) {
    throw refused('the output of the backbone is pooled')
  }
  if (layers === null) return { kind: 'backbone' }
  if (layers.readsInner === true) {
    throw refused('it reads inner maps, which vectors do not have: embed the pictures again')
  }
  return share < 1 ? { kind: 'joined', layers, share } : { kind: 'head', layers }
}

/**
 * Applies a head to the active vector of a record, which is one of its backbone. @returns null when the record was written
 * again. @throws PICTURE_MISSING for a record that was given as a vector.
 */
export async function vectorByHead(
  record: LackingRecord,
  head: FeatureTransform,
  draft: GenerationDraft,
): Promise<Float32Array | null> {
  if (record.contentHash === null) {
    const got = `that of ${shown(record.id)}, given as a vector`
    throw new AppError('PICTURE_MISSING', `expected a vector of the backbone, got ${got}`)
  }
  // One product after the other would hold up everybody else.
  await turn()
  const vector = await draft.activeVector(record)
  if (vector === null) return null
  const features = toStoredVector(vector, vector.length, 'cosine')
  const rows = { values: features, count: 1, dimensions: features.length }
  const { dimensions, metric } = draft.spec
  return toStoredVector(transformRows(rows, head).values, dimensions, metric)
}
