import { isAbsolute, relative, resolve } from 'node:path'
import { mediaTypeOf, readImageFile } from '../adapters/image-files.ts'
import type { SearchAnswer } from '../collection/requests.ts'
import { AppError } from '../errors.ts'
import type { Target } from './target.ts'

/** What every browser shows by itself. */
const SHOWN = new Set(['image/jpeg', 'image/png', 'image/webp', 'image/avif', 'image/gif'])
const MAX_PICTURE_BYTES = 32 * 1024 * 1024
/** Pictures beyond it are left out, so that the page stays one that a browser opens. */
const MAX_PAGE_BYTES = 128 * 1024 * 1024

/** A data URI, or null for what no browser shows. */
export function pictureOf(path: string, bytes: Uint8Array): string | null {
  return dataUri(mediaTypeOf(path) ?? '', bytes)
}

/**
 * A picture of each match as a data URI: what the collection kept, else the file of that id below
 * `folder`; null where there is neither.
 */
export async function matchPictures(
  target: Target,
  search: { collection: string; answer: SearchAnswer; folder: string | null },
): Promise<readonly (string | null)[]> {
  const pictures: (string | null)[] = []
  let room = MAX_PAGE_BYTES
  for (const { id } of search.answer.matches) {
    const kept = room > 0 ? await target.content(search.collection, id) : null
    const picture =
      kept === null
        ? await fileBelow(search.folder, id, Math.min(room, MAX_PICTURE_BYTES))
        : dataUri(kept.mediaType, kept.bytes)
    pictures.push(picture !== null && picture.length <= room ? picture : null)
    room -= picture?.length ?? 0
  }
  return pictures
}

/** Ids come from whoever filled the collection: one such as `../x` must not lead out of the folder. */
async function fileBelow(folder: string | null, id: string, maxBytes: number) {
  if (folder === null || mediaTypeOf(id) === null) return null
  const path = resolve(folder, id)
  const below = relative(resolve(folder), path)
  if (below === '..' || below.startsWith('../') || isAbsolute(below)) return null
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
