import { type FoundFile, readImageFile, walkImages } from '../../adapters/image-files.ts'
import type { LabelFrom } from '../../collection/import/import-source.ts'
import { type Keep, MAX_ID_BYTES } from '../../engine/collection-spec.ts'
import { metadataPatch } from '../../engine/metadata.ts'
import type { RecordSummary } from '../../engine/record.ts'
import { sha256Of } from '../../files/sha256.ts'
import type { ImageCounts } from '../../training/data/image-counts.ts'
import { type RefusedFile, refusalOf } from '../../training/data/refused-file.ts'
import { type Backend, ensureCollection, hasCode, withRetries } from '../backend/backend.ts'
import { type MetadataTable, metadataOfRow } from './metadata-csv.ts'

export interface IndexJob {
  readonly backend: Backend
  readonly folder: string
  readonly collection: string
  /** The choice for a collection that is still to be made. */
  readonly keep: Keep | undefined
  readonly labelFrom: LabelFrom
  /** Its members win over the label. */
  readonly metadata: MetadataTable
  /** The number of images on their way at a time. */
  readonly concurrency: number
}

/** The fixed form of `lookalike index --json`, the refused files in their order. */
export type IndexReport = Awaited<ReturnType<typeof indexFolder>>

const HASH_BATCH = 64

/**
 * Adds the images below a folder to a collection, which is made when missing. An image whose
 * content the collection holds under its id is skipped, or gets the metadata that changed, so that a stopped run is
 * resumed where it was.
 * @param signal starts no more images; those on their way are finished, and the report is partial.
 * @throws an error that is no refusal of an image, once the others on their way are done.
 */
export async function indexFolder(
  job: IndexJob,
  signal: AbortSignal,
  onProgress: (counts: ImageCounts) => void,
) {
  const started = performance.now()
  const { backend, collection, keep } = job
  const status = await withRetries(() => ensureCollection(backend, collection, keep), signal)
  const counts = { added: 0, skipped: 0, refused: 0, replaced: 0, updated: 0 }
  const refused: RefusedFile[] = []
  const files = withRecords(job, status.count > 0, signal)
  // All loops take from the one generator: the loop that leaves it early ends it for the others too.
  const loop = async () => {
    for await (const { file, record } of files) {
      if (signal.aborted) return
      try {
        counts[await indexOne(job, file, record, signal)]++
      } catch (error) {
        refused.push(refusalOf(file.id, error))
        counts.refused++
      }
      onProgress(counts)
    }
  }
  const ends = await Promise.allSettled(Array.from({ length: job.concurrency }, loop))
  const failures = ends.flatMap((end) => (end.status === 'rejected' ? [end.reason] : []))
  const failure = failures.find((error) => !hasCode(error, 'CANCELLED'))
  if (failure !== undefined) throw failure
  return {
    collection,
    added: counts.added,
    replaced: counts.replaced,
    /** Images that were there, with other metadata. */
    updated: counts.updated,
    skipped: counts.skipped,
    refused: refused.sort((a, b) => (a.file < b.file ? -1 : 1)),
    seconds: Math.round(performance.now() - started) / 1000,
  }
}

/** Gives the files below the folder, each with its record. */
async function* withRecords(
  { backend, folder, collection }: IndexJob,
  anyStored: boolean,
  signal: AbortSignal,
) {
  for await (const files of batchesOf(walkImages(folder))) {
    // Adding refuses any other id, which must not fail the look-up of its whole batch.
    const isUsable = (id: string) => Buffer.byteLength(id) <= MAX_ID_BYTES && id.isWellFormed()
    const ids = anyStored ? files.map(({ id }) => id).filter(isUsable) : []
    const find = () => backend.summaries(collection, ids)
    const known = ids.length === 0 ? [] : await withRetries(find, signal)
    const records = new Map(ids.map((id, i) => [id, known[i] ?? null]))
    for (const file of files) yield { file, record: records.get(file.id) ?? null }
  }
}

async function* batchesOf(files: AsyncIterable<FoundFile>) {
  let batch: FoundFile[] = []
  for await (const file of files) {
    batch.push(file)
    if (batch.length < HASH_BATCH) continue
    yield batch
    batch = []
  }
  yield batch
}

async function indexOne(
  job: IndexJob,
  file: FoundFile,
  record: RecordSummary | null,
  signal: AbortSignal,
): Promise<'added' | 'replaced' | 'updated' | 'skipped'> {
  if (file.kind === 'unreadable') throw file.error
  const { backend, collection } = job
  const { id } = file
  const bytes = await readImageFile(file.path, backend.maxImageBytes)
  const wanted = metadataOfRow(id, job.labelFrom, job.metadata)
  if (record !== null && record.contentHash === sha256Of(bytes)) {
    const patch = metadataPatch(record.metadata, wanted(record.metadata))
    if (patch === null) return 'skipped'
    const change = () => backend.patchMetadata(collection, id, patch)
    if (await withRetries(change, signal)) return 'updated'
    // It was deleted meanwhile.
  }
  const add = () => backend.addImage(collection, { id, bytes, metadata: wanted(null) })
  return (await withRetries(add, signal)).status
}
