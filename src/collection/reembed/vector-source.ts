import { setImmediate as turn } from 'node:timers/promises'
import type { LoadedGeneration } from '../../engine/embedded/loaded-generation.ts'
import type { LackingRecord } from '../../engine/embedded/store/generation-store.ts'
import { AppError, shown } from '../../errors.ts'
import { type FeatureTransform, transformRows } from '../../learning/feature-transform.ts'
import { toStoredVector } from '../../vector/stored-vector.ts'
import type { ReadPicture } from './pictures.ts'

/** A vector of the next generation for a version; null when that has ended. @throws what refuses it. */
export type MakeVector = (
  record: LackingRecord,
  signal: AbortSignal,
) => Promise<Float32Array | null>

/** Embeds the pictures. */
export function fromPictures(next: LoadedGeneration, read: ReadPicture): MakeVector {
  const how = { thumbnail: false, fingerprint: false, priority: 'bulk' } as const
  return async (record, signal) => {
    const bytes = await read(record)
    if (bytes === null) return null
    const embedding = await next.imageEmbedding()
    return (await embedding.embed(bytes, how, signal)).vector
  }
}

/** Applies what a head does to the vectors there are: those of its backbone. */
export function fromVectors(
  now: LoadedGeneration,
  next: LoadedGeneration,
  head: FeatureTransform,
): MakeVector {
  const { dimensions, metric } = next.stored.spec
  return async ({ key, id, contentHash }) => {
    if (contentHash === null) {
      const message = `expected a vector of the backbone, got that of ${shown(id)}, given as a vector`
      throw new AppError('PICTURE_MISSING', message)
    }
    // One product after the other would hold up everybody else.
    await turn()
    const vector = now.gallery.keyOf(id) === key ? await now.gallery.vector(id) : null
    if (vector === null || now.gallery.keyOf(id) !== key) return null
    const features = toStoredVector(vector, vector.length, 'cosine')
    const rows = { values: features, count: 1, dimensions: features.length }
    return toStoredVector(transformRows(rows, head).values, dimensions, metric)
  }
}
