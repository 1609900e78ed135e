import { createReadStream } from 'node:fs'
import { pipeline } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { extract } from 'tar-stream'
import type { FoundItem } from '../../collection/import/import-source.ts'
import { archiveItem } from './archive-item.ts'
import { type ArchiveCount, invalid, unreadable } from './archive-limits.ts'
import { EntryContent } from './entry-content.ts'
import { tarEntryName } from './entry-name.ts'

/** Bytes between two entries: long names and padding. More would be held in memory by the parser. */
const MAX_BETWEEN_BYTES = 2 * 1024 * 1024

/** Gives what is in a tar file, packed by gzip or not, in its order. @throws ARCHIVE_INVALID */
export async function* tarItems(
  path: string,
  packed: boolean,
  count: ArchiveCount,
  after: number | null,
): AsyncGenerator<FoundItem> {
  // Latin-1 keeps the bytes of names as they are.
  const entries = extract({ filenameEncoding: 'latin1' })
  let passedBytes = 0
  let mostBytes = MAX_BETWEEN_BYTES
  /** Counts what goes to the parser, and stops it before it would gather too much. */
  async function* counted(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    for await (const chunk of chunks) {
      passedBytes += chunk.byteLength
      if (packed) count.addBytes(chunk.byteLength)
      if (passedBytes > mostBytes) throw invalid('expected an entry, got none for 2 MiB')
      yield chunk
    }
  }
  const source = createReadStream(path)
  // The entries say how it ended.
  if (packed) pipeline(source, createGunzip(), counted, entries, () => undefined)
  else pipeline(source, counted, entries, () => undefined)
  try {
    for await (const stream of entries) {
      const { type, size = 0 } = stream.header
      if (!Number.isSafeInteger(size) || size < 0) {
        throw invalid(`expected the size of an entry, got ${size}`)
      }
      mostBytes = passedBytes + size + MAX_BETWEEN_BYTES
      const isFolder = type === 'directory'
      const special = type === 'file' || type === 'contiguous-file' ? null : (type ?? 'none')
      const open = async () => new EntryContent(stream)
      const entry = { ...tarEntryName(stream.header), special, size, open }
      const item = isFolder ? null : await archiveItem(entry, count, after)
      if (item !== null) yield item
      stream.resume()
    }
  } catch (cause) {
    throw unreadable('tar', cause)
  } finally {
    entries.destroy()
    source.destroy()
  }
}
