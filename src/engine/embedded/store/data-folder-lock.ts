import { closeSync, existsSync, mkdirSync, openSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { AppError, messageOf } from '../../../errors.ts'
import { closeToOthers, PRIVATE_FILE, PRIVATE_FOLDER } from '../../../files/private-files.ts'
import { DATABASE_FILE } from './database.ts'
import { readLeftLog } from './open-mark.ts'

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
 * folder cannot be made or written. LOG_MISSING when the write-ahead log of a process that was killed is not there.
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

/** Makes an empty file where there is none. One that is there is not opened: to close it would free its locks. */
function makePrivately(path: string): void {
  if (!existsSync(path)) closeSync(openSync(path, 'wx', PRIVATE_FILE))
}

/**
 * Throws SQLITE_BUSY while another process has the database open: its lock counts for nothing where somebody removed
 * the file of the lock. A log that a killed process left is read on the way. @throws LOG_MISSING
 */
function checkNobodyReads(path: string): void {
  try {
    readLeftLog(path)
  } catch (error) {
    // Whatever else is wrong with the database, who opens it says in more words.
    if (error instanceof AppError) throw error
    if (error instanceof Database.SqliteError && error.code.startsWith('SQLITE_BUSY')) throw error
  }
}

function acquire(folder: string): Database.Database {
  let lock: Database.Database | null = null
  try {
    mkdirSync(folder, { recursive: true, mode: PRIVATE_FOLDER })
    // SQLite would let others read what it makes, and it gives its other files the mode of the database.
    for (const name of [LOCK_FILE, DATABASE_FILE]) makePrivately(join(folder, name))
    closeToOthers(folder, (name) => OURS.test(name))
    lock = new Database(join(folder, LOCK_FILE), { timeout: 0 })
    // Nothing is ever written, so that a full disk does not matter.
    lock.pragma('journal_mode = MEMORY')
    lock.exec('BEGIN EXCLUSIVE')
    checkNobodyReads(join(folder, DATABASE_FILE))
    return lock
  } catch (cause) {
    lock?.close()
    if (cause instanceof AppError) throw cause
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
