import { createHash } from 'node:crypto'
import { checkDistinct, checkNewId } from '../engine/collection-spec.ts'
import type { EngineCollection } from '../engine/engine.ts'
import type { Filter } from '../engine/filter.ts'
import type { GenerationDraft } from '../engine/generation.ts'
import { type Metadata, parseMetadata } from '../engine/metadata.ts'
import type { NewRecord } from '../engine/record.ts'
import { AppError, shown } from '../errors.ts'
import { allEnded } from '../scheduling/all-ended.ts'
import { mapBounded } from '../scheduling/map-bounded.ts'
import { oneAtATime } from '../scheduling/one-at-a-time.ts'
import { WriteGate } from '../scheduling/write-gate.ts'
import { toStoredVector } from '../vector/stored-vector.ts'
import type { CollectionModels } from './collection-models.ts'
import {
  checkPicture,
  type Enrolled,
  enrolled,
  measuresPictures,
  type Picture,
} from './enrolment.ts'
import { isRefusal } from './refusals.ts'
import type { AddResult, ImageInput, VectorInput } from './requests.ts'

/** The records of one request that are stored at once. */
const RECORDS_AT_ONCE = 128
/** The vector components that are checked before other work gets its turn: about 1 ms. */
const COMPONENTS_A_TURN = 100_000

interface WriteDecision {
  /** Of every record that is written. */
  readonly metadata: Metadata
  /** `missing`: those that are stored stay as they are. */
  readonly write: 'all' | 'missing'
}

/** Makes records of images and vectors, and writes them to one collection. */
export class RecordWriter {
  readonly #engine: EngineCollection
  readonly #embeddings: CollectionModels
  readonly #now: () => Date
  /** The generation that is being made, for which images that are written meanwhile are embedded too. */
  #next: GenerationDraft | null = null
  readonly #gate = new WriteGate()
  readonly #decided = oneAtATime(1024, 'observations and changes of identities already wait')

  constructor(engine: EngineCollection, embeddings: CollectionModels, now: () => Date) {
    this.#engine = engine
    this.#now = now
    this.#embeddings = embeddings
  }

