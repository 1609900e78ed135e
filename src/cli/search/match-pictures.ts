import { resolve } from 'node:path'
import { isBelow, mediaTypeOf, readImageFile } from '../../adapters/image-files.ts'
import type { SearchAnswer } from '../../collection/service.ts'
import { AppError } from '../../errors.ts'
import type { Backend } from '../backend/backend.ts'

/** What every browser shows by itself. */
const SHOWN = new Set(['image/jpeg', 'image/png', 'image/webp', 'image/avif', 'image/gif'])
const MAX_PICTURE_BYTES = 32 * 1024 * 1024
/** Pictures beyond it are left out, so that the page stays one that a browser opens. */
const MAX_PAGE_BYTES = 128 * 1024 * 1024

/** Makes a data URI of an image, or null of one that no browser shows. */
export function pictureOf(path: string, bytes: Uint8Array): string | null {
  return dataUri(mediaTypeOf(path) ?? '', bytes)
}

/**
 * Finds a picture of each match: what the collection kept, else the file of that id below `folder`.
 * @returns data URIs; null where there is neither.
 */
export async function matchPictures(
  backend: Backend,
  collection: string,
  { matches }: SearchAnswer,
  folder: string | undefined,
): Promise<readonly (string | null)[]> {
  const pictures: (string | null)[] = []
  let room = MAX_PAGE_BYTES
  for (const { id } of matches) {
    const kept = room > 0 ? await backend.content(collection, id) : null
    const picture =
      kept === null
        ? await fileBelow(folder, id, Math.min(room, MAX_PICTURE_BYTES))
        : dataUri(kept.mediaType, kept.bytes)
    pictures.push(picture !== null && picture.length <= room ? picture : null)
    room -= picture?.length ?? 0
  }
  return pictures
}

/** Ids come from whoever filled the collection: one such as `../x` must not lead out of the folder. */
async function fileBelow(folder: string | undefined, id: string, maxBytes: number) {
  if (folder === undefined || mediaTypeOf(id) === null) return null
  const path = resolve(folder, id)
  if (!isBelow(path, resolve(folder))) return null
  try {
    return pictureOf(id, await readImageFile(path, maxBytes))
  } catch (error) {
    if (error instanceof AppError) return null
    throw error
  }
}

function dataUri(mediaType: string, bytes: Uint8Array): string | null {
  if (!SHOWN.has(mediaType)) return null
  return `data:${mediaType};base64,${Buffer.from(bytes).toString('base64')}`
}
