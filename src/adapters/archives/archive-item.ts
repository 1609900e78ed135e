import type { ImportItem } from '../../collection/import/import-source.ts'
import { AppError } from '../../errors.ts'
import { mediaTypeOf } from '../image-files.ts'
import type { ArchiveCount } from './archive-limits.ts'

/** An image of a folder or an archive, whose metadata is still to be made. */
export type FileItem = Omit<ImportItem, 'wanted'>

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
 * Reads the item of an entry; null for one that is no image, or that comes no later than `after`. As in folders, hidden
 * files are left out. Entries that are tricks become items that fail.
 */
export async function archiveItem(
  { name, special, size, read }: Entry,
  count: ArchiveCount,
  after: number | null,
): Promise<FileItem | null> {
  const position = count.addEntry()
  const id = name.replace(/^(\.\/)+/, '')
  const fault = pathFault(id)
  if (mediaTypeOf(id) === null || (fault === null && isHidden(id))) return null
  const isTwice = fault === null && special === null && count.isTwice(id)
  if (after !== null && position <= after) return null
  const failing = (error: AppError): FileItem => {
    return { id: name, position, heldBytes: 0, read: () => Promise.reject(error) }
  }
  const refused = (why: string) => failing(new AppError('ARCHIVE_ENTRY_REFUSED', why))
  if (fault !== null) return refused(fault)
  if (special !== null) return refused(`expected a plain file, got ${special}`)
  if (isTwice) return refused('expected each name once, got this one again')
  if (size > count.maxImageBytes) {
    const message = `expected at most ${count.maxImageBytes} bytes, got ${size}`
    return failing(new AppError('BODY_TOO_LARGE', message))
  }
  count.addBytes(size)
  try {
    const bytes = await read()
    return { id, position, heldBytes: bytes.byteLength, read: async () => bytes }
  } catch (error) {
    if (error instanceof AppError && error.code === 'ARCHIVE_ENTRY_REFUSED') return failing(error)
    throw error
  }
}

/** Nothing is ever written under a path, so no trick can reach a file; but an id like one has no business in a collection. */
function pathFault(path: string): string | null {
  if (/[\\\p{Cc}]/u.test(path)) {
    return 'expected a path without backslashes and control characters'
  }
  if (path.startsWith('/') || /^[a-z]:/i.test(path)) return 'expected a path below the archive'
  const isOdd = path.split('/').some((part) => ['', '.', '..'].includes(part))
  return isOdd ? 'expected a path without empty, "." and ".." parts' : null
}

function isHidden(path: string): boolean {
  const parts = path.split('/')
  return parts.some((part) => part.startsWith('.')) || parts[0] === '__MACOSX'
}
