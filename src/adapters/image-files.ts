import type { Dirent } from 'node:fs'
import { readdir, realpath, stat } from 'node:fs/promises'
import { extname, isAbsolute, join, relative, sep } from 'node:path'
import { compareIds } from '../engine/collection-spec.ts'
import { AppError, messageOf } from '../errors.ts'
import { readRegular } from '../files/regular-file.ts'

const MEDIA_TYPES = new Map([
  ['.jpg', 'image/jpeg'],
  ['.jpeg', 'image/jpeg'],
  ['.png', 'image/png'],
  ['.webp', 'image/webp'],
  ['.avif', 'image/avif'],
  ['.gif', 'image/gif'],
  ['.tif', 'image/tiff'],
  ['.tiff', 'image/tiff'],
])

/** Gives the media type by the extension, in any case; null when it is no image's. */
export function mediaTypeOf(path: string): string | null {
  return MEDIA_TYPES.get(extname(path).toLowerCase()) ?? null
}

/** A file below a folder that was walked. `id` is its path below that folder, with `/`. */
export type FoundFile =
  | { readonly kind: 'image'; readonly id: string; readonly path: string }
  | { readonly kind: 'unreadable'; readonly id: string; readonly error: AppError }

/**
 * Gives the image files below a folder, in the order of ids. Hidden files and folders are left out; links
 * are followed, and each real folder is walked once, so that links in a circle end.
 * @param within a real path that no link may lead out of; null: they may lead anywhere.
 */
export async function* walkImages(
  folder: string,
  within: string | null = null,
): AsyncGenerator<FoundFile> {
  yield* walk(folder, '', within, new Set())
}

async function* walk(
  folder: string,
  prefix: string,
  within: string | null,
  walked: Set<string>,
): AsyncGenerator<FoundFile> {
  let entries: Dirent[]
  try {
    const { dev, ino } = await stat(folder)
    if (walked.has(`${dev}:${ino}`)) return
    walked.add(`${dev}:${ino}`)
    entries = await readdir(folder, { withFileTypes: true })
  } catch (cause) {
    yield { kind: 'unreadable', id: prefix.slice(0, -1) || '.', error: unreadable(folder, cause) }
    return
  }
  // With its slash a folder sorts where the ids below it do.
  const found: string[] = []
  for (const entry of entries) {
    const { name } = entry
    if (name.startsWith('.')) continue
    const path = join(folder, name)
    if (entry.isSymbolicLink() && (await leadsOut(path, within))) {
      yield { kind: 'unreadable', id: `${prefix}${name}`, error: linkOut() }
      continue
    }
    // Null stands for a link to nothing: if it is named like an image, reading it shows what is wrong.
    const kind = entry.isSymbolicLink() ? await stat(path).catch(() => null) : entry
    if (kind?.isDirectory()) found.push(`${name}/`)
    else if ((kind?.isFile() ?? true) && mediaTypeOf(name) !== null) found.push(name)
  }
  for (const name of found.sort(compareIds)) {
    const id = `${prefix}${name}`
    if (name.endsWith('/')) yield* walk(join(folder, name.slice(0, -1)), id, within, walked)
    else yield { kind: 'image', id, path: join(folder, name) }
  }
}

async function leadsOut(link: string, within: string | null): Promise<boolean> {
  if (within === null) return false
  // A link to nothing leads nowhere.
  const real = await realpath(link).catch(() => null)
  return real !== null && !isBelow(real, within)
}

/** Whether a real path is the folder or lies below it. */
export function isBelow(path: string, folder: string): boolean {
  const way = relative(folder, path)
  return !isAbsolute(way) && way.split(sep)[0] !== '..'
}

/** Reads a whole regular file of at most `maxBytes`. @throws FILE_UNREADABLE, BODY_TOO_LARGE */
export async function readImageFile(path: string, maxBytes: number): Promise<Uint8Array> {
  try {
    return await readRegular(path, maxBytes, (bytes) => {
      return new AppError('BODY_TOO_LARGE', `expected at most ${maxBytes} bytes, got ${bytes}`)
    })
  } catch (cause) {
    throw cause instanceof AppError ? cause : unreadable(path, cause)
  }
}

/** Resolves links. @throws FILE_UNREADABLE when it does not lie below `root`, a real path. */
export async function realPathBelow(path: string, root: string): Promise<string> {
  const real = await realpath(path).catch((cause: unknown) => {
    throw new AppError('FILE_UNREADABLE', 'expected to read the file', { cause })
  })
  if (isBelow(real, root)) return real
  throw linkOut()
}

/** Whether it is a file; else a folder. @throws FILE_UNREADABLE when there is nothing. */
export async function isFile(path: string): Promise<boolean> {
  return (await statOf(path)).isFile()
}

/** @throws FILE_UNREADABLE unless it is a folder. */
export async function checkFolder(path: string): Promise<void> {
  if ((await statOf(path)).isDirectory()) return
  throw new AppError('FILE_UNREADABLE', `expected a folder, got a file: ${path}`)
}

async function statOf(path: string) {
  return await stat(path).catch((cause: unknown) => {
    throw unreadable(path, cause)
  })
}

function linkOut(): AppError {
  return new AppError('FILE_UNREADABLE', 'expected no link that leads out, got one')
}

function unreadable(path: string, cause: unknown): AppError {
  return new AppError('FILE_UNREADABLE', `expected to read ${path}: ${messageOf(cause)}`, { cause })
}
