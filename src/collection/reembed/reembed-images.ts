import type { ModelCatalogue, Models } from '../../embedding/models.ts'
import type { GenerationDraft, LackingRecord } from '../../engine/generation.ts'
import { AppError } from '../../errors.ts'
import { mapBounded } from '../../scheduling/map-bounded.ts'
import type { Collection } from '../collection.ts'
import type { CollectionModels } from '../collection-models.ts'
import type { Collections } from '../collections.ts'
import type { ImportFiles } from '../import/import-source.ts'
import type { JobKind, JobRun } from '../jobs/job-kind.ts'
import { isRefusal } from '../refusals.ts'
import { checkSample } from './check-sample.ts'
import { headOf } from './head-of.ts'
import { type ReadImage, recordImages } from './record-images.ts'
import type { ReembedInput, ReembedSource } from './reembeddings.ts'
import { fromImages, fromVectors, type MakeVector } from './vector-source.ts'

interface Parts {
  readonly collections: Pick<Collections, 'get'>
  readonly embeddings: CollectionModels
  readonly models: Models
  readonly catalogue: ModelCatalogue
  readonly files: ImportFiles
}

/** One run: from the active generation to the next. */
interface Move {
  readonly run: JobRun
  readonly collection: Collection
  readonly draft: GenerationDraft
  readonly make: MakeVector
  /** What the new vectors are checked by. */
  readonly images: ReadImage
}

/** Images on their way at a time: few enough that searches get their turn between them. */
const IMAGES_AT_ONCE = 8
/** Images between two checkpoints. */
const BATCH = 32

/**
 * Gives every record of a collection a vector of another model, beside the one that is searched, and then makes the new
 * ones active at once. Images that are written meanwhile get both vectors with their write. What is done once is kept:
 * the next run, or the next job for the same model file, resumes there.
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
    const { draft } = move
    try {
      if (!draft.isActive) await collection.writer.alsoEmbed(draft)
      run.expect(await collection.engine.count(null))
      const { last, made } = await this.#embed(move, (run.checkpoint as number | null) ?? 0)
      if (draft.isActive && made === 0) await checkMissing(collection.count, move, input)
      else await this.#activate(move, input, last)
    } finally {
      collection.writer.forgetNext()
      draft.release()
    }
  }

  async discard(): Promise<void> {}

  async #begin(run: JobRun, collection: Collection, input: ReembedInput): Promise<Move> {
    const { models, files } = this.#parts
    const { engine, spec } = collection
    const { sha256: modelSha256, dimensions } = await models.load(input.model)
    const { model, from } = input
    const activeSha256 = spec.model && (await this.#sha256Of(spec.model))
    const draft = await engine.beginGeneration({ model, modelSha256, dimensions, activeSha256 })
    const images = recordImages(from, { collection: engine, files })
    const make = await this.#source(spec.model, draft, images, from)
    return { run, collection, draft, make, images }
  }

  async #source(
    backbone: string | null,
    draft: GenerationDraft,
    images: ReadImage,
    from: ReembedSource,
  ): Promise<MakeVector> {
    const { model } = draft.spec
    const { embeddings, catalogue } = this.#parts
    if (from.kind !== 'vectors' || backbone === null || model === null) {
      return fromImages(draft, embeddings, images)
    }
    return fromVectors(draft, await headOf(model, backbone, catalogue))
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

  /** @returns the position of the last record looked at, and how many vectors were made. */
  async #embed(move: Move, after: number): Promise<{ last: number; made: number }> {
    const { run, draft } = move
    let last = after
    let made = 0
    for (;;) {
      const slice = await run.retry(() => draft.lacking(last))
      if (slice.last === null) return { last, made }
      for (let i = 0; i < slice.records.length; i += BATCH) {
        run.signal.throwIfAborted()
        const batch = slice.records.slice(i, i + BATCH)
        const vectors = await mapBounded(batch, IMAGES_AT_ONCE, (record) => vectorOf(record, move))
        const found = vectors.filter((vector) => vector !== null)
        if (found.length > 0) {
          made += found.length
          await run.retry(() => draft.addVectors(found))
        }
        await run.save(batch.at(-1)!.position)
      }
      for (let i = slice.records.length; i < slice.seen; i++) run.count('skipped')
      last = slice.last
      await run.save(last)
    }
  }

  async #activate(move: Move, input: ReembedInput, embedded: number): Promise<void> {
    const { run, collection, draft, images } = move
    await draft.load(embedded)
    await checkSample(draft, this.#parts.embeddings, images, run)
    // Whatever was written while the vectors were loaded, but for the last moment's.
    const { last: loaded } = await this.#embed(move, embedded)
    await draft.load(loaded)
    await collection.writer.alone(async () => {
      const { last } = await this.#embed(move, loaded)
      await draft.load(last)
      const records = await checkMissing(draft.count, move, input)
      run.signal.throwIfAborted()
      await draft.activate(records)
      collection.writer.forgetNext()
    })
  }
}

/** @returns the number of records there are. @throws REEMBED_INCOMPLETE when more lack a vector than may. */
async function checkMissing(
  vectors: number,
  { collection }: Move,
  input: ReembedInput,
): Promise<number> {
  const records = await collection.engine.count(null)
  if (vectors === records || (vectors < records && input.missing === 'keep')) return records
  throw new AppError(
    'REEMBED_INCOMPLETE',
    `expected a vector for each of ${records} records, got ${vectors}: nothing was changed, and the vectors made are kept for the next try`,
  )
}

/** Null for a record that was written again, and for one that is refused. */
async function vectorOf(
  record: LackingRecord,
  { run, make }: Move,
): Promise<{ position: number; vector: Float32Array } | null> {
  run.signal.throwIfAborted()
  try {
    const vector = await run.retry(() => make(record, run.signal))
    run.count(vector === null ? 'ended' : 'embedded')
    return vector && { position: record.position, vector }
  } catch (error) {
    if (!isRefusal(error)) throw error
    run.refuse(record.id, error)
    return null
  }
}
