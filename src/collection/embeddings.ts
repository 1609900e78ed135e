import type { Embedder } from '../embedding/embedder.ts'
import type { ImageEmbedder } from '../embedding/image-embedder.ts'
import type { CatalogueEntry, ModelCatalogue, Models } from '../embedding/models.ts'
import { AppError, shown } from '../errors.ts'
import { mapBounded } from '../scheduling/map-bounded.ts'
import { toStoredVector } from '../vector/stored-vector.ts'
import { IMAGES_AT_ONCE } from './collection-models.ts'

export type { CatalogueEntry } from '../embedding/models.ts'

interface EmbeddingRequest {
  /** Null: the default model. */
  readonly model: string | null
  /** The bytes of image files. */
  readonly input: readonly Uint8Array[]
  /** The number of leading numbers of each vector that are wanted; null: all. */
  readonly dimensions: number | null
  /** Whether vectors must have unit length; null: as the model gives them. */
  readonly unit: boolean | null
}

export const MAX_EMBEDDED_IMAGES = 256

interface Parts {
  readonly models: Models
  readonly catalogue: ModelCatalogue
  readonly images: ImageEmbedder
}

/** Embeds images for callers who keep the vectors, and lists the models that do so. */
export class Embeddings {
  readonly #parts: Parts

  constructor(parts: Parts) {
    this.#parts = parts
  }

  /**
   * @returns the name of the model, and a vector for each image, in order.
   * @throws MODEL_NOT_FOUND; INVALID_REQUEST for `dimensions` or `unit` that the model cannot give; for the first image
   * that fails what decoding and embedding throw, with its place `/input/N`.
   */
  async embed(request: EmbeddingRequest, { signal }: { readonly signal: AbortSignal }) {
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

  models(): Promise<readonly CatalogueEntry[]> {
    return this.#parts.catalogue.list()
  }

  /** @throws MODEL_NOT_FOUND. */
  async model(name: string): Promise<CatalogueEntry> {
    const found = (await this.#parts.catalogue.list()).find((entry) => entry.name === name)
    if (found === undefined) throw new AppError('MODEL_NOT_FOUND', `no model ${shown(name)}`)
    return found
  }
}

export type EmbeddingsUseCases = Pick<Embeddings, 'embed' | 'models' | 'model'>

/** Checks a request before its first vector is made. @returns the change that is made to each vector. */
function finishing(
  { model, dimensions: all, minDimensions, isUnit }: Embedder,
  { dimensions, unit }: EmbeddingRequest,
): (vector: Float32Array) => Float32Array {
  const count = dimensions ?? all
  if (count !== all && (count < minDimensions || count > all)) {
    const wanted = minDimensions === all ? `${all}` : `${minDimensions} to ${all}`
    const why = minDimensions === all ? ', because a part of its vectors is no embedding' : ''
    const message = `expected dimensions ${wanted} for model ${model}${why}, got ${count}`
    throw invalid('dimensions', message)
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

function invalid(name: string, message: string): AppError {
  return new AppError('INVALID_REQUEST', message, { issues: [{ path: `/${name}`, message }] })
}

function atPlace(error: unknown, place: number): unknown {
  if (!(error instanceof AppError)) return error
  const { code, message, retryAfterSeconds } = error
  return new AppError(code, `image ${place}: ${message}`, {
    cause: error,
    issues: [{ path: `/input/${place}`, message }],
    ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
  })
}
