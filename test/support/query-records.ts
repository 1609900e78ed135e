import { compareIds } from '../../src/engine/collection-spec.ts'
import type { EngineCollection } from '../../src/engine/engine.ts'
import { compileFilter } from '../../src/engine/filter.ts'
import type { PinnedGeneration } from '../../src/engine/generation.ts'
import type { EngineQuery } from '../../src/engine/query.ts'
import type { NewRecord } from '../../src/engine/record.ts'
import { mapBounded } from '../../src/scheduling/map-bounded.ts'
import { seededRandom } from '../../src/vector/random.ts'
import { distanceFromSquared, type SpaceKind } from '../../src/vector/space.ts'
import { squaredEuclidean } from '../../src/vector/squared-euclidean.ts'
import { toStoredVector } from '../../src/vector/stored-vector.ts'
import { HARD_SETS } from './random-vectors.ts'
import { sampleRecord } from './sample-records.ts'

/** Kinds of data on which answers tend to differ from a loop over all records. */
export const QUERY_SETS = ['random', 'clustered', 'duplicates'] as const

/** Records with a colour, a person, a number and a list of tags, some of which have none. */
export function queryRecords(
  set: (typeof QUERY_SETS)[number],
  metric: SpaceKind,
  count: number,
  dimensions: number,
  seed: number,
): Map<string, NewRecord> {
  const random = seededRandom(seed)
  const vectors = HARD_SETS[set]!(random, count, dimensions)
  const records = vectors.map((vector, n) => {
    const metadata = {
      n,
      colour: ['red', 'green', 'blue', 'grey'][Math.floor(4 * random() ** 2)]!,
      ...(random() < 0.9 && { person: `p${Math.floor(20 * random())}` }),
      tags: [`t${Math.floor(3 * random())}`, `t${Math.floor(3 * random())}`, 7],
    }
    const id = `r${(n * 7919) % count}`
    return sampleRecord(id, { vector: toStoredVector(vector, dimensions, metric), metadata })
  })
  return new Map(records.map((record) => [record.id, record]))
}

export async function putAll(
  collection: EngineCollection,
  records: ReadonlyMap<string, NewRecord>,
): Promise<void> {
  await mapBounded([...records.values()], 64, (record) => collection.put(record))
}

/** The published distance, in canonical arithmetic. */
export function distanceOf(metric: SpaceKind, a: Float32Array, b: Float32Array): number {
  return distanceFromSquared(metric, squaredEuclidean(a, b))
}

export async function withPinned<T>(
  collection: EngineCollection,
  use: (generation: PinnedGeneration) => Promise<T>,
): Promise<T> {
  const { generation, release } = collection.pin()
  try {
    return await use(generation)
  } finally {
    release()
  }
}

/** All records that a query may return, by distance, then id. */
export function nearestOf(
  records: Iterable<NewRecord>,
  metric: SpaceKind,
  { vector, filter, without }: Pick<EngineQuery, 'vector' | 'filter' | 'without'>,
): { readonly record: NewRecord; readonly distance: number }[] {
  const meets = filter === null ? () => true : compileFilter(filter)
  return [...records]
    .filter(({ id, metadata }) => !without.includes(id) && meets(metadata))
    .map((record) => ({ record, distance: distanceOf(metric, vector, record.vector) }))
    .sort((a, b) => a.distance - b.distance || compareIds(a.record.id, b.record.id))
}
