import { createHash } from 'node:crypto'
import type { EngineCollection } from '../../engine/engine.ts'
import type { LackingRecord } from '../../engine/generation.ts'
import { AppError, shown } from '../../errors.ts'
import type { ImportFiles } from '../import/import-source.ts'
import type { ReembedSource } from './reembeddings.ts'

type ImageRecord = Pick<LackingRecord, 'id' | 'contentHash'>

/** Reads the image of a record; null when the record is gone or has another. @throws PICTURE_MISSING and what reading it throws. */
export type ReadImage = (record: ImageRecord) => Promise<Uint8Array | null>

/** Reads the images of records, each proven by its SHA-256 to be the one that its record was made of. */
export function recordImages(
  from: ReembedSource,
  collection: EngineCollection,
  files: ImportFiles,
): ReadImage {
  return async (record) => {
    const { id, contentHash } = record
    if (contentHash === null) {
      throw missing(`expected a record of a picture, got ${shown(id)}, given as a vector`)
    }
    const bytes =
      from.kind === 'folder'
        ? await fileOf(id, from.folder, files)
        : await originalOf(record, collection)
    if (bytes === null) return null
    if (createHash('sha256').update(bytes).digest('hex') === contentHash) return bytes
    if (from.kind === 'folder') {
      throw missing(`expected the file ${shown(id)} to be the picture of the record`)
    }
    // The content under the id is that of a later version.
    return null
  }
}

async function originalOf(
  { id, contentHash }: ImageRecord,
  collection: EngineCollection,
): Promise<Uint8Array | null> {
  const content = await collection.content(id)
  if (content !== null) return content.bytes
  const record = await collection.get(id, { vector: false })
  if (record?.image?.contentHash !== contentHash) return null
  throw missing(`expected an original of ${shown(id)}, found none`)
}

async function fileOf(id: string, folder: string, files: ImportFiles): Promise<Uint8Array> {
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
