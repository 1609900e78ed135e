import { type FoundFile, readImageFile, walkImages } from '../../adapters/image-files.ts'
import { type LabelFrom, labelOf } from '../../collection/import/import-source.ts'
import { type Keep, MAX_ID_BYTES } from '../../engine/collection-spec.ts'
import type { Metadata } from '../../engine/metadata.ts'
import { sha256Of } from '../../files/sha256.ts'
import { type RefusedFile, refusalOf } from '../../training/data/refused-file.ts'
import { type Backend, ensureCollection, hasCode, withRetries } from '../backend/backend.ts'
import type { ImageCounts } from '../progress.ts'

export interface IndexJob {
  readonly backend: Backend
  readonly folder: string
  readonly collection: string
  /** The choice for a collection that is still to be made. */
  readonly keep: Keep | undefined
  readonly labelFrom: LabelFrom
  /** Metadata by path below `folder`. Its members win over the label. */
  readonly metadata: ReadonlyMap<string, Metadata>
  /** The number of images on their way at a time. */
  readonly concurrency: number
}

/** The fixed form of `lookalike index --json`, the refused files in their order. */
export type IndexReport = Awaited<ReturnType<typeof indexFolder>>

const HASH_BATCH = 64

/**
 * Adds the images below a folder to a collection, which is made when missing. An image whose
 * content the collection holds under its id is skipped, so that a stopped run is resumed where it was.
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
  const counts = { added: 0, skipped: 0, refused: 0 }
  const refused: RefusedFile[] = []
  const files = withStoredHashes(job, status.count > 0, signal)
  let hasFailed = false
  // All loops take from the one generator.
  const loop = async () => {
    for await (const { file, storedHash } of files) {
      if (signal.aborted || hasFailed) return
      try {
        counts[await indexOne(job, file, storedHash, signal)]++
      } catch (error) {
        refused.push(refusalOf(file.id, error))
        counts.refused++
      }
      onProgress(counts)
    }
  }
  const loops = Array.from({ length: job.concurrency }, () => {
    return loop().catch((error) => {
      hasFailed = true
      throw error
    })
  })
  const ends = await Promise.allSettled(loops)
  const failures = ends.flatMap((end) => (end.status === 'rejected' ? [end.reason] : []))
  const failure = failures.find((error) => !hasCode(error, 'CANCELLED'))
  if (failure !== undefined) throw failure
  return {
    collection,
    added: counts.added,
    skipped: counts.skipped,
    refused: refused.sort((a, b) => (a.file < b.file ? -1 : 1)),
    seconds: Math.round(performance.now() - started) / 1000,
  }
}

/** Gives the files below the folder, each with the hash of the image that the collection holds under its id. */
async function* withStoredHashes(
  { backend, folder, collection }: IndexJob,
  anyStored: boolean,
  signal: AbortSignal,
) {
  for await (const files of batchesOf(walkImages(folder))) {
    // Adding refuses any other id, which must not fail the look-up of its whole batch.
    const isUsable = (id: string) => Buffer.byteLength(id) <= MAX_ID_BYTES && id.isWellFormed()
    const ids = anyStored ? files.map(({ id }) => id).filter(isUsable) : []
    const find = () => backend.contentHashes(collection, ids)
    const known = ids.length === 0 ? [] : await withRetries(find, signal)
    const hashes = new Map(ids.map((id, i) => [id, known[i] ?? null]))
    for (const file of files) yield { file, storedHash: hashes.get(file.id) ?? null }
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
  storedHash: string | null,
  signal: AbortSignal,
): Promise<'added' | 'skipped'> {
  if (file.kind === 'unreadable') throw file.error
  const bytes = await readImageFile(file.path, job.backend.maxImageBytes)
  if (storedHash !== null && sha256Of(bytes) === storedHash) return 'skipped'
  const { id } = file
  const metadata = { ...labelOf(id, job.labelFrom), ...job.metadata.get(id) }
  const add = () => job.backend.addImage(job.collection, { id, bytes, metadata })
  await withRetries(add, signal)
  return 'added'
}
