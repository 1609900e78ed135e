import type { Embedder } from '../embedding/embedder.ts'
import type { ImageEmbedder } from '../embedding/image-embedder.ts'
import type { CatalogueEntry, ModelCatalogue, Models } from '../embedding/models.ts'
import { AppError, shown } from '../errors.ts'
import { mapBounded } from '../scheduling/map-bounded.ts'
import { toStoredVector } from '../vector/stored-vector.ts'

export type { CatalogueEntry } from '../embedding/models.ts'

/** A request to embed images for a caller who keeps the vectors. */
export interface EmbeddingRequest {
  /** Null: the default model. */
  readonly model: string | null
  /** Image files. */
  readonly input: readonly Uint8Array[]
  /** The number of leading numbers that are wanted; null: all. */
  readonly dimensions: number | null
  /** Whether vectors must have unit length; null: as the model gives them. */
  readonly unit: boolean | null
}

interface EmbeddingAnswer {
  readonly model: string
  /** One an image, in order. */
  readonly vectors: readonly Float32Array[]
}

/** The use cases of models by themselves. */
export interface EmbeddingsUseCases {
  /**
   * @throws MODEL_NOT_FOUND; INVALID_REQUEST for `dimensions` or `unit` that the model cannot give; for
   * the first image that fails what decoding and embedding throw, with its place `/input/N`.
   */
  embed(request: EmbeddingRequest, options: { signal: AbortSignal }): Promise<EmbeddingAnswer>
  models(): Promise<readonly CatalogueEntry[]>
  /** @throws MODEL_NOT_FOUND */
  model(name: string): Promise<CatalogueEntry>
}

export const MAX_EMBEDDED_IMAGES = 256
const IMAGES_AT_ONCE = 16

interface Parts {
  readonly models: Models
  readonly catalogue: ModelCatalogue
  readonly images: ImageEmbedder
}

export class Embeddings implements EmbeddingsUseCases {
  readonly #parts: Parts

  constructor(parts: Parts) {
    this.#parts = parts
  }

  async embed(request: EmbeddingRequest, { signal }: { signal: AbortSignal }) {
    const { models, images } = this.#parts
    const embedder = await models.load(request.model ?? models.defaultName)
    const finish = finishing(embedder, request)
    const failed = new AbortController()
    const either = AbortSignal.any([signal, failed.signal])
    // Who waits for one image may be searching with it; who sends many loads them somewhere.
    const priority = request.input.length === 1 ? 'search' : 'bulk'
    try {
      const vectors = await mapBounded(request.input, IMAGES_AT_ONCE, async (bytes, place) => {
        try {
          return finish((await images.embed(bytes, embedder, { priority }, either)).vector)
        } catch (error) {
          throw atPlace(error, place)
        }
      })
      return { model: embedder.model, vectors }
    } catch (error) {
      // Nobody will read the vectors of the others.
      failed.abort(error)
      throw error
    }
  }

  async models(): Promise<readonly CatalogueEntry[]> {
    return await this.#parts.catalogue.list()
  }

  async model(name: string): Promise<CatalogueEntry> {
    const found = (await this.#parts.catalogue.list()).find((entry) => entry.name === name)
    return found ?? noModel(name)
  }
}

/** Checks a request before its first vector is made. @returns what is done to each vector. */
function finishing(
  { model, dimensions: all, minDimensions, isUnit }: Embedder,
  { dimensions, unit }: Pick<EmbeddingRequest, 'dimensions' | 'unit'>,
): (vector: Float32Array) => Float32Array {
  const count = dimensions ?? all
  if (count !== all && (count < minDimensions || count > all)) {
    const wanted = minDimensions === all ? `${all}` : `${minDimensions} to ${all}`
    const why = minDimensions === all ? ', because a part of its vectors is no embedding' : ''
    throw invalid(
      'dimensions',
      `expected dimensions ${wanted} for model ${model}${why}, got ${count}`,
    )
  }
  if (unit === false && isUnit) {
    throw invalid('normalized', `expected true: model ${model} makes unit vectors only`)
  }
  const scales = unit === true || isUnit
  return (vector) => {
    // A part of a unit vector is none.
    if (count === all && (isUnit || !scales)) return vector
    return toStoredVector(vector.subarray(0, count), count, scales ? 'cosine' : 'euclidean')
  }
}

function noModel(name: string | null): never {
  throw new AppError('MODEL_NOT_FOUND', `no model ${shown(name)}`)
}

function invalid(name: string, message: string): AppError {
  return new AppError('INVALID_REQUEST', message, { issues: [{ path: `/${name}`, message }] })
}

function atPlace(error: unknown, place: number): unknown {
  if (!(error instanceof AppError)) return error
  const { code, message, retryAfterSeconds } = error
  return new AppError(code, `image ${place}: ${message}`, {
    cause: error,
    issues: [{ path: `/input/${place}`, message }],
    ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
  })
}
