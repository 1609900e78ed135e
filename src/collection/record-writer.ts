import { createHash } from 'node:crypto'
import type { EmbeddedImage } from '../embedding/image-embedder.ts'
import { checkDistinct, checkId, type Keep } from '../engine/collection-spec.ts'
import type { EngineCollection } from '../engine/engine.ts'
import type { Filter } from '../engine/filter.ts'
import type { GenerationDraft } from '../engine/generation.ts'
import { parseMetadata } from '../engine/metadata.ts'
import type { ImageFacts, KeptContent, NewRecord } from '../engine/record.ts'
import { AppError, shown } from '../errors.ts'
import { mapBounded } from '../scheduling/map-bounded.ts'
import { WriteGate } from '../scheduling/write-gate.ts'
import { toStoredVector } from '../vector/stored-vector.ts'
import type { CollectionModels } from './collection-models.ts'
import { isRefusal } from './refusals.ts'
import type { AddResult, ImageInput, VectorInput } from './requests.ts'

/** Records of one request that are stored at once. */
const RECORDS_AT_ONCE = 128
/** Vector components checked before other work gets its turn: about 1 ms. */
const COMPONENTS_A_TURN = 100_000

/** Writes to one collection: what is given becomes records, whose vectors are of the active generation. */
export class RecordWriter {
  readonly #engine: EngineCollection
  readonly #embeddings: CollectionModels
  /** A generation that is being made: images that are written meanwhile are embedded for it too. */
  #next: GenerationDraft | null = null
  readonly #gate = new WriteGate()

  constructor(engine: EngineCollection, embeddings: CollectionModels) {
    this.#engine = engine
    this.#embeddings = embeddings
  }

  addImage(input: ImageInput, signal?: AbortSignal): Promise<AddResult> {
    return this.#gate.enter(() => this.#addImage(input, signal))
  }

  addVectors(inputs: readonly VectorInput[]): Promise<readonly AddResult[]> {
    return this.#gate.enter(async () => {
      const { dimensions } = this.#engine.spec
      const records: NewRecord[] = []
      let turn = 0
      checkDistinct(inputs)
      for (const input of inputs) {
        // Thousands of vectors in one go would hold up everybody else.
        turn += dimensions
        if (turn > COMPONENTS_A_TURN) {
          turn = 0
          await new Promise(setImmediate)
        }
        records.push(this.#vectorRecord(input))
      }
      return await mapBounded(records, RECORDS_AT_ONCE, (record) => this.#put(record))
    })
  }

  /** @returns the number of records that were there. */
  delete(which: { ids: readonly string[] } | { filter: Filter }): Promise<number> {
    return this.#gate.enter(() => this.#engine.delete(which))
  }

  /** From when it resolves on, every new image gets a vector of this generation too, until `forgetNext`. */
  async alsoEmbed(next: GenerationDraft): Promise<void> {
    this.#next = next
    await this.alone(async () => undefined)
  }

  forgetNext(): void {
    this.#next = null
  }

  /** Works while nothing is written; writes wait meanwhile. */
  alone<T>(work: () => Promise<T>): Promise<T> {
    return this.#gate.alone(work)
  }

  async #addImage({ id, bytes, ...input }: ImageInput, signal?: AbortSignal): Promise<AddResult> {
    const { spec } = this.#engine
    checkId(id)
    const metadata = parseMetadata(input.metadata)
    const thumbnail = spec.keep === 'thumbnail'
    const how = { thumbnail, fingerprint: true, priority: 'bulk' } as const
    const [embedded, next] = await Promise.all([
      this.#embeddings.embed(bytes, spec, how, signal),
      this.#nextVector(bytes, signal),
    ])
    // Past here the write is on its way: a client that hangs up cannot call it back.
    signal?.throwIfAborted()
    const image = factsOf(bytes, embedded)
    const content = keptOf(bytes, embedded, spec.keep)
    return await this.#put({ id, vector: embedded.vector, metadata, image, content, ...next })
  }

  /** An image that the next model alone cannot embed is stored without: whoever makes the generation will find out. */
  async #nextVector(bytes: Uint8Array, signal?: AbortSignal): Promise<Pick<NewRecord, 'next'>> {
    if (this.#next === null) return {}
    const { generation, spec } = this.#next
    try {
      const { vector } = await this.#embeddings.embed(bytes, spec, { priority: 'bulk' }, signal)
      return { next: { generation, vector } }
    } catch (error) {
      if (isRefusal(error)) return {}
      throw error
    }
  }

  #vectorRecord({ id, vector, metadata }: VectorInput): NewRecord {
    const { dimensions, metric } = this.#engine.spec
    try {
      return {
        id: checkId(id),
        vector: toStoredVector(vector, dimensions, metric),
        metadata: parseMetadata(metadata),
        image: null,
        content: null,
      }
    } catch (error) {
      if (!(error instanceof AppError)) throw error
      throw new AppError(error.code, `record ${shown(id)}: ${error.message}`, { cause: error })
    }
  }

  async #put(record: NewRecord): Promise<AddResult> {
    return { id: record.id, status: await this.#engine.put(record) }
  }
}

/** The facts that are stored about an image that came as `bytes`. */
function factsOf(bytes: Uint8Array, { image }: EmbeddedImage): ImageFacts {
  return {
    contentHash: createHash('sha256').update(bytes).digest('hex'),
    mediaType: image.mediaType,
    width: image.width,
    height: image.height,
    bytes: bytes.byteLength,
    fingerprint: image.fingerprint,
  }
}

/** The content that a collection keeps of an image that came as `bytes`. */
function keptOf(bytes: Uint8Array, { image }: EmbeddedImage, keep: Keep): KeptContent | null {
  switch (keep) {
    case 'none':
      return null
    case 'thumbnail':
      return image.thumbnail
    case 'original':
      return { mediaType: image.mediaType, bytes }
  }
}
