import { excludedBy } from '../../collection/import/exclusion.ts'
import type { FoundItem } from '../../collection/import/import-source.ts'
import { pathId } from '../../collection/import/path-id.ts'
import { isRefusal } from '../../collection/refusals.ts'
import { MAX_ID_BYTES } from '../../engine/collection-spec.ts'
import { AppError } from '../../errors.ts'
import {
  beginsAsImage,
  HEAD_BYTES,
  type NamedLike,
  NO_IMAGE,
  namedLike,
  rawRefused,
} from '../image-kind.ts'
import type { ArchiveCount } from './archive-limits.ts'
import type { EntryContent } from './entry-content.ts'
import type { EntryName } from './entry-name.ts'

/** An entry as its format describes it. */
export interface Entry extends EntryName {
  /** Null for a plain file; of anything else, what it is. Folders are no entries. */
  readonly special: string | null
  /** Bytes when unpacked, as announced. */
  readonly size: number
  /** Opens its content, no more than `size`. It throws ARCHIVE_ENTRY_REFUSED where the other entries can still be read. */
  open(): Promise<EntryContent>
}

/**
 * Reads the item of an entry; null for one that comes no later than `after`. As in folders, an entry that is neither named
 * like an image nor begins as one is left out, and so is what the exclusion names. Images that are tricks become items that
 * fail.
 */
export async function archiveItem(
  entry: Entry,
  count: ArchiveCount,
  after: number | null,
): Promise<FoundItem | null> {
  const position = count.addEntry()
  const asFound = entry.name.replace(/^(\.\/)+/, '')
  const id = pathId(asFound)
  const trick = trickOf(entry, id)
  // A longer path is refused as an id, and would be slow to compare.
  const glob = trick === null && id.length <= MAX_ID_BYTES ? count.exclusion.ofFile(id) : null
  const isTwice = trick === null && count.isTwice(id)
  if (after !== null && position <= after) return null
  const leftOut = (reason: string): FoundItem => ({ kind: 'leftOut', id, position, reason })
  if (glob !== null) return leftOut(excludedBy(glob))
  const named = namedLike(id)
  if (trick !== null && named === 'other') return leftOut(trick)
  try {
    if (trick !== null) throw refusal(trick)
    if (named === 'raw') throw rawRefused(id)
    const bytes = await contentOf(entry, { named, isTwice }, count)
    if (bytes === null) return leftOut(NO_IMAGE)
    const read = async () => bytes
    return { kind: 'file', id, asFound, position, heldBytes: bytes.byteLength, read }
  } catch (error) {
    if (!isRefusal(error)) throw error
    // Named as in the archive: the name may be what is wrong.
    const read = () => Promise.reject(error)
    return { kind: 'file', id: entry.name, asFound: null, position, heldBytes: 0, read }
  }
}

/** Reads an image; null for an entry that is none. @throws its refusal. */
async function contentOf(
  entry: Entry,
  { named, isTwice }: { readonly named: NamedLike; readonly isTwice: boolean },
  count: ArchiveCount,
): Promise<Uint8Array | null> {
  const { size } = entry
  const content = await entry.open()
  try {
    if (named === 'other' && !beginsAsImage(await content.head(HEAD_BYTES))) return null
    if (isTwice) throw refusal('expected each name once, got this one again')
    if (size > count.maxImageBytes) {
      const message = `expected at most ${count.maxImageBytes} bytes, got ${size}`
      throw new AppError('BODY_TOO_LARGE', message)
    }
    count.addBytes(size)
    return await content.all()
  } finally {
    content.close()
  }
}

/**
 * Says why an entry is no plain file with a plain path, or null. Nothing is ever written under a path, so no trick can reach
 * a file; but an id like one has no business in a collection.
 */
function trickOf({ fault, special }: Entry, path: string): string | null {
  if (fault !== null) return fault
  if (/[\\\p{Cc}]/u.test(path)) {
    return 'expected a path without backslashes and control characters'
  }
  if (path.startsWith('/') || /^[a-z]:/i.test(path)) return 'expected a path below the archive'
  const isOdd = path.split('/').some((part) => ['', '.', '..'].includes(part))
  if (isOdd) return 'expected a path without empty, "." and ".." parts'
  return special === null ? null : `expected a plain file, got ${special}`
}

function refusal(why: string): AppError {
  return new AppError('ARCHIVE_ENTRY_REFUSED', why)
}
