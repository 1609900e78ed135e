import { setImmediate as turn } from 'node:timers/promises'
import type { GenerationDraft, LackingRecord } from '../../engine/generation.ts'
import { AppError, shown } from '../../errors.ts'
import { type FeatureTransform, transformRows } from '../../learning/feature-transform.ts'
import { toStoredVector } from '../../vector/stored-vector.ts'
import type { CollectionModels } from '../collection-models.ts'
import type { ReadImage } from './record-images.ts'

/** Makes a vector of the next generation for a record; null when the record was written again. @throws its refusal. */
export type MakeVector = (
  record: LackingRecord,
  signal: AbortSignal,
) => Promise<Float32Array | null>

export function fromImages(
  { spec }: GenerationDraft,
  embeddings: CollectionModels,
  read: ReadImage,
): MakeVector {
  return async (record, signal) => {
    const bytes = await read(record)
    if (bytes === null) return null
    return (await embeddings.embed(bytes, spec, { priority: 'bulk' }, signal)).vector
  }
}

/** Applies a head to the active vectors, which are those of its backbone. */
export function fromVectors(draft: GenerationDraft, head: FeatureTransform): MakeVector {
  const { dimensions, metric } = draft.spec
  return async (record) => {
    if (record.contentHash === null) {
      throw new AppError(
        'PICTURE_MISSING',
        `expected a vector of the backbone, got that of ${shown(record.id)}, given as a vector`,
      )
    }
    // One product after the other would hold up everybody else.
    await turn()
    const vector = await draft.activeVector(record)
    if (vector === null) return null
    const features = toStoredVector(vector, vector.length, 'cosine')
    const rows = { values: features, count: 1, dimensions: features.length }
    return toStoredVector(transformRows(rows, head).values, dimensions, metric)
  }
}
