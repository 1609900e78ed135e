import { open } from 'node:fs/promises'
import type { FoundItem } from '../../collection/import/import-source.ts'
import { ArchiveCount, type ArchiveLimits, invalid } from './archive-limits.ts'
import { tarItems } from './tar-items.ts'
import { zipItems } from './zip-items.ts'

const HEAD_BYTES = 512

/** Gives the images of an archive after a position, and what is left out. @throws ARCHIVE_INVALID when it cannot be read to its end. */
export async function* archiveItems(
  path: string,
  after: number | null,
  limits: ArchiveLimits,
): AsyncGenerator<FoundItem> {
  const { format, bytes } = await archiveFacts(path)
  const count = new ArchiveCount(bytes, limits)
  if (format === 'zip') yield* zipItems(path, count, after)
  else yield* tarItems(path, format === 'tar.gz', count, after)
}

/** Finds the format of an archive by its first 512 bytes, and its size. @throws ARCHIVE_INVALID for another file. */
export async function archiveFacts(path: string) {
  await using file = await open(path)
  const { buffer } = await file.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0)
  return { format: formatOf(buffer), bytes: (await file.stat()).size }
}

function formatOf(head: Buffer): 'zip' | 'tar' | 'tar.gz' {
  const text = head.toString('latin1')
  if (text.startsWith('PK\x03\x04')) return 'zip'
  if (text.startsWith('\x1f\x8b')) return 'tar.gz'
  if (text.slice(257, 262) === 'ustar') return 'tar'
  const hex = head.subarray(0, 8).toString('hex')
  throw invalid(`expected a zip, tar or tar.gz file, got one that starts with ${hex}`)
}
