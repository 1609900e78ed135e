import type { Embedder } from '../embedding/embedder.ts'
import type { CatalogueEntry, ModelCatalogue } from '../embedding/model-catalogue.ts'
import type { Models } from '../embedding/models.ts'
import { AppError, shown } from '../errors.ts'
import type { DecodedImage, ImageDecoder } from '../image/image-decoder.ts'
import type { Priority } from '../scheduling/lanes.ts'
import { mapBounded } from '../scheduling/map-bounded.ts'
import type { RightOfWay } from '../scheduling/right-of-way.ts'
import { toStoredVector } from '../vector/stored-vector.ts'

export type { CatalogueEntry } from '../embedding/model-catalogue.ts'

/** Images to embed for a caller who keeps the vectors. */
export interface EmbeddingRequest {
  /** Null: the default model. */
  readonly model: string | null
  /** Image files. */
  readonly input: readonly Uint8Array[]
  /** So many of the first numbers; null: all. */
  readonly dimensions: number | null
  /** Whether vectors must have unit length; null: as the model gives them. */
  readonly unit: boolean | null
}

interface EmbeddingAnswer {
  readonly model: string
  /** One an image, in order. */
  readonly vectors: readonly Float32Array[]
}

/** Use cases of models by themselves. */
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

/** Of a service without models. */
export const noEmbeddings: EmbeddingsUseCases = {
  embed: async ({ model }) => await noModel(model),
  models: async () => [],
  model: async (name) => await noModel(name),
}

export const MAX_EMBEDDED_IMAGES = 256
const IMAGES_AT_ONCE = 16

export class Embeddings implements EmbeddingsUseCases {
  readonly #models: Models
  readonly #catalogue: ModelCatalogue
  readonly #decoder: ImageDecoder
  readonly #rightOfWay: RightOfWay

  constructor(parts: {
    models: Models
    catalogue: ModelCatalogue
    decoder: ImageDecoder
    rightOfWay: RightOfWay
  }) {
    this.#models = parts.models
    this.#catalogue = parts.catalogue
    this.#decoder = parts.decoder
    this.#rightOfWay = parts.rightOfWay
  }

  async embed(request: EmbeddingRequest, { signal }: { signal: AbortSignal }) {
    const embedder = await this.#models.load(request.model ?? this.#models.defaultName)
    const finish = finishing(embedder, request)
    const failed = new AbortController()
    const either = AbortSignal.any([signal, failed.signal])
    // Who waits for one image may be searching with it; who sends many loads them somewhere.
    const priority = request.input.length === 1 ? 'search' : 'bulk'
    const indexed = request.input.map((bytes, place) => ({ bytes, place }))
    try {
      const vectors = await mapBounded(indexed, IMAGES_AT_ONCE, async ({ bytes, place }) => {
        try {
          const work = this.#workOf(embedder, bytes, priority, either)
          return finish(await this.#rightOfWay.run(priority, work, either))
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
    return await this.#catalogue.list()
  }

  async model(name: string): Promise<CatalogueEntry> {
    const found = (await this.#catalogue.list()).find((entry) => entry.name === name)
    return found ?? noModel(name)
  }

  #workOf(embedder: Embedder, bytes: Uint8Array, priority: Priority, signal: AbortSignal) {
    const options = { thumbnail: false, fingerprint: false, priority, signal }
    return {
      decode: () => this.#decoder.decode(bytes, embedder.preprocess, options),
      embed: ({ pixels }: DecodedImage) => embedder.embed(pixels, { priority, signal }),
    }
  }
}

/** What is done to each vector of a request, checked before the first is made. */
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
