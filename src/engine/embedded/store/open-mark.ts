import { closeSync, existsSync, openSync } from 'node:fs'
import Database from 'better-sqlite3'
import { AppError } from '../../../errors.ts'
import { PRIVATE_FILE } from '../../../files/private-files.ts'
import { openForReading } from './database.ts'

// While a process has the database open, the database says so (`state.opened_at`), and its write-ahead log is there. The
// mark is taken away before the log is. So where the mark is and the log is not, somebody removed the log: it may have had
// writes that were acknowledged.

/** Waits this long for the writer, which may free rows of dropped collections already. */
const WAIT_MS = 5000

/** Keeps the guards from being collected, which would close them: a process that exits collects its store. */
const guards = new Set<Database.Database>()

/** Keeps the mark in the database for as long as the store is open. */
export class OpenMark {
  readonly #path: string
  /**
   * A connection that cannot write removes no log when it is closed, and while it is open no other does: not even that of
   * a thread that dies, which Node closes.
   */
  readonly #guard: Database.Database

  /** Sets the mark. The writer has the database open; where the disk is too full for the mark, there is none. */
  constructor(path: string, now: Date) {
    this.#path = path
    this.#guard = openForReading(path)
    guards.add(this.#guard)
    try {
      this.#guard.prepare('SELECT opened_at FROM state').get()
      connected(path, WAIT_MS, (database) => {
        database.prepare('UPDATE state SET opened_at = ?').run(now.toISOString())
        // In the log alone it would be lost with the log.
        database.pragma('wal_checkpoint(FULL)')
      })
    } catch (error) {
      if (error instanceof Database.SqliteError) return
      this.#closeGuard()
      throw error
    }
  }

  /** Takes the mark away, and the log with it. To be called when the threads of the store have closed the database. */
  release(): void {
    try {
      // Without its log it is not known what the database lacks.
      if (!existsSync(logOf(this.#path))) return
      connected(this.#path, WAIT_MS, (database) => {
        unmark(database)
        this.#closeGuard()
      })
    } catch {
      // Mark and log stay, and the next start reads both.
    } finally {
      this.#closeGuard()
    }
  }

  #closeGuard(): void {
    guards.delete(this.#guard)
    this.#guard.close()
  }
}

/**
 * Reads the log that a killed process left into the database, and takes its mark away. Throws SQLITE_BUSY while another
 * process has the database open. @throws LOG_MISSING
 */
export function readLeftLog(path: string): void {
  const hadLog = existsSync(logOf(path))
  let isMarked = false
  try {
    connected(path, 0, (database) => {
      database.pragma('locking_mode = EXCLUSIVE')
      const openedAt = openedAtOf(database)
      isMarked = openedAt !== null
      if (openedAt === null) return
      if (!hadLog) throw logMissing(path, openedAt)
      unmark(database)
      isMarked = false
    })
  } finally {
    // On a full disk the mark may have stayed, while the log was read and went: an empty one says so.
    if (isMarked && hadLog) closeSync(openSync(logOf(path), 'a', PRIVATE_FILE))
  }
}

/** Gives the time at which the process that has, or had, the database open opened it; null where it was closed. */
function openedAtOf(database: Database.Database): string | null {
  const [state] = database.prepare("SELECT name FROM sqlite_schema WHERE name = 'state'").all()
  if (state === undefined) return null
  const columns = database.pragma('table_info(state)') as { readonly name: string }[]
  // Databases of earlier versions have no mark.
  if (!columns.some(({ name }) => name === 'opened_at')) return null
  return database.prepare<[], string | null>('SELECT opened_at FROM state').pluck().get() ?? null
}

function unmark(database: Database.Database): void {
  database.prepare('UPDATE state SET opened_at = NULL WHERE opened_at IS NOT NULL').run()
}

/** Where it is closed as the last connection, SQLite reads the log into the database and removes it. */
function connected(
  path: string,
  timeout: number,
  use: (database: Database.Database) => void,
): void {
  const database = new Database(path, { timeout })
  try {
    database.pragma('synchronous = FULL')
    use(database)
  } finally {
    database.close()
  }
}

function logOf(path: string): string {
  return `${path}-wal`
}

function logMissing(path: string, openedAt: string): AppError {
  const log = logOf(path)
  return new AppError(
    'LOG_MISSING',
    `expected the write-ahead log ${log}, found none: the process that opened the database at ${openedAt} did not close it, and the latest writes that it acknowledged may be in that log alone. Put the log back, or a backup. If nothing is missing, or what is missing is given up, make an empty file of that name and start again`,
  )
}
