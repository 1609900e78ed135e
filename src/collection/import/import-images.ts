import { createHash } from 'node:crypto'
import { mapBounded } from '../../scheduling/map-bounded.ts'
import type { Collection } from '../collection.ts'
import { JOB_IMAGES_AT_ONCE } from '../collection-models.ts'
import type { Collections } from '../collections.ts'
import type { JobKind, JobRun } from '../jobs/job-kind.ts'
import { isRefusal } from '../refusals.ts'
import type { UrlFetcher } from '../url-fetcher.ts'
import { type ImportFiles, type ImportInput, type ImportItem, labelOf } from './import-source.ts'

interface Sources {
  readonly files: ImportFiles
  readonly fetcher: UrlFetcher
}

/** The images between two checkpoints, and the bytes of them that are held in memory. */
const BATCH_ITEMS = 32
const BATCH_BYTES = 64 * 1024 * 1024

/**
 * Adds images from a folder, an archive or a list of URLs. An image whose content the collection holds under its id is
 * skipped, so that what is done again after a restart changes nothing.
 */
export function importImages(collections: Pick<Collections, 'get'>, sources: Sources): JobKind {
  return {
    name: 'import',
    async run(run) {
      const input = run.input as ImportInput
      const collection = collections.get(run.collection!)
      if (input.kind === 'urls') run.expect(input.items.length)
      for await (const batch of batches(itemsOf(input, run.checkpoint, sources))) {
        const hashes = await collection.engine.contentHashes(batch.map(({ id }) => id))
        await mapBounded(batch, JOB_IMAGES_AT_ONCE, (item, i) =>
          addOne(item, hashes[i] ?? null, collection, run),
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
  { files, fetcher }: Sources,
): AsyncGenerator<ImportItem> {
  if (input.kind === 'urls') {
    const first = ((checkpoint as number | null) ?? -1) + 1
    for (const [i, { url, id, metadata }] of input.items.slice(first).entries()) {
      const read = (signal: AbortSignal) => fetcher.fetch(url, signal)
      yield { id, metadata, position: first + i, heldBytes: 0, read }
    }
    return
  }
  const found =
    input.kind === 'folder'
      ? files.folder(input.folder, checkpoint as string | null)
      : files.archive(input.archive, checkpoint as number | null)
  for await (const item of found) {
    yield { ...item, metadata: labelOf(item.id, input.labelFrom) }
  }
}

async function addOne(
  { id, metadata, read }: ImportItem,
  storedHash: string | null,
  collection: Collection,
  run: JobRun,
): Promise<void> {
  const { signal } = run
  signal.throwIfAborted()
  try {
    const bytes = await run.retry(() => read(signal))
    if (storedHash === createHash('sha256').update(bytes).digest('hex')) {
      run.count('skipped')
      return
    }
    const added = await run.retry(() => collection.addImage({ id, bytes, metadata }, { signal }))
    run.count(added.status)
  } catch (error) {
    if (!isRefusal(error)) throw error
    run.refuse(id, error)
  }
}

async function* batches(items: AsyncIterable<ImportItem>): AsyncGenerator<ImportItem[]> {
  let batch: ImportItem[] = []
  let bytes = 0
  for await (const item of items) {
    batch.push(item)
    bytes += item.heldBytes
    if (batch.length < BATCH_ITEMS && bytes < BATCH_BYTES) continue
    yield batch
    batch = []
    bytes = 0
  }
  if (batch.length > 0) yield batch
}
