import type { EmbeddedCollection } from '../../src/engine/embedded/embedded-collection.ts'
import type { EmbeddedEngine } from '../../src/engine/embedded/embedded-engine.ts'
import { mapBounded } from '../../src/scheduling/map-bounded.ts'
import type { SpaceKind } from '../../src/vector/space.ts'
import { toStoredVector } from '../../src/vector/stored-vector.ts'
import { sampleRecord, sampleSpec } from './sample-records.ts'

/** Stored vectors by id. */
export type Truth = ReadonlyMap<string, Float32Array>

/** A collection, and what is in it. */
export interface Made {
  readonly collection: EmbeddedCollection
  readonly truth: Map<string, Float32Array>
}

/** Fills a collection of the engine whose ids are in another order than its rows; `n` of record i is i % 10. */
export async function made(
  engine: EmbeddedEngine,
  name: string,
  vectors: readonly Float32Array[],
  metric: SpaceKind,
): Promise<Made> {
  const dimensions = vectors[0]!.length
  const { collection } = await engine.create(sampleSpec({ name, metric, dimensions }))
  const truth = new Map<string, Float32Array>()
  const records = vectors.map((vector, i) => {
    // Ids in another order than the rows.
    const id = `${name}-${String((i * 7919) % vectors.length).padStart(5, '0')}`
    truth.set(id, toStoredVector(vector, dimensions, metric))
    return sampleRecord(id, { vector: truth.get(id)!, metadata: { n: i % 10 } })
  })
  await mapBounded(records, 512, (record) => collection.put(record))
  await collection.active.rows.background.settled()
  return { collection, truth }
}
