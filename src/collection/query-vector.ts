import type { CollectionSpec } from '../engine/collection-spec.ts'
import type { Gallery } from '../engine/embedded/gallery.ts'
import { AppError } from '../errors.ts'
import { toStoredVector } from '../vector/stored-vector.ts'
import type { ImageEmbedding } from './image-embedding.ts'
import type { QueryExample, SearchQuery } from './service.ts'

/** A query turned into one vector, and what that took. */
export interface QueryVector {
  readonly vector: Float32Array
  /** Ids the answer leaves out: the records that were searched by. */
  readonly without: readonly string[]
  readonly decodeMs: number
  readonly embedMs: number
}

export interface ExampleParts {
  readonly spec: CollectionSpec
  readonly gallery: Gallery
  /** @throws COLLECTION_WITHOUT_MODEL on a collection of vectors. */
  readonly embedding: () => Promise<ImageEmbedding>
}

/**
 * @throws RECORD_NOT_FOUND, DIMENSION_MISMATCH, INVALID_VECTOR (also when positive and negative
 * examples cancel out), and what the embedding of an image throws.
 */
export async function queryVector(
  query: SearchQuery,
  parts: ExampleParts,
  signal?: AbortSignal,
): Promise<QueryVector> {
  switch (query.kind) {
    case 'one':
      return mixed([query.example], [], parts, signal)
    case 'views': {
      const views = query.images.map((bytes): QueryExample => ({ kind: 'image', bytes }))
      return mixed(views, [], parts, signal)
    }
    case 'examples':
      return mixed(query.positive, query.negative, parts, signal)
  }
}

async function mixed(
  positive: readonly QueryExample[],
  negative: readonly QueryExample[],
  parts: ExampleParts,
  signal?: AbortSignal,
): Promise<QueryVector> {
  const { dimensions, metric } = parts.spec
  const examples = [...positive, ...negative]
  const resolved = await resolveExamples(examples, parts, signal)
  const first = resolved[0]
  const vector =
    resolved.length === 1 && first !== undefined
      ? first.vector
      : toStoredVector(combine(resolved, positive.length, dimensions), dimensions, metric)
  return {
    vector,
    without: examples.flatMap((example) => (example.kind === 'id' ? [example.id] : [])),
    decodeMs: Math.max(0, ...resolved.map(({ decodeMs }) => decodeMs)),
    embedMs: Math.max(0, ...resolved.map(({ embedMs }) => embedMs)),
  }
}

/** Mean of the positive examples, moved away from the mean of the negative ones: 2 p - n. */
function combine(
  resolved: readonly { readonly vector: Float32Array }[],
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

type ResolvedExample = Omit<QueryVector, 'without'>

/** The vector of each example. @throws as `queryVector`. */
export function resolveExamples(
  examples: readonly QueryExample[],
  parts: ExampleParts,
  signal?: AbortSignal,
): Promise<readonly ResolvedExample[]> {
  return Promise.all(examples.map((example) => resolve(example, parts, signal)))
}

async function resolve(
  example: QueryExample,
  { spec, gallery, embedding }: ExampleParts,
  signal?: AbortSignal,
): Promise<ResolvedExample> {
  switch (example.kind) {
    case 'id': {
      const vector = await gallery.vector(example.id)
      if (vector === null) {
        throw new AppError(
          'RECORD_NOT_FOUND',
          `no record ${JSON.stringify(example.id)} to search by in ${spec.name}`,
        )
      }
      return { vector, decodeMs: 0, embedMs: 0 }
    }
    case 'vector': {
      const vector = toStoredVector(example.vector, spec.dimensions, spec.metric)
      return { vector, decodeMs: 0, embedMs: 0 }
    }
    case 'image':
      return (await embedding()).embed(
        example.bytes,
        { thumbnail: false, fingerprint: false, priority: 'search' },
        signal,
      )
  }
}
