import { chmodSync, lstatSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

/** The modes of what only the user of the service may read. */
export const PRIVATE_FOLDER = 0o700
export const PRIVATE_FILE = 0o600

/**
 * Closes a folder, and what of the given names is in it, to all users but its own; links are left alone. What cannot be
 * changed (the folder of another user, a file system without modes) stays as it is: whoever set it up chose so.
 */
export function closeToOthers(folder: string, isOurs: (name: string) => boolean): void {
  change(folder, PRIVATE_FOLDER)
  for (const name of readdirSync(folder)) {
    if (!isOurs(name)) continue
    const path = join(folder, name)
    const found = lstatSync(path, { throwIfNoEntry: false })
    if (found?.isDirectory()) closeToOthers(path, () => true)
    else if (found?.isFile()) change(path, PRIVATE_FILE)
  }
}

function change(path: string, mode: number): void {
  try {
    const found = lstatSync(path).mode & 0o777
    if (found !== mode) chmodSync(path, mode)
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException
    if (!['EPERM', 'EROFS', 'ENOTSUP', 'ENOENT'].includes(code)) throw error
  }
}
