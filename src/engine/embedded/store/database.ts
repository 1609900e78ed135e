import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import Database from 'better-sqlite3'
import { AppError } from '../../../errors.ts'
import { APPLICATION_ID, MIGRATIONS, migrate } from './migrations.ts'

export type { Database } from 'better-sqlite3'

/** The name of the truth in a data folder. */
export const DATABASE_FILE = 'lookalike.sqlite'

const BUSY_TIMEOUT_MS = 5000
const MAX_WAL_BYTES_KEPT = 64 * 1024 * 1024

/**
 * The one writing connection; makes the folder and the file where they are missing, and brings an older
 * schema up to date.
 * @throws DATA_FOLDER_UNUSABLE for a newer schema and a file of another program. What SQLite and the
 * file system throw is passed on.
 */
export function openForWriting(path: string): Database.Database {
  mkdirSync(dirname(path), { recursive: true })
  const database = new Database(path, { timeout: BUSY_TIMEOUT_MS })
  try {
    checkSchema(database, path)
    const mode = database.pragma('journal_mode = WAL', { simple: true })
    if (mode !== 'wal') {
      throw unusable(
        path,
        `expected a write-ahead log, the file system allows ${String(mode)} only`,
      )
    }
    database.pragma('synchronous = FULL')
    database.pragma('foreign_keys = ON')
    // What is deleted is overwritten with zeros, in the pages that stay and in those that become free.
    database.pragma('secure_delete = ON')
    database.pragma(`journal_size_limit = ${MAX_WAL_BYTES_KEPT}`)
    migrate(database)
    return database
  } catch (error) {
    database.close()
    throw error
  }
}

/** A connection that cannot write, to a file that the writer has opened before. */
export function openForReading(path: string): Database.Database {
  const database = new Database(path, { readonly: true, timeout: BUSY_TIMEOUT_MS })
  try {
    database.pragma('query_only = ON')
    return database
  } catch (error) {
    database.close()
    throw error
  }
}

function checkSchema(database: Database.Database, path: string): void {
  const version = Number(database.pragma('user_version', { simple: true }))
  const application = Number(database.pragma('application_id', { simple: true }))
  if (version === 0 && application === 0) {
    const objects = database.prepare('SELECT count(*) FROM sqlite_schema').pluck().get()
    if (objects === 0) return
  }
  if (application !== APPLICATION_ID) {
    throw unusable(path, 'expected a database of lookalike, got one of another program')
  }
  if (version < 1 || version > MIGRATIONS.length) {
    throw unusable(
      path,
      `expected schema version 1 to ${MIGRATIONS.length}, got ${version}: a newer lookalike wrote it`,
    )
  }
}

function unusable(path: string, why: string): AppError {
  return new AppError('DATA_FOLDER_UNUSABLE', `cannot use ${path}: ${why}`)
}
