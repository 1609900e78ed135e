import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { AppError, messageOf } from '../../../errors.ts'

const LOCK_FILE = 'lock.sqlite'

/** Keeps the connections from being collected, which would free their locks. */
const held = new Set<Database.Database>()

/**
 * Takes a data folder for this process, and makes it when it is missing. The lock is SQLite's exclusive
 * lock on a file of its own: the kernel frees it when the process ends, however it ends, so it is never
 * stale. Nothing else in this process may open that file, as closing it would free the lock.
 *
 * @throws DATA_FOLDER_LOCKED when someone else holds it. DATA_FOLDER_UNUSABLE with the cause when the
 * folder cannot be made or written.
 */
export function lockDataFolder(folder: string): { release(): void } {
  const lock = acquire(folder)
  held.add(lock)
  return {
    release() {
      held.delete(lock)
      lock.close()
    },
  }
}

function acquire(folder: string): Database.Database {
  let lock: Database.Database | null = null
  try {
    mkdirSync(folder, { recursive: true })
    lock = new Database(join(folder, LOCK_FILE), { timeout: 0 })
    lock.exec('BEGIN EXCLUSIVE')
    return lock
  } catch (cause) {
    lock?.close()
    if (cause instanceof Database.SqliteError && cause.code.startsWith('SQLITE_BUSY')) {
      throw new AppError(
        'DATA_FOLDER_LOCKED',
        `another lookalike works on the data folder ${folder}: use \`--url\` to work through it, or stop it first`,
        { cause },
      )
    }
    const why = messageOf(cause)
    throw new AppError('DATA_FOLDER_UNUSABLE', `cannot use the data folder ${folder}: ${why}`, {
      cause,
    })
  }
}
