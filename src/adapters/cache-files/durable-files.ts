import { type FileHandle, open, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'

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
