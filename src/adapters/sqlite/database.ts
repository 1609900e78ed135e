import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import Database from 'better-sqlite3'
import { AppError } from '../../errors.ts'

export type { Database } from 'better-sqlite3'

const SCHEMA_VERSION = 1
/** "look" in ASCII: tells our files from those of other programs. */
const APPLICATION_ID = 0x6c6f6f6b
const BUSY_TIMEOUT_MS = 5000
const MAX_WAL_BYTES_KEPT = 64 * 1024 * 1024

/**
 * `records`: a key is one version, never used again. `seq` counts the changes of the whole database and
 * is that of the last change of the row. The vector comes last, so that reading the columns before it
 * needs none of its overflow pages. `collections` keeps its own sums, so that they need no scan.
 * `tombstones` says which versions ended at which `seq`; old ones are dropped.
 */
const SCHEMA = `
  CREATE TABLE state (
    only INTEGER PRIMARY KEY CHECK (only = 1),
    seq INTEGER NOT NULL
  ) STRICT;
  INSERT INTO state (only, seq) VALUES (1, 0);

  CREATE TABLE collections (
    key INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL,
    spec TEXT NOT NULL,
    dimensions INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    dropped INTEGER NOT NULL DEFAULT 0,
    records INTEGER NOT NULL DEFAULT 0,
    bytes INTEGER NOT NULL DEFAULT 0,
    metadata_bytes INTEGER NOT NULL DEFAULT 0
  ) STRICT;
  CREATE UNIQUE INDEX collections_by_name ON collections (name) WHERE dropped = 0;

  CREATE TABLE records (
    key INTEGER PRIMARY KEY AUTOINCREMENT,
    collection INTEGER NOT NULL REFERENCES collections (key),
    id TEXT NOT NULL,
    seq INTEGER NOT NULL,
    updated_at TEXT NOT NULL,
    content_hash TEXT,
    media_type TEXT,
    width INTEGER,
    height INTEGER,
    image_bytes INTEGER,
    content_bytes INTEGER,
    metadata TEXT NOT NULL,
    vector BLOB NOT NULL,
    UNIQUE (collection, id)
  ) STRICT;
  CREATE INDEX records_by_key ON records (collection, key);
  CREATE INDEX records_by_seq ON records (collection, seq);

  CREATE TABLE contents (
    record INTEGER PRIMARY KEY REFERENCES records (key) ON DELETE CASCADE,
    media_type TEXT NOT NULL,
    bytes BLOB NOT NULL
  ) STRICT;

  CREATE TABLE tombstones (
    seq INTEGER PRIMARY KEY,
    collection INTEGER NOT NULL,
    key INTEGER NOT NULL
  ) STRICT;

  PRAGMA application_id = ${APPLICATION_ID};
  PRAGMA user_version = ${SCHEMA_VERSION};
`

/**
 * The one writing connection; makes the folder, the file and the schema where they are missing.
 * @throws DATA_FOLDER_UNUSABLE for a newer schema and a file of another program. What SQLite and the
 * file system throw is passed on.
 */
export function openForWriting(path: string): Database.Database {
  mkdirSync(dirname(path), { recursive: true })
  const database = new Database(path, { timeout: BUSY_TIMEOUT_MS })
  try {
    const isNew = checkSchema(database, path)
    const mode = database.pragma('journal_mode = WAL', { simple: true })
    if (mode !== 'wal') {
      throw unusable(
        path,
        `expected a write-ahead log, the file system allows ${String(mode)} only`,
      )
    }
    database.pragma('synchronous = FULL')
    database.pragma('foreign_keys = ON')
    database.pragma(`journal_size_limit = ${MAX_WAL_BYTES_KEPT}`)
    if (isNew) database.transaction(() => database.exec(SCHEMA)).immediate()
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

/** True for a file without anything in it. */
function checkSchema(database: Database.Database, path: string): boolean {
  const version = Number(database.pragma('user_version', { simple: true }))
  const application = Number(database.pragma('application_id', { simple: true }))
  if (version === 0 && application === 0) {
    const objects = database.prepare('SELECT count(*) FROM sqlite_schema').pluck().get()
    if (objects === 0) return true
  }
  if (application !== APPLICATION_ID) {
    throw unusable(path, 'expected a database of lookalike, got one of another program')
  }
  if (version !== SCHEMA_VERSION) {
    throw unusable(
      path,
      `expected schema version ${SCHEMA_VERSION}, got ${version}: a newer lookalike wrote it`,
    )
  }
  return false
}

function unusable(path: string, why: string): AppError {
  return new AppError('DATA_FOLDER_UNUSABLE', `cannot use ${path}: ${why}`)
}
