import {
  chmodSync,
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { AppError } from '../../../errors.ts'
import { PRIVATE_FILE } from '../../../files/private-files.ts'
import { lockDataFolder } from './data-folder-lock.ts'
import { DATABASE_FILE, openForWriting } from './database.ts'
import { storeError } from './disk-full.ts'
import { purgeSlices } from './purge.ts'

/** What can be made again of the truth, or of the pictures of a training. */
const CACHES = ['graphs', 'trees', 'features', 'trainings']

export interface Compacted {
  readonly bytesBefore: number
  readonly bytesAfter: number
}

/**
 * Writes the database of a data folder anew, without free pages, and removes all caches: what was deleted, also by
 * versions that did not overwrite it, is then in no file. It needs room for a second database meanwhile; a run that is
 * cut short leaves the old one.
 *
 * @throws DATA_FOLDER_LOCKED, DATA_FOLDER_UNUSABLE, DISK_FULL, STORE_FAILED.
 */
export function compactDataFolder(folder: string): Compacted {
  const path = join(folder, DATABASE_FILE)
  if (!existsSync(path)) {
    throw new AppError('DATA_FOLDER_UNUSABLE', `expected a data folder, found none at ${folder}`)
  }
  const lock = lockDataFolder(folder)
  try {
    const bytesBefore = statSync(path).size
    for (const name of CACHES) rmSync(join(folder, name), { recursive: true, force: true })
    rewrite(path)
    return { bytesBefore, bytesAfter: statSync(path).size }
  } catch (error) {
    throw storeError(error, `could not compact ${path}`)
  } finally {
    lock.release()
  }
}

function rewrite(path: string): void {
  const fresh = `${path}.new`
  rmSync(fresh, { force: true })
  try {
    const database = openForWriting(path)
    try {
      const purge = purgeSlices(database)
      while (purge()) {}
      database.prepare('VACUUM INTO ?').run(fresh)
    } finally {
      database.close()
    }
    // The log of the old database must never be read into the new one.
    if (existsSync(`${path}-wal`)) throw new Error('the write-ahead log could not be emptied')
    chmodSync(fresh, PRIVATE_FILE)
    synced(fresh)
    renameSync(fresh, path)
    synced(dirname(path))
  } catch (error) {
    rmSync(fresh, { force: true })
    throw error
  }
}

function synced(path: string): void {
  const file = openSync(path, 'r')
  try {
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}
