import type { PinnedGeneration } from '../engine/generation.ts'
import { AppError } from '../errors.ts'
import { toStoredVector } from '../vector/stored-vector.ts'
import type { CollectionModels } from './collection-models.ts'
import type { QueryExample, SearchQuery } from './requests.ts'

/** A vector to search by, and the milliseconds that making it took. */
export interface ResolvedExample {
  readonly vector: Float32Array
  readonly decodeMs: number
  readonly embedMs: number
}

/** A query turned into one vector. */
export interface QueryVector extends ResolvedExample {
  /** Ids that the answer leaves out: the records that were searched by. */
  readonly without: readonly string[]
}

export interface ExampleParts {
  readonly generation: Pick<PinnedGeneration, 'spec' | 'vector'>
  readonly embeddings: CollectionModels
}

const NO_TIME = { decodeMs: 0, embedMs: 0 } as const

/**
 * @throws RECORD_NOT_FOUND, DIMENSION_MISMATCH, INVALID_VECTOR (also when positive and negative
 * examples cancel out), and what the embedding of an image throws.
 */
export async function queryVector(
  query: SearchQuery,
  parts: ExampleParts,
  signal?: AbortSignal,
): Promise<QueryVector> {
  const { positive, negative } = examplesOf(query)
  const { dimensions, metric } = parts.generation.spec
  const examples = [...positive, ...negative]
  const resolved = await resolveExamples(examples, parts, signal)
  const first = resolved[0]
  const vector =
    resolved.length === 1 && first !== undefined
      ? first.vector
      : toStoredVector(combine(resolved, positive.length, dimensions), dimensions, metric)
  const without = examples.flatMap((example) => (example.kind === 'id' ? [example.id] : []))
  return { vector, without, ...longest(resolved) }
}

function examplesOf(query: SearchQuery): {
  readonly positive: readonly QueryExample[]
  readonly negative: readonly QueryExample[]
} {
  switch (query.kind) {
    case 'one':
      return { positive: [query.example], negative: [] }
    case 'views':
      return { positive: query.images.map((bytes) => ({ kind: 'image', bytes })), negative: [] }
    case 'examples':
      return query
  }
}

/** Mean of the positive examples, moved away from the mean of the negative ones: 2 p - n. */
function combine(
  resolved: readonly ResolvedExample[],
  positives: number,
  dimensions: number,
): Float64Array {
  const sum = new Float64Array(dimensions)
  const negatives = resolved.length - positives
  resolved.forEach(({ vector }, i) => {
    const weight = i >= positives ? -1 / negatives : (negatives > 0 ? 2 : 1) / positives
    for (let j = 0; j < dimensions; j++) sum[j]! += weight * vector[j]!
  })
  return sum
}

/** The vector of each example. @throws as `queryVector`. */
export function resolveExamples(
  examples: readonly QueryExample[],
  parts: ExampleParts,
  signal?: AbortSignal,
): Promise<readonly ResolvedExample[]> {
  return Promise.all(examples.map((example) => resolve(example, parts, signal)))
}

/** The milliseconds of the examples that took longest, since all were made at once. */
export function longest(
  resolved: readonly ResolvedExample[],
): Pick<ResolvedExample, 'decodeMs' | 'embedMs'> {
  return {
    decodeMs: Math.max(0, ...resolved.map(({ decodeMs }) => decodeMs)),
    embedMs: Math.max(0, ...resolved.map(({ embedMs }) => embedMs)),
  }
}

async function resolve(
  example: QueryExample,
  { generation, embeddings }: ExampleParts,
  signal?: AbortSignal,
): Promise<ResolvedExample> {
  const { spec } = generation
  switch (example.kind) {
    case 'id': {
      const vector = await generation.vector(example.id)
      if (vector !== null) return { vector, ...NO_TIME }
      throw new AppError(
        'RECORD_NOT_FOUND',
        `no record ${JSON.stringify(example.id)} to search by in ${spec.name}`,
      )
    }
    case 'vector':
      return { vector: toStoredVector(example.vector, spec.dimensions, spec.metric), ...NO_TIME }
    case 'image':
      return await embeddings.embed(example.bytes, spec, { priority: 'search' }, signal)
  }
}
