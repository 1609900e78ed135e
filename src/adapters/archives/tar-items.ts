import { createReadStream } from 'node:fs'
import { pipeline, Transform } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { extract } from 'tar-stream'
import { bytesOf } from '../../files/bounded-stream.ts'
import { type ArchiveItem, archiveItem } from './archive-item.ts'
import { type ArchiveCount, invalid, unreadable } from './archive-limits.ts'

/** Bytes between two entries: long names and padding. More would be held in memory by the parser. */
const MAX_BETWEEN_BYTES = 2 * 1024 * 1024

/**
 * Gives the images of a tar file, packed by gzip or not, in their order.
 * @throws ARCHIVE_INVALID.
 */
export async function* tarItems(
  path: string,
  packed: boolean,
  count: ArchiveCount,
  after: number | null,
): AsyncGenerator<ArchiveItem> {
  const entries = extract()
  const passed = new Passed(count, packed)
  const source = createReadStream(path)
  const streams = packed ? [source, createGunzip(), passed, entries] : [source, passed, entries]
  // The entries say how it ended.
  pipeline(streams, () => undefined)
  try {
    for await (const stream of entries) {
      const { name, type, size = 0 } = stream.header
      if (!Number.isSafeInteger(size) || size < 0) {
        throw invalid(`expected the size of an entry, got ${size}`)
      }
      passed.expect(size)
      const isFolder = type === 'directory'
      const special = type === 'file' || type === 'contiguous-file' ? null : (type ?? 'none')
      const read = () => bytesOf(stream)
      const item = isFolder ? null : await archiveItem({ name, special, size, read }, count, after)
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

/** Counts what goes to the parser, and stops it before it would gather too much. */
class Passed extends Transform {
  readonly #count: ArchiveCount
  readonly #counts: boolean
  #bytes = 0
  #limit = MAX_BETWEEN_BYTES

  /** @param counts whether bytes come out of a packed file. */
  constructor(count: ArchiveCount, counts: boolean) {
    super()
    this.#count = count
    this.#counts = counts
  }

  expect(entryBytes: number): void {
    this.#limit = this.#bytes + entryBytes + MAX_BETWEEN_BYTES
  }

  override _transform(
    chunk: Buffer,
    _encoding: string,
    done: (error: Error | null, chunk?: Buffer) => void,
  ) {
    this.#bytes += chunk.byteLength
    try {
      if (this.#counts) this.#count.addBytes(chunk.byteLength)
      if (this.#bytes > this.#limit) throw invalid('expected an entry, got none for 2 MiB')
      done(null, chunk)
    } catch (error) {
      done(error as Error)
    }
  }
}
