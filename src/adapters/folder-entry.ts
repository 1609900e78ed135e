import type { Dirent } from 'node:fs'
import { lstat, realpath, stat } from 'node:fs/promises'
import { type Exclusion, excludedBy } from '../collection/import/exclusion.ts'
import { pathId } from '../collection/import/path-id.ts'
import { AppError, shown } from '../errors.ts'
import { kindOf } from '../files/regular-file.ts'
import { isBelow, linkOut, readHead } from './image-files.ts'
import { beginsAsImage, NO_IMAGE, namedLike, rawRefused } from './image-kind.ts'

/** What was found below a folder. `id` is its path below that folder, with `/` and in NFC; that of a folder ends with `/`. */
export type FoundFile =
  /** `asFound` is the id in the Unicode form of the disk. */
  | { readonly kind: 'image'; readonly id: string; readonly asFound: string; readonly path: string }
  | { readonly kind: 'unreadable'; readonly id: string; readonly error: AppError }
  | { readonly kind: 'leftOut'; readonly id: string; readonly reason: string }

/** A file or folder on disk. */
export interface Place {
  /** Its path below the folder that is walked, with `/`, as the disk has it. */
  readonly asFound: string
  readonly path: string
}

/** An entry of a folder. */
export interface FolderEntry extends Place {
  readonly id: string
  /** What it is, where that is known without its content; a folder or a file otherwise. */
  readonly is: 'folder' | 'file' | FoundFile
}

interface Bounds {
  readonly within: string | null
  readonly exclusion: Exclusion
}

/** Finds out what can be known of an entry without reading it. */
export async function lookAt(entry: Dirent, place: Place, bounds: Bounds): Promise<FolderEntry> {
  const { path, asFound } = place
  // Null stands for a link to nothing.
  const target = entry.isSymbolicLink() ? await stat(path).catch(() => null) : entry
  const isFolder = target?.isDirectory() === true
  const id = `${pathId(asFound)}${isFolder ? '/' : ''}`
  const glob = bounds.exclusion.of(pathId(asFound), isFolder ? 'folder' : 'file')
  const is = (what: FolderEntry['is']): FolderEntry => ({ ...place, id, is: what })
  const leftOut = (reason: string) => is({ kind: 'leftOut', id, reason })
  const unreadable = (error: AppError) => is({ kind: 'unreadable', id, error })
  if (glob !== null) return leftOut(excludedBy(glob))
  if (await isLossy(entry.name, path)) return unreadable(notUtf8(asFound))
  if (entry.isSymbolicLink() && (await leadsOut(path, bounds.within))) return unreadable(linkOut())
  if (isFolder) return is('folder')
  const isOther = namedLike(id) === 'other'
  if (target === null) return isOther ? leftOut('a link to nothing') : is('file')
  if (target.isFile()) return is('file')
  const got = `expected a plain file, got ${kindOf(target)}`
  return isOther ? leftOut(got) : unreadable(new AppError('FILE_UNREADABLE', got))
}

/** Finds out whether a file is an image: by its name, or else by its first bytes. */
export async function lookInto({ path, asFound }: Place, id: string): Promise<FoundFile> {
  const image = { kind: 'image', id, asFound, path } as const
  switch (namedLike(id)) {
    case 'image':
      return image
    case 'raw':
      return { kind: 'unreadable', id, error: rawRefused(id) }
    case 'other':
      try {
        const isImage = beginsAsImage(await readHead(path))
        return isImage ? image : { kind: 'leftOut', id, reason: NO_IMAGE }
      } catch (error) {
        if (error instanceof AppError) return { kind: 'unreadable', id, error }
        throw error
      }
  }
}

/** Tells whether a name is not the one on disk: bytes that are no UTF-8 become U+FFFD, under which there is nothing. */
async function isLossy(name: string, path: string): Promise<boolean> {
  if (!name.includes('\ufffd')) return false
  return await lstat(path).then(
    () => false,
    () => true,
  )
}

function notUtf8(path: string): AppError {
  return new AppError('INVALID_ID', `expected a name in UTF-8, got ${shown(path)}: rename it`)
}

async function leadsOut(link: string, within: string | null): Promise<boolean> {
  if (within === null) return false
  // A link to nothing leads nowhere.
  const real = await realpath(link).catch(() => null)
  return real !== null && !isBelow(real, within)
}
