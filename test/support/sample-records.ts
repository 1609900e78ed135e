import type { CollectionSpec } from '../../src/engine/collection-spec.ts'
import type { NewRecord } from '../../src/engine/record.ts'
import { seededRandom } from '../../src/vector/random.ts'

export function sampleSpec(changes: Partial<CollectionSpec> = {}): CollectionSpec {
  return {
    name: 'faces',
    model: null,
    metric: 'euclidean',
    dimensions: 4,
    fields: ['camera'],
    identityField: 'person',
    cameraField: null,
    keep: 'thumbnail',
    latencyBudgetMs: 5,
    recallTarget: 0.95,
    memory: 'float32',
    retainFor: null,
    quality: null,
    ...changes,
  }
}

export function sampleRecord(id: string, changes: Partial<NewRecord> = {}): NewRecord {
  return { id, vector: vectorOf(id), metadata: {}, image: null, content: null, ...changes }
}

/** A vector that can be made again from the id alone. */
export function vectorOf(id: string, dimensions = 4): Float32Array {
  let seed = 0
  for (const letter of id) seed = Math.imul(seed, 31) + letter.codePointAt(0)!
  const random = seededRandom(seed)
  return Float32Array.from({ length: dimensions }, () => random() - 0.5)
}

export const SAMPLE_IMAGE = {
  contentHash: 'a'.repeat(64),
  mediaType: 'image/jpeg',
  width: 640,
  height: 480,
  bytes: 12_345,
  fingerprint: '00ff8001deadbeef',
}
