import { type FileHandle, mkdir, open, readdir, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'

/** Says why a cache file cannot be used. */
export class DamagedFile extends Error {}

/** Has an opened file written, and on the disk when this resolves; for a folder, with flags `r`, its names. */
export async function synced(
  path: string,
  flags: 'r' | 'w',
  write: (file: FileHandle) => Promise<void> = async () => undefined,
): Promise<void> {
  const file = await open(path, flags)
  try {
    await write(file)
    await file.sync()
  } finally {
    await file.close()
  }
}

/** Writes a file to a temporary name, syncs and renames it; its folder is made. What fails leaves the older one there. */
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
  for (const file of await filesOf(folder)) {
    if (unwanted(file)) await rm(join(folder, file), { force: true })
  }
}

async function filesOf(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder)
  } catch (error) {
    if (isMissing(error)) return []
    throw error
  }
}

export function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT'
}
