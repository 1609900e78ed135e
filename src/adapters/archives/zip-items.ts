import { openPromise, type Entry as ZipEntry, type ZipFile } from 'yauzl'
import type { FoundItem } from '../../collection/import/import-source.ts'
import { AppError, messageOf } from '../../errors.ts'
import { archiveItem, type Entry } from './archive-item.ts'
import { type ArchiveCount, unreadable } from './archive-limits.ts'
import { EntryContent } from './entry-content.ts'
import { zipEntryName } from './entry-name.ts'

const FILE_TYPE_BITS = 0o170000
const REGULAR_FILE = 0o100000

/** Gives what is in a zip file, in the order of its directory. @throws ARCHIVE_INVALID */
export async function* zipItems(
  path: string,
  count: ArchiveCount,
  after: number | null,
): AsyncGenerator<FoundItem> {
  // Names are judged by us: yauzl would give up the whole archive for one that is bad.
  const options = { autoClose: false, decodeStrings: false }
  const zip = await openPromise(path, options).catch((cause: unknown) => {
    throw unreadable('zip', cause)
  })
  try {
    for await (const entry of zip.eachEntry()) {
      const read = entryOf(zip, entry)
      const item = read.name.endsWith('/') ? null : await archiveItem(read, count, after)
      if (item !== null) yield item
    }
  } catch (cause) {
    throw unreadable('zip', cause)
  } finally {
    zip.close()
  }
}

function entryOf(zip: ZipFile, entry: ZipEntry): Entry {
  return {
    ...zipEntryName(entry),
    special: specialOf(entry),
    size: entry.uncompressedSize,
    async open() {
      const stream = await zip.openReadStreamPromise(entry).catch((cause: unknown) => {
        throw damaged(cause)
      })
      return new EntryContent(stream, { close: () => stream.destroy(), faultOf: damaged })
    },
  }
}

function damaged(cause: unknown): AppError {
  const message = `expected a sound entry: ${messageOf(cause)}`
  return new AppError('ARCHIVE_ENTRY_REFUSED', message, { cause })
}

function specialOf(entry: ZipEntry): string | null {
  if (entry.isEncrypted()) return 'an encrypted one'
  if (!entry.canDecodeFileData()) return `compression method ${entry.compressionMethod}`
  const type = (entry.externalFileAttributes >>> 16) & FILE_TYPE_BITS
  // Zero where the archive was not made on Unix.
  return type === 0 || type === REGULAR_FILE ? null : 'a link or a device'
}
