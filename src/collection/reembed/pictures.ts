import { createHash } from 'node:crypto'
import type { LackingRecord } from '../../engine/embedded/store/generation-store.ts'
import type { RecordStore } from '../../engine/embedded/store/record-store.ts'
import { AppError, shown } from '../../errors.ts'
import type { ImportFiles } from '../import/import-source.ts'
import type { ReembedSource } from './reembed-input.ts'

/** The picture of a version; null when that has ended. @throws PICTURE_MISSING and what reading it throws. */
export type ReadPicture = (record: LackingRecord) => Promise<Uint8Array | null>

interface Parts {
  readonly store: RecordStore
  /** The key of the collection. */
  readonly collection: number
  readonly files: ImportFiles
}

/** Reads the pictures of records, each proven to be the one its record was made of by its SHA-256. */
export function picturesOf(from: ReembedSource, parts: Parts): ReadPicture {
  const read =
    from.kind === 'folder'
      ? (record: LackingRecord) => fileOf(record, from.folder, parts.files)
      : (record: LackingRecord) => originalOf(record, parts)
  return async (record) => {
    if (record.contentHash === null) {
      throw missing(`expected a record of a picture, got ${shown(record.id)}, given as a vector`)
    }
    const bytes = await read(record)
    if (bytes === null) return null
    if (createHash('sha256').update(bytes).digest('hex') === record.contentHash) return bytes
    if (from.kind === 'folder') {
      throw missing(`expected the file ${shown(record.id)} to be the picture of the record`)
    }
    // What is kept under the id is kept of a later version.
    return null
  }
}

async function originalOf(
  { key, id }: LackingRecord,
  { store, collection }: Parts,
): Promise<Uint8Array | null> {
  const content = await store.content(collection, id)
  if (content !== null) return content.bytes
  const [version] = await store.recordsByKey(collection, [key])
  if (version === null) return null
  throw missing(`expected an original of ${shown(id)}, found none`)
}

async function fileOf(
  { id }: LackingRecord,
  folder: string,
  files: ImportFiles,
): Promise<Uint8Array> {
  try {
    return await files.file(folder, id)
  } catch (cause) {
    if (!(cause instanceof AppError && cause.code === 'FILE_UNREADABLE')) throw cause
    throw missing(`expected a file ${shown(id)} in the folder`, cause)
  }
}

function missing(message: string, cause?: unknown): AppError {
  return new AppError('PICTURE_MISSING', message, { cause })
}