  /** Once it has settled nobody reads the bytes of the image any more. */
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
      // All are checked before the first is stored.
      const checked = await mapBounded(records, RECORDS_AT_ONCE, (record) =>
        this.#checked(record, null),
      )
      return await mapBounded(checked, RECORDS_AT_ONCE, (one) => this.#enrol(one))
    })
  }

  /**
   * Makes records of what was seen, lets `decide` say what their metadata are and which are written, and writes these one
   * after the other. While a decision is taken and its records are written, no other is.
   */
  addDecided<T extends WriteDecision>(
    inputs: readonly (ImageInput | VectorInput)[],
    decide: (records: readonly NewRecord[]) => Promise<T>,
    signal?: AbortSignal,
  ): Promise<T> {
    return this.#gate.enter(async () => {
      const records = await Promise.all(
        inputs.map(async (input) =>
          'bytes' in input ? await this.#observed(input, signal) : this.#vectorRecord(input),
        ),
      )
      return await this.#decided(async () => {
        signal?.throwIfAborted()
        const decision = await decide(records)
        // In order: the first is written first, by which a repetition knows what was decided.
        for (const record of await this.#wanted(records, decision.write)) {
          await this.#put({ ...record, metadata: decision.metadata })
        }
        return decision
      })
    })
  }

  /** Runs work while no observation is decided or written, and no other such work runs. */
  betweenDecisions<T>(work: () => Promise<T>): Promise<T> {
    return this.#decided(work)
  }

  /** Resolves to the number of records deleted. What was deleted when `signal` aborts stays deleted. */
  delete(
    which: { ids: readonly string[] } | { filter: Filter },
    signal?: AbortSignal,
  ): Promise<number> {
    return this.#engine.delete(which, signal)
  }

  /** Resolves when every image that is written gets a vector of this generation too, until `forgetNext`. */
  async alsoEmbed(next: GenerationDraft): Promise<void> {
    this.#next = next
    await this.#gate.alone(async () => undefined)
  }

  forgetNext(): void {
    this.#next = null
  }

  /** Runs `work` while nothing is written; writes wait meanwhile. */
  alone<T>(work: () => Promise<T>): Promise<T> {
    return this.#gate.alone(() => this.#engine.alone(work))
  }

  async #addImage(input: ImageInput, signal?: AbortSignal): Promise<AddResult> {
    const { record, picture } = await this.#imageRecord(input, signal)
    const checked = await this.#checked(record, picture, signal)
    // Past here the write is on its way: a client that hangs up cannot call it back.
    signal?.throwIfAborted()
    return await this.#enrol(checked)
  }

  async #imageRecord(
    { id, bytes, ...input }: ImageInput,
    signal?: AbortSignal,
  ): Promise<{ readonly record: NewRecord; readonly picture: Picture }> {
    const { spec } = this.#engine
    checkNewId(id)
    const metadata = parseMetadata(input.metadata)
    const expiresAt = this.#expiry(input.expiresAt)
    const thumbnail = spec.keep === 'thumbnail'
    const quality = measuresPictures(spec)
    const how = { thumbnail, fingerprint: true, quality, priority: 'bulk' } as const
    const embedding = this.#embeddings.embed(bytes, spec, how, signal)
    const embeddingNext = this.#nextVector(bytes, signal)
    // Also where one fails: nobody may read the bytes once this has ended.
    const [{ vector, image: decoded }, next] = await allEnded([embedding, embeddingNext])
    signal?.throwIfAborted()
    const { mediaType, width, height, fingerprint, colours = null } = decoded
    const contentHash = decoded.contentHash ?? createHash('sha256').update(bytes).digest('hex')
    const size = { width, height, bytes: bytes.byteLength }
    const image = { contentHash, mediaType, ...size, fingerprint, colours }
    const content = spec.keep === 'original' ? { mediaType, bytes } : decoded.thumbnail
    return {
      record: { id, vector, metadata, image, content, expiresAt, ...next },
      picture: decoded,
    }
  }

  /** Gives a record that is about to get an identity: it is not held, as its answer names that identity. */
  async #observed(input: ImageInput, signal?: AbortSignal): Promise<NewRecord> {
    const { record, picture } = await this.#imageRecord(input, signal)
    checkPicture(picture, this.#engine.spec)
    return record
  }

  /** Gives a record in the quality that the collection asks for. @throws QUALITY_TOO_LOW, INVALID_METADATA. */
  async #checked(
    record: NewRecord,
    picture: Picture | null,
    signal?: AbortSignal,
  ): Promise<Enrolled> {
    if (this.#engine.spec.quality === null) return { record }
    return await enrolled(record, picture, this.#engine, signal)
  }

  async #enrol({ record, held }: Enrolled): Promise<AddResult> {
    return { ...(await this.#put(record)), ...(held && { held }) }
  }

  /** Gives none for an image that the next model alone refuses: whoever makes the generation will find out. */
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

  #vectorRecord({ id, vector, metadata, expiresAt }: VectorInput): NewRecord {
    const { dimensions, metric } = this.#engine.spec
    try {
      return {
        id: checkNewId(id),
        vector: toStoredVector(vector, dimensions, metric),
        metadata: parseMetadata(metadata),
        image: null,
        content: null,
        expiresAt: this.#expiry(expiresAt),
      }
    } catch (error) {
      if (!(error instanceof AppError)) throw error
      throw new AppError(error.code, `record ${shown(id)}: ${error.message}`, { cause: error })
    }
  }

  /** Gives the time at which a record of now is deleted: the earlier of what is asked for and what the collection retains. */
  #expiry(wanted: number | undefined): number | null {
    const { retainFor } = this.#engine.spec
    const now = this.#now().getTime()
    if (wanted !== undefined && wanted <= now) {
      const got = new Date(wanted).toISOString()
      throw new AppError(
        'INVALID_REQUEST',
        `/expiresAt: expected a time that is yet to come, got ${got}`,
      )
    }
    const retained = retainFor === null ? null : now + retainFor * 1000
    return wanted === undefined || retained === null
      ? (wanted ?? retained)
      : Math.min(wanted, retained)
  }

  async #wanted(
    records: readonly NewRecord[],
    write: WriteDecision['write'],
  ): Promise<readonly NewRecord[]> {
    if (write === 'all') return records
    const stored = await this.#engine.summaries(records.map(({ id }) => id))
    return records.filter((_, i) => stored[i] === null)
  }

  async #put(record: NewRecord): Promise<AddResult> {
    return { id: record.id, status: await this.#engine.put(record) }
  }
}
