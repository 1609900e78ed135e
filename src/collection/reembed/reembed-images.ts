import type { ModelCatalogue } from '../../embedding/model-catalogue.ts'
import type { Models } from '../../embedding/models.ts'
import type { LoadedGeneration } from '../../engine/embedded/loaded-generation.ts'
import type { LackingRecord } from '../../engine/embedded/store/generation-store.ts'
import type { RecordStore } from '../../engine/embedded/store/record-store.ts'
import { AppError } from '../../errors.ts'
import { mapBounded } from '../../scheduling/map-bounded.ts'
import type { Collection } from '../collection.ts'
import type { Collections } from '../collections.ts'
import type { ImportFiles } from '../import/import-source.ts'
import type { JobKind, JobRun } from '../jobs/job-kind.ts'
import { isRefusal } from '../refusals.ts'
import { checkSample, checkVector } from './check-generation.ts'
import { headOf } from './head-of.ts'
import { picturesOf, type ReadPicture } from './pictures.ts'
import type { ReembedInput, ReembedSource } from './reembed-input.ts'
import { fromPictures, fromVectors, type MakeVector } from './vector-source.ts'

interface Parts {
  readonly collections: Pick<Collections, 'get' | 'open'>
  readonly store: RecordStore
  readonly models: Models
  readonly catalogue: ModelCatalogue
  readonly files: ImportFiles
}

/** One run: from the generation in force to the next. */
interface Move {
  readonly run: JobRun
  readonly collection: Collection
  /** Empty until the new vectors are loaded. */
  readonly next: LoadedGeneration
  readonly make: MakeVector
  /** To check by. */
  readonly pictures: ReadPicture
}

/** Images on their way at a time: few enough that searches get their turn between them. */
const IMAGES_AT_ONCE = 8
/** Images between two checkpoints. */
const BATCH = 32

/**
 * Gives every record of a collection a vector of another model, beside the one that is searched, and then puts the new
 * ones in force at once. Pictures that are written meanwhile get both vectors with their write. What is done once is kept:
 * the next run, or the next job for the same model file, goes on from there.
 */
export class ReembedImages implements JobKind {
  readonly name = 'reembed'
  readonly #parts: Parts

  constructor(parts: Parts) {
    this.#parts = parts
  }

