import { checkDistinct, checkId } from '../engine/collection-spec.ts'
import type { LoadedGeneration } from '../engine/embedded/loaded-generation.ts'
import type { NewRecord, RecordStore } from '../engine/embedded/store/record-store.ts'
import { parseMetadata } from '../engine/metadata.ts'
import { AppError, shown } from '../errors.ts'
import { mapBounded } from '../scheduling/map-bounded.ts'
import { Pending } from '../scheduling/pending.ts'
import { WriteGate } from '../scheduling/write-gate.ts'
import { toStoredVector } from '../vector/stored-vector.ts'
import { factsOf, keptOf } from './image-facts.ts'
import { isRefusal } from './refusals.ts'
import type { AddResult, ImageInput, VectorInput } from './service.ts'

/** Records of one request that are stored at once. */
const RECORDS_AT_ONCE = 128
/** Vector components checked before other work gets its turn: about 1 ms. */
const COMPONENTS_A_TURN = 100_000

/** Writes to one collection: to the truth, then to the vectors in memory. Knows which generation is in force. */
export class RecordWriter {
  readonly #store: RecordStore
  #now: LoadedGeneration
  /** One that is being made: pictures that are written meanwhile are embedded for it too. */
  #next: LoadedGeneration | null = null
  /** Of generations that were in force, while searches still use them. */
  readonly #retiring = new Set<LoadedGeneration>()
  readonly #gate = new WriteGate()
  readonly #commits = new Pending()
  /** Versions that have ended since somebody asked. */
  #ended: number[] | null = null

  constructor(store: RecordStore, now: LoadedGeneration) {
    this.#store = store
    this.#now = now
  }

  get now(): LoadedGeneration {
    return this.#now
  }

  /** Calls with the generation in force; it stays in memory until the work is done. */
  use<T>(work: (now: LoadedGeneration) => Promise<T>): Promise<T> {
    return this.#now.use(work)
  }

  addImage(input: ImageInput, signal?: AbortSignal): Promise<AddResult> {
    return this.#gate.enter(() => this.#addImage(input, signal))
  }

  addVectors(inputs: readonly VectorInput[]): Promise<readonly AddResult[]> {
    return this.#gate.enter(async () => {
      const { dimensions } = this.#now.stored.spec
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

  /** @returns how many of them were there. */
  deleteKeys(keys: readonly number[]): Promise<number> {
    return this.#gate.enter(async () => {
      const { key } = this.#now.stored
      const write = this.#store.deleteKeys(key, keys).then((deleted) => {
        this.#now.delete(deleted)
        this.#hasEnded(deleted)
        return deleted.length
      })
      return await this.#commits.track(write)
    })
  }

  /** Resolves when the memory has heard of every commit that is under way. */
  settled(): Promise<void> {
    return this.#commits.settled()
  }

  /** From when it resolves on, every new picture gets a vector of this generation too. */
  async alsoEmbed(next: LoadedGeneration): Promise<void> {
    this.#next = next
    await this.alone(async () => undefined)
  }

  /** Ends what `alsoEmbed` and `noteEnded` began. */
  forgetNext(): void {
    this.#next = null
    this.#ended = null
  }

  /** Works while nothing is written; writes wait meanwhile. */
  alone<T>(work: () => Promise<T>): Promise<T> {
    return this.#gate.alone(work)
  }

  /** The keys of versions that end from now on, in a list that grows until `forgetNext`. */
  noteEnded(): readonly number[] {
    this.#ended = []
    return this.#ended
  }

  /** Puts another generation in force, for searches that begin from now on. To be called while nothing is written. */
  moveTo(generation: LoadedGeneration): void {
    const last = this.#now
    this.#now = generation
    this.forgetNext()
    this.#retiring.add(last)
    void last.release().then(() => this.#retiring.delete(last))
  }

  async #addImage(input: ImageInput, signal?: AbortSignal): Promise<AddResult> {
    const { spec } = this.#now.stored
    const id = checkId(input.id)
    const metadata = parseMetadata(input.metadata)
    const embedding = await this.#now.imageEmbedding()
    const thumbnail = spec.keep === 'thumbnail'
    const how = { thumbnail, fingerprint: true, priority: 'bulk' } as const
    const [embedded, next] = await Promise.all([
      embedding.embed(input.bytes, how, signal),
      this.#nextVector(input.bytes, signal),
    ])
    // Past here the write is on its way: a client that hangs up cannot call it back.
    signal?.throwIfAborted()
    return await this.#put({
      id,
      vector: embedded.vector,
      metadata,
      image: factsOf(input.bytes, embedded),
      content: keptOf(input.bytes, embedded, spec.keep),
      ...next,
    })
  }

  /** A picture that the next model alone cannot embed is stored without: whoever makes the generation will find out. */
  async #nextVector(bytes: Uint8Array, signal?: AbortSignal): Promise<Pick<NewRecord, 'next'>> {
    if (this.#next === null) return {}
    const { generation } = this.#next.stored
    const embedding = await this.#next.imageEmbedding()
    const how = { thumbnail: false, fingerprint: false, priority: 'bulk' } as const
    try {
      const { vector } = await embedding.embed(bytes, how, signal)
      return { next: { generation, vector } }
    } catch (error) {
      if (isRefusal(error)) return {}
      throw error
    }
  }

  #vectorRecord({ id, vector, metadata }: VectorInput): NewRecord {
    const { dimensions, metric } = this.#now.stored.spec
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

  #put(record: NewRecord): Promise<AddResult> {
    const now = this.#now
    const commit = async (): Promise<AddResult> => {
      // What is committed must find its room: it cannot be taken back.
      await now.gallery.reserve(this.#commits.count + 1)
      const { key, replacedKey } = await this.#store.put(now.stored.key, record)
      const { id, vector, metadata, image } = record
      const fingerprint = image?.fingerprint ?? null
      now.put({ key, id, vector, fingerprint, replacedKey }, metadata)
      if (replacedKey !== null) this.#hasEnded([replacedKey])
      return { id, status: replacedKey === null ? 'added' : 'replaced' }
    }
    return this.#commits.track(commit())
  }

  #hasEnded(keys: readonly number[]): void {
    this.#ended?.push(...keys)
    for (const generation of this.#retiring) generation.delete(keys)
  }
}
