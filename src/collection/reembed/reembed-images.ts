import type { ModelCatalogue, Models } from '../../embedding/models.ts'
import type { GenerationDraft, LackingRecord } from '../../engine/generation.ts'
import { AppError } from '../../errors.ts'
import { mapBounded } from '../../scheduling/map-bounded.ts'
import type { Collection } from '../collection.ts'
import { type CollectionModels, JOB_IMAGES_AT_ONCE } from '../collection-models.ts'
import type { Collections } from '../collections.ts'
import type { ImportFiles } from '../import/import-source.ts'
import type { JobKind, JobRun } from '../jobs/job-kind.ts'
import { isRefusal } from '../refusals.ts'
import { checkSample } from './check-sample.ts'
import { headOf, vectorByHead } from './model-head.ts'
import { recordImages } from './record-images.ts'
import type { ReembedInput } from './reembeddings.ts'

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
  readonly input: ReembedInput
  readonly collection: Collection
  readonly draft: GenerationDraft
  /** Makes the new vector of a record; null when the record was written again. @throws its refusal. */
  readonly make: (record: LackingRecord) => Promise<Float32Array | null>
  /** Throws REEMBED_DIFFERS where a sample of the new vectors is not what the model makes of its images. */
  readonly check: () => Promise<void>
}

/** The images between two checkpoints. */
const BATCH = 32

/**
 * Gives every record of a collection a vector of another model, beside the one that is searched, and then makes the new
 * ones active at once. Images that are written meanwhile get both vectors with their write. Vectors that were made stay:
 * the next run, or the next job for the same model file, resumes there.
 */
export function reembedImages(parts: Parts): JobKind {
  return {
    name: 'reembed',
    async run(run) {
      const move = await begin(run, parts)
      const { collection, draft } = move
      try {
        if (!draft.isActive) await collection.writer.alsoEmbed(draft)
        run.expect(await collection.engine.count(null))
        const { last, made } = await embed(move, (run.checkpoint as number | null) ?? 0)
        if (draft.isActive && made === 0) await checkMissing(collection.count, move)
        else await activate(move, last)
      } finally {
        collection.writer.forgetNext()
        draft.release()
      }
    },
  }
}

async function begin(
  run: JobRun,
  { collections, embeddings, models, catalogue, files }: Parts,
): Promise<Move> {
  const input = run.input as ReembedInput
  const { model, from } = input
  const collection = collections.get(run.collection!)
  const { engine, spec } = collection
  const { sha256: modelSha256, dimensions } = await models.load(model)
  const activeSha256 = spec.model && (await sha256Of(spec.model, models))
  const byHead = from.kind === 'vectors' && spec.model !== null
  const head = byHead ? await headOf(model, spec.model, catalogue) : null
  const draft = await engine.beginGeneration({ model, modelSha256, dimensions, activeSha256 })
  const images = recordImages(from, engine, files)
  const make = async (record: LackingRecord) => {
    if (head !== null) return await vectorByHead(record, head, draft)
    const bytes = await images(record)
    if (bytes === null) return null
    return (await embeddings.embed(bytes, draft.spec, { priority: 'bulk' }, run.signal)).vector
  }
  const check = () => checkSample(draft, embeddings, images, run)
  return { run, input, collection, draft, make, check }
}

/** Null when the model is not there any more, or broken. */
async function sha256Of(model: string, models: Models): Promise<string | null> {
  try {
    return (await models.load(model)).sha256
  } catch (error) {
    const gone = ['MODEL_NOT_FOUND', 'MODEL_INVALID']
    if (error instanceof AppError && gone.includes(error.code)) return null
    throw error
  }
}

/** @returns the position of the last record looked at, and how many vectors were made. */
async function embed(move: Move, after: number): Promise<{ last: number; made: number }> {
  const { run, draft } = move
  let last = after
  let made = 0
  for (;;) {
    const slice = await run.retry(() => draft.lacking(last))
    if (slice.last === null) return { last, made }
    for (let i = 0; i < slice.records.length; i += BATCH) {
      run.signal.throwIfAborted()
      const batch = slice.records.slice(i, i + BATCH)
      const vectors = await mapBounded(batch, JOB_IMAGES_AT_ONCE, (record) =>
        vectorOf(record, move),
      )
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

async function activate(move: Move, embedded: number): Promise<void> {
  const { run, draft } = move
  const { writer } = move.collection
  await draft.load(embedded)
  await move.check()
  // Whatever was written while the vectors were loaded, but for the last moment's.
  const { last: loaded } = await embed(move, embedded)
  await draft.load(loaded)
  await writer.alone(async () => {
    const { last } = await embed(move, loaded)
    await draft.load(last)
    const records = await checkMissing(draft.count, move)
    run.signal.throwIfAborted()
    await draft.activate(records)
    writer.forgetNext()
  })
}

/** @returns the number of records there are. @throws REEMBED_INCOMPLETE when more lack a vector than may. */
async function checkMissing(vectors: number, { collection, input }: Move): Promise<number> {
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
    const vector = await run.retry(() => make(record))
    run.count(vector === null ? 'ended' : 'embedded')
    return vector && { position: record.position, vector }
  } catch (error) {
    if (!isRefusal(error)) throw error
    run.refuse(record.id, error)
    return null
  }
}
