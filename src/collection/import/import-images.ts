import { createHash } from 'node:crypto'
import { mapBounded } from '../../scheduling/map-bounded.ts'
import type { Collection } from '../collection.ts'
import type { Collections } from '../collections.ts'
import type { JobKind, JobRun } from '../jobs/job-kind.ts'
import { isRefusal } from '../refusals.ts'
import type { UrlFetcher } from '../url-fetcher.ts'
import type { ImportInput, UrlItem } from './import-source.ts'
import { type ImportFiles, type ImportItem, labelOf } from './import-source.ts'

interface Parts {
  readonly collections: Pick<Collections, 'get'>
  readonly files: ImportFiles
  readonly fetcher: UrlFetcher
}

/** Images on their way at a time: few enough that searches get their turn between them. */
const IMAGES_AT_ONCE = 8
/** Images between two checkpoints, and bytes of them held in memory. */
const BATCH_ITEMS = 32
const BATCH_BYTES = 64 * 1024 * 1024

/**
 * Adds images from a folder, an archive or a list of URLs. An image whose content the collection holds under its id is
 * skipped, so that what is done again after a restart changes nothing.
 */
export class ImportImages implements JobKind {
  readonly name = 'import'
  readonly #parts: Parts

  constructor(parts: Parts) {
    this.#parts = parts
  }

  async run(run: JobRun): Promise<void> {
    const input = run.input as ImportInput
    const collection = this.#parts.collections.get(run.collection!)
    if (input.kind === 'urls') run.expect(input.items.length)
    for await (const batch of batches(this.#items(input, run.checkpoint))) {
      const stored = await collection.contentHashes(batch.map(({ id }) => id))
      const hashes = new Map(batch.map(({ id }, i) => [id, stored[i] ?? null]))
      await mapBounded(batch, IMAGES_AT_ONCE, (item) =>
        addOne(item, hashes.get(item.id) ?? null, collection, run),
      )
      await run.save(batch.at(-1)!.position)
    }
  }

  async discard(input: unknown): Promise<void> {
    const { kind } = input as ImportInput
    if (kind === 'archive') {
      await this.#parts.files.dropArchive((input as { archive: string }).archive)
    }
  }

  async *#items(input: ImportInput, checkpoint: unknown): AsyncGenerator<ImportItem> {
    const { files, fetcher } = this.#parts
    if (input.kind === 'urls') {
      yield* urlItems(input.items, checkpoint as number | null, fetcher)
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
}

async function addOne(
  item: ImportItem,
  storedHash: string | null,
  collection: Collection,
  run: JobRun,
): Promise<void> {
  run.signal.throwIfAborted()
  const { id, metadata } = item
  try {
    const bytes = await run.retry(() => item.read(run.signal))
    if (storedHash === createHash('sha256').update(bytes).digest('hex')) {
      run.count('skipped')
      return
    }
    const added = await run.retry(() =>
      collection.addImage({ id, bytes, metadata }, { signal: run.signal }),
    )
    run.count(added.status)
  } catch (error) {
    if (!isRefusal(error)) throw error
    run.refuse(id, error)
  }
}

function* urlItems(
  items: readonly UrlItem[],
  after: number | null,
  fetcher: UrlFetcher,
): Generator<ImportItem> {
  for (let position = (after ?? -1) + 1; position < items.length; position++) {
    const { url, id, metadata } = items[position]!
    const read = (signal: AbortSignal) => fetcher.fetch(url, signal)
    yield { id, metadata, position, heldBytes: 0, read }
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
