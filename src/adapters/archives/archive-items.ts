import { open } from 'node:fs/promises'
import type { ArchiveItem } from './archive-item.ts'
import { ArchiveCount, type ArchiveLimits, invalid } from './archive-limits.ts'
import { tarItems } from './tar-items.ts'
import { zipItems } from './zip-items.ts'

const HEAD_BYTES = 512

/** The images of an archive after a position. @throws ARCHIVE_INVALID when it cannot be read to its end. */
export async function* archiveItems(
  path: string,
  after: number | null,
  limits: ArchiveLimits,
): AsyncGenerator<ArchiveItem> {
  await using file = await open(path)
  const { buffer } = await file.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0)
  const { size } = await file.stat()
  const count = new ArchiveCount(size, limits)
  const format = archiveFormat(buffer)
  if (format === 'zip') yield* zipItems(path, count, after)
  else yield* tarItems(path, format === 'tar.gz', count, after)
}

/** By the first 512 bytes. @throws ARCHIVE_INVALID. */
export function archiveFormat(head: Uint8Array): 'zip' | 'tar' | 'tar.gz' {
  const starts = Buffer.from(head).toString('latin1')
  if (starts.startsWith('PK\x03\x04')) return 'zip'
  if (starts.startsWith('\x1f\x8b')) return 'tar.gz'
  if (starts.slice(257, 262) === 'ustar') return 'tar'
  const hex = Buffer.from(head.subarray(0, 8)).toString('hex')
  throw invalid(`expected a zip, tar or tar.gz file, got one that starts with ${hex}`)
}
