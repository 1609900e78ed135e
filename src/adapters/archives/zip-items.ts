import { getFileNameLowLevel, openPromise, type Entry as ZipEntry, type ZipFile } from 'yauzl'
import { AppError, messageOf } from '../../errors.ts'
import { bytesOf } from '../../files/bounded-stream.ts'
import { archiveItem, type Entry, type FileItem } from './archive-item.ts'
import { type ArchiveCount, unreadable } from './archive-limits.ts'

const FILE_TYPE_BITS = 0o170000
const REGULAR_FILE = 0o100000

/** Gives the images of a zip file, in the order of its directory. @throws ARCHIVE_INVALID */
export async function* zipItems(
  path: string,
  count: ArchiveCount,
  after: number | null,
): AsyncGenerator<FileItem> {
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
  const { generalPurposeBitFlag, fileNameRaw, extraFields } = entry
  return {
    name: getFileNameLowLevel(generalPurposeBitFlag, fileNameRaw, extraFields, true),
    special: specialOf(entry),
    size: entry.uncompressedSize,
    async read() {
      try {
        return await bytesOf(await zip.openReadStreamPromise(entry))
      } catch (cause) {
        const message = `expected a sound entry: ${messageOf(cause)}`
        throw new AppError('ARCHIVE_ENTRY_REFUSED', message, { cause })
      }
    },
  }
}

function specialOf(entry: ZipEntry): string | null {
  if (entry.isEncrypted()) return 'an encrypted one'
  if (!entry.canDecodeFileData()) return `compression method ${entry.compressionMethod}`
  const type = (entry.externalFileAttributes >>> 16) & FILE_TYPE_BITS
  // Zero where the archive was not made on Unix.
  return type === 0 || type === REGULAR_FILE ? null : 'a link or a device'
}
