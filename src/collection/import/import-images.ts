import { createHash } from 'node:crypto'
import { metadataPatch } from '../../engine/metadata.ts'
import { mapBounded } from '../../scheduling/map-bounded.ts'
import type { Collection } from '../collection.ts'
import { JOB_IMAGES_AT_ONCE } from '../collection-models.ts'
import type { Collections } from '../collections.ts'
import type { JobKind, JobRun } from '../jobs/job-kind.ts'
import { isRefusal } from '../refusals.ts'
import type { UrlFetcher } from '../url-fetcher.ts'
import { type ExamplePictures, exampleMetadata } from './examples.ts'
import { Exclusion } from './exclusion.ts'
import type { FileItem, ImportFiles, ImportInput, LeftOutItem } from './import-source.ts'
import { reportLeftOut } from './left-out-report.ts'
import { findRecords, type StoredItem } from './stored-records.ts'
import { asGiven, labelOfPath, type WantedMetadata } from './wanted-metadata.ts'

interface Sources {
  readonly files: ImportFiles
  readonly fetcher: UrlFetcher
  readonly examples: ExamplePictures
}

/** One image of an import. */
interface ImportItem extends FileItem {
  readonly wanted: WantedMetadata
}

/** The items between two checkpoints, and the bytes of them that are held in memory. */
const BATCH_ITEMS = 32
const BATCH_BYTES = 64 * 1024 * 1024

/**
 * Adds images from a folder, an archive, a list of URLs or the examples. An image whose content the collection holds under its id is
 * skipped, or gets the metadata that changed, so that what is done again after a restart changes nothing. What is no image
 * or excluded is counted and named.
 */
export function importImages(collections: Pick<Collections, 'get'>, sources: Sources): JobKind {
  return {
    name: 'import',
    async run(run) {
      const input = run.input as ImportInput
      const collection = collections.get(run.collection!)
      const leaveOut = reportLeftOut(run)
      if (input.kind === 'urls') run.expect(input.items.length)
      if (input.kind === 'examples') run.expect(input.pictures)
      for await (const batch of batches(itemsOf(input, run.checkpoint, sources))) {
        run.signal.throwIfAborted()
        const images: ImportItem[] = []
        for (const item of batch) {
          if (item.kind === 'file') images.push(item)
          else leaveOut(item)
        }
        const stored = await findRecords(images, (ids) => collection.engine.summaries(ids))
        await mapBounded(images, JOB_IMAGES_AT_ONCE, (item, i) =>
          addOne(item, stored[i]!, collection, run),
        )
        await run.save(batch.at(-1)!.position)
      }
    },
    async discard(input) {
      const { kind, archive } = input as ImportInput & { readonly archive: string }
      if (kind === 'archive') await sources.files.dropArchive(archive)
    },
  }
}

async function* itemsOf(
  input: ImportInput,
  checkpoint: unknown,
  { files, fetcher, examples }: Sources,
): AsyncGenerator<ImportItem | LeftOutItem> {
  if (input.kind === 'urls') {
    const first = ((checkpoint as number | null) ?? -1) + 1
    for (const [i, { url, id, metadata }] of input.items.slice(first).entries()) {
      const read = (signal: AbortSignal) => fetcher.fetch(url, signal)
      const item = { kind: 'file', id, asFound: null, heldBytes: 0, read } as const
      yield { ...item, position: first + i, wanted: asGiven(metadata) }
    }
    return
  }
  if (input.kind === 'examples') {
    for await (const item of examples.after(checkpoint as string | null)) {
      yield { ...item, wanted: exampleMetadata(item.id) }
    }
    return
  }
  const exclusion = new Exclusion(input.exclude)
  const found =
    input.kind === 'folder'
      ? files.folder(input.folder, checkpoint as string | null, exclusion)
      : files.archive(input.archive, checkpoint as number | null, exclusion)
  for await (const item of found) {
    if (item.kind === 'leftOut') yield item
    else yield { ...item, wanted: labelOfPath(item.id, input.labelFrom) }
  }
}

async function addOne(
  { id: itemId, wanted, read }: ImportItem,
  { id, record }: StoredItem,
  collection: Collection,
  run: JobRun,
): Promise<void> {
  const { signal } = run
  signal.throwIfAborted()
  try {
    const bytes = await run.retry(() => read(signal))
    if (record?.contentHash === createHash('sha256').update(bytes).digest('hex')) {
      const patch = metadataPatch(record.metadata, wanted(record.metadata))
      if (patch === null) return run.count('skipped')
      const updated = await run.retry(() => collection.engine.patch(id, patch))
      if (updated !== null) return run.count('updated')
      // It was deleted meanwhile.
    }
    const metadata = wanted(null)
    const added = await run.retry(() => collection.addImage({ id, bytes, metadata }, { signal }))
    run.count(added.status)
  } catch (error) {
    if (!isRefusal(error)) throw error
    run.refuse(itemId, error)
  }
}

async function* batches<Item extends ImportItem | LeftOutItem>(
  items: AsyncIterable<Item>,
): AsyncGenerator<Item[]> {
  let batch: Item[] = []
  let bytes = 0
  for await (const item of items) {
    batch.push(item)
    bytes += item.kind === 'file' ? item.heldBytes : 0
    if (batch.length < BATCH_ITEMS && bytes < BATCH_BYTES) continue
    yield batch
    batch = []
    bytes = 0
  }
  if (batch.length > 0) yield batch
}
