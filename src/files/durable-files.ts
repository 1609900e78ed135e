import { type FileHandle, mkdir, open, readdir, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { PRIVATE_FILE, PRIVATE_FOLDER } from './private-files.ts'

/** Thrown for a cache file that cannot be used. */
export class DamagedFile extends Error {}

/** Opens a file and writes it, on the disk when this resolves; of a folder, with flags `r`, its names. */
export async function synced(
  path: string,
  flags: 'r' | 'w',
  write: (file: FileHandle) => Promise<void> = async () => undefined,
  mode = 0o666,
): Promise<void> {
  await using file = await open(path, flags, mode)
  await write(file)
  await file.sync()
}

/**
 * Writes a file that only its own user may read to a temporary name, syncs and renames it; its folder is made so, too. A
 * failure leaves the older file.
 */
export async function privatelyReplaced(
  path: string,
  write: (file: FileHandle) => Promise<void>,
): Promise<void> {
  await replaced(path, write, { folder: PRIVATE_FOLDER, file: PRIVATE_FILE })
}

/** Writes a file to a temporary name, syncs and renames it; its folder is made. A failure leaves the older file. */
export async function replaced(
  path: string,
  write: (file: FileHandle) => Promise<void>,
  modes = { folder: 0o777, file: 0o666 },
): Promise<void> {
  const temporary = `${path}.${process.pid}.tmp`
  try {
    await mkdir(dirname(path), { recursive: true, mode: modes.folder })
    await synced(temporary, 'w', write, modes.file)
    await rename(temporary, path)
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
}

/** Removes the files that are unwanted by their names; a folder that is missing has none. */
export async function removeFiles(
  folder: string,
  unwanted: (file: string) => boolean,
): Promise<void> {
  const files = await readdir(folder).catch((error: unknown): string[] => {
    if (isMissing(error)) return []
    throw error
  })
  for (const file of files.filter(unwanted)) await rm(join(folder, file), { force: true })
}

export function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT'
}
