import {
  contentHashOf,
  type FoundFile,
  readImageFile,
  walkImages,
} from '../../adapters/image-files.ts'
import { type Keep, MAX_ID_BYTES } from '../../engine/collection-spec.ts'
import type { Metadata } from '../../engine/metadata.ts'
import { AppError } from '../../errors.ts'
import { type RefusedFile, refusalOf } from '../../training/data/refused-file.ts'
import { type Backend, ensureCollection } from '../backend/backend.ts'
import { withRetries } from '../backend/retry.ts'

export interface IndexJob {
  readonly backend: Backend
  readonly folder: string
  readonly collection: string
  /** For a collection that is still to be made. */
  readonly keep?: Keep
  /** `folder`: the first folder of the path becomes the member `label`. */
  readonly labelFrom: 'folder' | 'none'
  /** By path below `folder`. Its members win over the label. */
  readonly metadata: ReadonlyMap<string, Metadata>
  /** Images on their way at a time. */
  readonly concurrency: number
}

/** The fixed form of `lookalike index --json`. */
export interface IndexReport {
  readonly collection: string
  readonly added: number
  readonly skipped: number
  /** By file. */
  readonly refused: readonly RefusedFile[]
  readonly seconds: number
}

export type IndexCounts = { added: number; skipped: number; refused: number }

const HASH_BATCH = 64

/**
 * Adds the images below a folder to a collection, which is made when missing. An image whose
 * content the collection holds under its id is skipped, so that a stopped run goes on where it was.
 *
 * @param signal stops taking up images; those on their way are finished, and the report is partial.
 * @throws the first error that is no refusal of an image, once the others on their way are done.
 */
export async function indexFolder(
  job: IndexJob,
  signal: AbortSignal,
  onProgress: (counts: IndexCounts) => void,
): Promise<IndexReport> {
  const started = performance.now()
  const { backend, collection, keep } = job
  const status = await withRetries(
    () => ensureCollection(backend, { name: collection, ...(keep === undefined ? {} : { keep }) }),
    signal,
  )
  const counts: IndexCounts = { added: 0, skipped: 0, refused: 0 }
  const refused: RefusedFile[] = []
  const failures: unknown[] = []
  const files = withStoredHashes(job, status.count > 0, signal)

  async function work(): Promise<void> {
    while (!signal.aborted && failures.length === 0) {
      const next = await files.next()
      if (next.done === true) return
      const { file, storedHash } = next.value
      try {
        counts[await indexOne(job, file, storedHash, signal)]++
      } catch (error) {
        refused.push(refusalOf(file.id, error))
        counts.refused++
      }
      onProgress(counts)
    }
  }
  const workers = Array.from({ length: job.concurrency }, () =>
    work().catch((error: unknown) => failures.push(error)),
  )
  await Promise.all(workers)
  await files.return(undefined)
  const failure = failures.find((error) => !isCancelled(error))
  if (failure !== undefined) throw failure
  refused.sort((a, b) => (a.file < b.file ? -1 : 1))
  const { added, skipped } = counts
  const seconds = Math.round(performance.now() - started) / 1000
  return { collection, added, skipped, refused, seconds }
}

interface PendingFile {
  readonly file: FoundFile
  readonly storedHash: string | null
}

async function* withStoredHashes(
  { backend, folder, collection }: IndexJob,
  anyStored: boolean,
  signal: AbortSignal,
): AsyncGenerator<PendingFile, void, undefined> {
  let batch: FoundFile[] = []
  async function* flush() {
    const ids = anyStored ? batch.map((file) => file.id).filter(isUsableId) : []
    const known =
      ids.length === 0
        ? []
        : await withRetries(() => backend.contentHashes(collection, ids), signal)
    const hashes = new Map(ids.map((id, i) => [id, known[i] ?? null]))
    for (const file of batch) yield { file, storedHash: hashes.get(file.id) ?? null }
    batch = []
  }
  for await (const file of walkImages(folder)) {
    batch.push(file)
    if (batch.length === HASH_BATCH) yield* flush()
  }
  yield* flush()
}

/** An id that adding would refuse must not fail the look-up of its whole batch. */
function isUsableId(id: string): boolean {
  return Buffer.byteLength(id) <= MAX_ID_BYTES && id.isWellFormed()
}

async function indexOne(
  job: IndexJob,
  file: FoundFile,
  storedHash: string | null,
  signal: AbortSignal,
): Promise<'added' | 'skipped'> {
  if (file.kind === 'unreadable') throw file.error
  const bytes = await readImageFile(file.path, job.backend.maxImageBytes)
  if (storedHash !== null && contentHashOf(bytes) === storedHash) return 'skipped'
  const metadata = { ...labelOf(job, file.id), ...job.metadata.get(file.id) }
  await withRetries(
    () => job.backend.addImage(job.collection, { id: file.id, bytes, metadata }),
    signal,
  )
  return 'added'
}

/** A file that lies directly in the folder has no label. */
function labelOf(job: IndexJob, id: string): Metadata {
  const slash = id.indexOf('/')
  return job.labelFrom === 'none' || slash === -1 ? {} : { label: id.slice(0, slash) }
}

function isCancelled(error: unknown): boolean {
  return error instanceof AppError && error.code === 'CANCELLED'
}
