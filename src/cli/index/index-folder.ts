import type { FoundFile } from '../../adapters/folder-entry.ts'
import { readImageFile } from '../../adapters/image-files.ts'
import { walkImages } from '../../adapters/walk-images.ts'
import type { Exclusion } from '../../collection/import/exclusion.ts'
import { findRecords, type StoredItem } from '../../collection/import/stored-records.ts'
import { type Keep, MAX_ID_BYTES } from '../../engine/collection-spec.ts'
import { metadataPatch } from '../../engine/metadata.ts'
import { sha256Of } from '../../files/sha256.ts'
import type { ImageCounts } from '../../training/data/image-counts.ts'
import type { LeftOutFile } from '../../training/data/left-out-file.ts'
import { type RefusedFile, refusalOf } from '../../training/data/refused-file.ts'
import { type Backend, ensureCollection, hasCode, withRetries } from '../backend/backend.ts'
import { type MetadataTable, metadataOfRow } from './metadata-csv.ts'
import type { PathLayout } from './path-layout.ts'

export interface IndexJob {
  readonly backend: Backend
  readonly folder: string
  readonly collection: string
  /** The choice for a collection that is still to be made. */
  readonly keep: Keep | undefined
  /** Gives what the path of an image says; an image of which it says nothing at all (null) is left out. */
  readonly ofPath: PathLayout
  /** Its members win over those of the path. */
  readonly metadata: MetadataTable
  readonly exclusion: Exclusion
  /** The number of images on their way at a time. */
  readonly concurrency: number
}

/** The fixed form of `lookalike index --json`, the files left out and refused in their order. */
export type IndexReport = Awaited<ReturnType<typeof indexFolder>>

const HASH_BATCH = 64
const UNLIKE = 'its path is not laid out as --layout says'

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
  const counts = { added: 0, skipped: 0, refused: 0, replaced: 0, updated: 0, leftOut: 0 }
  const refused: RefusedFile[] = []
  const leftOut: LeftOutFile[] = []
  const files = withRecords(job, status.count > 0, signal)
  let hasFailed = false
  // All loops take from the one generator.
  const loop = async () => {
    for await (const { file, stored } of files) {
      if (signal.aborted || hasFailed) return
      try {
        if (file.kind === 'leftOut') leftOut.push({ file: file.id, reason: file.reason })
        else if (job.ofPath(file.id) === null) leftOut.push({ file: file.id, reason: UNLIKE })
        else counts[await indexOne(job, file, stored, signal)]++
        counts.leftOut = leftOut.length
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
    replaced: counts.replaced,
    /** Images that were there, with other metadata. */
    updated: counts.updated,
    skipped: counts.skipped,
    leftOut: leftOut.sort(byFile),
    refused: refused.sort(byFile),
    seconds: Math.round(performance.now() - started) / 1000,
  }
}

function byFile(a: { readonly file: string }, b: { readonly file: string }): number {
  return a.file < b.file ? -1 : 1
}

/** Gives what lies below the folder, each image with its record. */
async function* withRecords(
  { backend, folder, collection, exclusion }: IndexJob,
  anyStored: boolean,
  signal: AbortSignal,
) {
  for await (const files of batchesOf(walkImages(folder, { exclusion }))) {
    // Adding refuses any other id, which must not fail the look-up of its whole batch.
    const isUsable = (id: string) => Buffer.byteLength(id) <= MAX_ID_BYTES && id.isWellFormed()
    const images = files.filter((file) => file.kind === 'image').filter(({ id }) => isUsable(id))
    const look = async (ids: readonly string[]) =>
      await withRetries(() => backend.summaries(collection, ids), signal)
    const found = anyStored && images.length > 0 ? await findRecords(images, look) : []
    const records = new Map(images.map(({ id }, i) => [id, found[i]]))
    for (const file of files) {
      yield { file, stored: records.get(file.id) ?? { id: file.id, record: null } }
    }
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
  file: Exclude<FoundFile, { kind: 'leftOut' }>,
  { id, record }: StoredItem,
  signal: AbortSignal,
): Promise<'added' | 'replaced' | 'updated' | 'skipped'> {
  if (file.kind === 'unreadable') throw file.error
  const { backend, collection } = job
  const bytes = await readImageFile(file.path, backend.maxImageBytes)
  const wanted = metadataOfRow(file.id, job.ofPath(file.id) ?? {}, job.metadata)
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
