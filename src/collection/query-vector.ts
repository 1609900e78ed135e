import type { EngineCollection } from '../engine/engine.ts'
import type { PinnedGeneration } from '../engine/generation.ts'
import type { StoredRecord } from '../engine/record.ts'
import { AppError } from '../errors.ts'
import type { Clock } from '../scheduling/timers.ts'
import { toStoredVector } from '../vector/stored-vector.ts'
import type { CollectionModels } from './collection-models.ts'
import type { QueryExample, SearchQuery } from './requests.ts'
import type { Reranking } from './rerank/rerank.ts'

/** The parts that a search of a collection needs. */
export interface SearchParts {
  readonly generation: PinnedGeneration
  readonly records: Pick<EngineCollection, 'get' | 'scroll' | 'count'>
  readonly embeddings: CollectionModels
  readonly reranking: Reranking
  readonly clock: Clock
}

/** A vector to search by, and the milliseconds that making it took. */
export interface QueryVector {
  readonly vector: Float32Array
  readonly decodeMs: number
  readonly embedMs: number
}

const NO_TIME = { decodeMs: 0, embedMs: 0 } as const

/**
 * Turns a query into one vector. `without` are the ids that the answer leaves out: the records searched by.
 * @throws RECORD_NOT_FOUND, DIMENSION_MISMATCH, INVALID_VECTOR (also when positive and negative examples cancel out),
 * and what the embedding of an image throws.
 */
export async function queryVector(
  { positive, negative }: SearchQuery,
  parts: SearchParts,
  signal?: AbortSignal,
): Promise<QueryVector & { readonly without: readonly string[] }> {
  const { dimensions, metric } = parts.generation.spec
  const examples = [...positive, ...negative]
  const vectors = await exampleVectors(examples, parts, signal)
  const vector =
    vectors.length === 1
      ? vectors[0]!.vector
      : toStoredVector(combine(vectors, positive.length, dimensions), dimensions, metric)
  const without = examples.flatMap((example) => (example.kind === 'id' ? [example.id] : []))
  return { vector, without, ...longest(vectors) }
}

/** Moves the mean p of the positive examples away from the mean n of the negative ones: 2 p - n. */
function combine(vectors: readonly QueryVector[], positives: number, dimensions: number) {
  const sum = new Float64Array(dimensions)
  const negatives = vectors.length - positives
  vectors.forEach(({ vector }, i) => {
    const weight = i >= positives ? -1 / negatives : (negatives > 0 ? 2 : 1) / positives
    for (let j = 0; j < dimensions; j++) sum[j]! += weight * vector[j]!
  })
  return sum
}

/** Makes the vector of each example. @throws as `queryVector`. */
export function exampleVectors(
  examples: readonly QueryExample[],
  { generation, embeddings }: SearchParts,
  signal?: AbortSignal,
): Promise<readonly QueryVector[]> {
  const { spec } = generation
  const vectors = examples.map(async (example): Promise<QueryVector> => {
    if (example.kind === 'image') {
      return await embeddings.embed(example.bytes, spec, { priority: 'search' }, signal)
    }
    if (example.kind === 'vector') {
      return { vector: toStoredVector(example.vector, spec.dimensions, spec.metric), ...NO_TIME }
    }
    const vector = await generation.vector(example.id)
    if (vector !== null) return { vector, ...NO_TIME }
    throw noRecord(example.id, spec.name)
  })
  return Promise.all(vectors)
}

/** Reads the records that examples name; null where some are no records. @throws RECORD_NOT_FOUND. */
export async function exampleRecords(
  examples: readonly QueryExample[],
  { generation, records }: SearchParts,
): Promise<readonly StoredRecord[] | null> {
  const ids = examples.flatMap((example) => (example.kind === 'id' ? [example.id] : []))
  if (ids.length < examples.length) return null
  return await Promise.all(
    ids.map(async (id) => {
      const record = await records.get(id, { vector: false })
      if (record === null) throw noRecord(id, generation.spec.name)
      return record
    }),
  )
}

function noRecord(id: string, collection: string): AppError {
  return new AppError(
    'RECORD_NOT_FOUND',
    `no record ${JSON.stringify(id)} to search by in ${collection}`,
  )
}

/** Gives the milliseconds of the examples that took longest, since all were made at once. */
export function longest(vectors: readonly QueryVector[]): Omit<QueryVector, 'vector'> {
  return {
    decodeMs: Math.max(0, ...vectors.map(({ decodeMs }) => decodeMs)),
    embedMs: Math.max(0, ...vectors.map(({ embedMs }) => embedMs)),
  }
}
