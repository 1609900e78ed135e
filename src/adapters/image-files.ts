import { lstat, realpath, stat } from 'node:fs/promises'
import { isAbsolute, join, parse, relative, sep } from 'node:path'
import { formsOf } from '../collection/import/path-id.ts'
import { AppError, messageOf } from '../errors.ts'
import { openRegular, readRegular } from '../files/regular-file.ts'
import { HEAD_BYTES } from './image-kind.ts'

/** Tells whether a real path is the folder or lies below it. */
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

/** Reads the first bytes of a file. @throws FILE_UNREADABLE, also for what is no plain file. */
export async function readHead(path: string): Promise<Uint8Array> {
  try {
    await using file = (await openRegular(path)).file
    const { buffer, bytesRead } = await file.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0)
    return buffer.subarray(0, bytesRead)
  } catch (cause) {
    throw unreadable(path, cause)
  }
}

/**
 * Gives the path in the Unicode form in which the disk has it, each name as it is, in NFC or in NFD; the rest of it as it
 * is from the first name on that is in none.
 */
export async function formOnDisk(path: string): Promise<string> {
  if (formsOf(path).length === 1) return path
  let found = parse(path).root
  for (const name of path.slice(found.length).split(sep)) {
    const places = formsOf(name).map((form) => join(found, form))
    const [form] = places.length === 1 ? places : await existing(places)
    found = form ?? join(found, name)
  }
  return found
}

async function existing(paths: readonly string[]): Promise<readonly string[]> {
  const are = await Promise.all(paths.map((path) => lstat(path).catch(() => null)))
  return paths.filter((_, i) => are[i] !== null)
}

/** Resolves links. @throws FILE_UNREADABLE when it does not lie below `root`, a real path. */
export async function realPathBelow(path: string, root: string): Promise<string> {
  const real = await realpath(path).catch((cause: unknown) => {
    throw new AppError('FILE_UNREADABLE', 'expected to read the file', { cause })
  })
  if (isBelow(real, root)) return real
  throw linkOut()
}

/** Tells whether it is a file; else a folder. @throws FILE_UNREADABLE when there is nothing. */
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

export function linkOut(): AppError {
  return new AppError('FILE_UNREADABLE', 'expected no link that leads out, got one')
}

export function unreadable(path: string, cause: unknown): AppError {
  return new AppError('FILE_UNREADABLE', `expected to read ${path}: ${messageOf(cause)}`, { cause })
}
