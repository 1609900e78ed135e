import { type FileHandle, mkdir, open, readdir, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'

/** Thrown for a cache file that cannot be used. */
export class DamagedFile extends Error {}

/** Opens a file and writes it, on the disk when this resolves; of a folder, with flags `r`, its names. */
export async function synced(
  path: string,
  flags: 'r' | 'w',
  write: (file: FileHandle) => Promise<void> = async () => undefined,
): Promise<void> {
  await using file = await open(path, flags)
  await write(file)
  await file.sync()
}

/** Writes a file to a temporary name, syncs and renames it; its folder is made. A failure leaves the older file. */
export async function replaced(
  path: string,
  write: (file: FileHandle) => Promise<void>,
): Promise<void> {
  const temporary = `${path}.${process.pid}.tmp`
  try {
    await mkdir(dirname(path), { recursive: true })
    await synced(temporary, 'w', write)
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
