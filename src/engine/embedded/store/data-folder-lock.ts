import { closeSync, mkdirSync, openSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { AppError, messageOf } from '../../../errors.ts'
import { closeToOthers, PRIVATE_FILE, PRIVATE_FOLDER } from '../../../files/private-files.ts'
import { DATABASE_FILE } from './database.ts'

const LOCK_FILE = 'lock.sqlite'
/** What a data folder has; anything else in it is somebody's own. */
const OURS =
  /^(lookalike\.sqlite.*|lock\.sqlite|reserve|service\.json|graphs|trees|cache|features|trainings|archives)$/

/** Keeps the connections from being collected, which would free their locks. */
const held = new Set<Database.Database>()

/**
 * Takes a data folder for this process, makes it when it is missing, and closes it to other users. The lock is SQLite's exclusive
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
    mkdirSync(folder, { recursive: true, mode: PRIVATE_FOLDER })
    // SQLite would let others read what it makes, and it gives its other files the mode of the database.
    for (const name of [LOCK_FILE, DATABASE_FILE]) {
      closeSync(openSync(join(folder, name), 'a', PRIVATE_FILE))
    }
    closeToOthers(folder, (name) => OURS.test(name))
    lock = new Database(join(folder, LOCK_FILE), { timeout: 0 })
    // Nothing is ever written, so that a full disk does not matter.
    lock.pragma('journal_mode = MEMORY')
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
