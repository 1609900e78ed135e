import type { ImportItem } from '../../collection/import/import-source.ts'
import { AppError } from '../../errors.ts'
import type { ArchiveCount } from './archive-limits.ts'
import { entryName } from './entry-name.ts'

export type ArchiveItem = Omit<ImportItem, 'metadata'>

/** An entry as its format tells it. */
export interface Entry {
  readonly name: string
  /** Anything but a plain file, in a word; null for one. Folders are no entries. */
  readonly special: string | null
  /** Unpacked, as announced. */
  readonly size: number
  /** Gives all bytes, and no more than `size`. @throws ARCHIVE_ENTRY_REFUSED where the others can still be read. */
  read(): Promise<Uint8Array>
}

/**
 * The item of an entry, its bytes read; null for one that is no image, or that comes no later than `after`.
 * Entries that are tricks become items that fail.
 */
export async function archiveItem(
  entry: Entry,
  count: ArchiveCount,
  after: number | null,
): Promise<ArchiveItem | null> {
  const position = count.addEntry()
  const { name, special, size } = entry
  const named = entryName(name)
  if (named.kind === 'ignored') return null
  const refuse = (why: string) =>
    refused(name, position, new AppError('ARCHIVE_ENTRY_REFUSED', why))
  const twice = named.kind === 'image' && special === null && count.isTwice(named.id)
  if (after !== null && position <= after) return null
  if (named.kind === 'refused') return refuse(named.why)
  if (special !== null) return refuse(`expected a plain file, got ${special}`)
  if (twice) return refuse('expected each name once, got this one again')
  if (size > count.maxImageBytes) {
    const message = `expected at most ${count.maxImageBytes} bytes, got ${size}`
    return refused(name, position, new AppError('BODY_TOO_LARGE', message))
  }
  count.addBytes(size)
  try {
    const bytes = await entry.read()
    return { id: named.id, position, heldBytes: bytes.byteLength, read: async () => bytes }
  } catch (error) {
    if (!(error instanceof AppError && error.code === 'ARCHIVE_ENTRY_REFUSED')) throw error
    return refused(name, position, error)
  }
}

export async function bytesOf(stream: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  for await (const chunk of stream) chunks.push(chunk)
  return Buffer.concat(chunks)
}

function refused(id: string, position: number, error: AppError): ArchiveItem {
  return { id, position, heldBytes: 0, read: () => Promise.reject(error) }
}
