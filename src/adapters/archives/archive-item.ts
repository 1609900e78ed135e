import type { ImportItem } from '../../collection/import/import-source.ts'
import { AppError } from '../../errors.ts'
import { mediaTypeOf } from '../image-files.ts'
import type { ArchiveCount } from './archive-limits.ts'

export type ArchiveItem = Omit<ImportItem, 'metadata'>

/** An entry as its format describes it. */
export interface Entry {
  readonly name: string
  /** Null for a plain file; of anything else, what it is. Folders are no entries. */
  readonly special: string | null
  /** Bytes when unpacked, as announced. */
  readonly size: number
  /** Gives all bytes, and no more than `size`. @throws ARCHIVE_ENTRY_REFUSED where the others can still be read. */
  read(): Promise<Uint8Array>
}

/**
 * Reads the item of an entry; null for one that is no image, or that comes no later than `after`.
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

function refused(id: string, position: number, error: AppError): ArchiveItem {
  return { id, position, heldBytes: 0, read: () => Promise.reject(error) }
}

/** The verdict on the name of an entry: an image with an id, nothing of interest, or a trick. */
type EntryName =
  | { readonly kind: 'image'; readonly id: string }
  | { readonly kind: 'ignored' }
  | { readonly kind: 'refused'; readonly why: string }

/**
 * Judges a name. Nothing is ever written under it, so a path trick cannot reach a file; but an id that looks like one
 * has no business in a collection. As in folders, hidden files and what is not named like an image are left out.
 */
function entryName(name: string): EntryName {
  const path = name.replace(/^(\.\/)+/, '')
  const parts = path.split('/')
  if (path === '' || mediaTypeOf(path) === null) return { kind: 'ignored' }
  if (/[\\\p{Cc}]/u.test(path)) return refusedName('without backslashes and control characters')
  if (path.startsWith('/') || /^[a-z]:/i.test(path)) return refusedName('below the archive')
  if (parts.some((part) => part === '' || part === '.' || part === '..')) {
    return refusedName('without empty, "." and ".." parts')
  }
  if (parts.some((part) => part.startsWith('.')) || parts[0] === '__MACOSX') {
    return { kind: 'ignored' }
  }
  return { kind: 'image', id: path }
}

function refusedName(wanted: string): EntryName {
  return { kind: 'refused', why: `expected a path ${wanted}` }
}