  async run(run: JobRun): Promise<void> {
    const input = run.input as ReembedInput
    const collection = this.#parts.collections.get(run.collection!)
    const move = await this.#begin(run, collection, input)
    const { next } = move
    const inForce = next.stored.generation === collection.writer.now.stored.generation
    try {
      if (!inForce) await collection.writer.alsoEmbed(next)
      run.expect(await this.#parts.store.generations.records(collection.key))
      const { last, made } = await this.#embed(move, (run.checkpoint as number | null) ?? 0)
      if (inForce && made === 0) await this.#checkMissing(collection.count, move, input)
      else await this.#putInForce(move, input, last)
    } finally {
      collection.writer.forgetNext()
      if (collection.writer.now !== next) await next.release()
    }
  }

  async discard(): Promise<void> {}

  async #begin(run: JobRun, collection: Collection, input: ReembedInput): Promise<Move> {
    const { store, collections, models, files } = this.#parts
    const { stored } = collection.writer.now
    const { sha256: modelSha256, dimensions } = await models.load(input.model)
    const { model, from } = input
    const currentSha256 = stored.spec.model && (await this.#sha256Of(stored.spec.model))
    const wanted = { model, modelSha256, dimensions, currentSha256 }
    const { generation } = await store.generations.begin(collection.key, wanted)
    const spec = { ...stored.spec, model, dimensions }
    const next = collections.open({ ...stored, spec, generation })
    const pictures = picturesOf(from, { store, collection: collection.key, files })
    const make = await this.#source(collection.writer.now, next, pictures, from)
    return { run, collection, next, make, pictures }
  }

  async #source(
    now: LoadedGeneration,
    next: LoadedGeneration,
    pictures: ReadPicture,
    from: ReembedSource,
  ): Promise<MakeVector> {
    const [backbone, model] = [now.stored.spec.model, next.stored.spec.model]
    if (from.kind !== 'vectors' || backbone === null || model === null) {
      return fromPictures(next, pictures)
    }
    return fromVectors(now, next, await headOf(model, backbone, this.#parts.catalogue))
  }

  /** Null when the model is not there any more, or broken. */
  async #sha256Of(model: string): Promise<string | null> {
    try {
      return (await this.#parts.models.load(model)).sha256
    } catch (error) {
      const gone = ['MODEL_NOT_FOUND', 'MODEL_INVALID']
      if (error instanceof AppError && gone.includes(error.code)) return null
      throw error
    }
  }

  /** @returns the last version looked at, and how many vectors were made. */
  async #embed(move: Move, after: number): Promise<{ last: number; made: number }> {
    const { run, collection, next } = move
    const { generations } = this.#parts.store
    const { generation } = next.stored
    let last = after
    let made = 0
    for (;;) {
      const slice = await run.retry(() => generations.lacking(collection.key, generation, last))
      if (slice.last === null) return { last, made }
      for (let i = 0; i < slice.records.length; i += BATCH) {
        run.signal.throwIfAborted()
        const batch = slice.records.slice(i, i + BATCH)
        const vectors = await mapBounded(batch, IMAGES_AT_ONCE, (record) => vectorOf(record, move))
        const found = vectors.filter((vector) => vector !== null)
        if (found.length > 0) {
          made += found.length
          await run.retry(() => generations.addVectors(collection.key, generation, found))
        }
        await run.save(batch.at(-1)!.key)
      }
      for (let i = slice.records.length; i < slice.seen; i++) run.count('skipped')
      last = slice.last
      await run.save(last)
    }
  }

  async #putInForce(move: Move, input: ReembedInput, embedded: number): Promise<void> {
    const { store } = this.#parts
    const { run, collection, next, pictures } = move
    const { writer } = collection
    const check = checkVector(next.stored.spec.metric)
    const ended = writer.noteEnded()
    await next.fill(store, { after: 0, upto: embedded }, check)
    await checkSample(next, store, pictures, run)
    // Whatever was written while the vectors were loaded, but for the last moment's.
    const { last: loaded } = await this.#embed(move, embedded)
    await next.fill(store, { after: embedded, upto: loaded }, check)
    await writer.alone(async () => {
      const { last } = await this.#embed(move, loaded)
      await next.fill(store, { after: loaded, upto: last }, check)
      next.gallery.delete(ended)
      const records = await this.#checkMissing(next.gallery.count, move, input)
      run.signal.throwIfAborted()
      const { key, generation } = next.stored
      await store.generations.switchTo(key, generation, records)
      await next.gallery.filled()
      writer.moveTo(next)
    })
  }

  /** @returns the records there are. @throws REEMBED_INCOMPLETE when more lack a vector than may. */
  async #checkMissing(vectors: number, { collection }: Move, input: ReembedInput): Promise<number> {
    const records = await this.#parts.store.generations.records(collection.key)
    if (vectors === records || (vectors < records && input.missing === 'keep')) return records
    throw new AppError(
      'REEMBED_INCOMPLETE',
      `expected a vector for each of ${records} records, got ${vectors}: nothing was changed, and the vectors made are kept for the next try`,
    )
  }
}

/** Null for a version that has ended, and for one that is refused. */
async function vectorOf(
  record: LackingRecord,
  { run, make }: Move,
): Promise<{ key: number; vector: Float32Array } | null> {
  run.signal.throwIfAborted()
  try {
    const vector = await run.retry(() => make(record, run.signal))
    run.count(vector === null ? 'ended' : 'embedded')
    return vector && { key: record.key, vector }
  } catch (error) {
    if (!isRefusal(error)) throw error
    run.refuse(record.id, error)
    return null
  }
}
