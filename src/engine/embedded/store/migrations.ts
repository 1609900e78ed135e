import type { Database } from 'better-sqlite3'

/** "look" in ASCII. It marks a file as ours. */
export const APPLICATION_ID = 0x6c6f6f6b

/**
 * `records`: a key is one version, never used again. `seq` counts the changes of the whole database and
 * is that of the last change of the row. The vector comes last, so that reading the columns before it
 * needs none of its overflow pages. `collections` keeps its own sums, so that they need no scan.
 * `tombstones` says which versions ended at which `seq`; old ones are dropped.
 */
const VERSION_1 = `
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
`

/**
 * 64 bits, big-endian; null for a record that came as a vector or before there were fingerprints. SQLite can
 * add a column only after the vector, which costs a look-up the overflow pages of the vector.
 */
const VERSION_2 = 'ALTER TABLE records ADD COLUMN fingerprint BLOB'

/** `job` is all of a job but its input, as JSON; the input never changes and may be large. */
const VERSION_3 = `
  CREATE TABLE jobs (
    key INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    job TEXT NOT NULL,
    input TEXT NOT NULL
  ) STRICT
`

/**
 * `generation` of a collection is the one that is searched, that of a record the one its own `vector` belongs to (-1:
 * to none any more); vectors of other generations lie in `vectors`. What makes the vectors of generation 0 was written
 * down in `spec` alone before there were others. `last_generation` was given last, so that no number is given twice.
 */
const VERSION_4 = `
  ALTER TABLE collections ADD COLUMN generation INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE collections ADD COLUMN last_generation INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE records ADD COLUMN generation INTEGER NOT NULL DEFAULT 0;

  CREATE TABLE generations (
    collection INTEGER NOT NULL REFERENCES collections (key) ON DELETE CASCADE,
    generation INTEGER NOT NULL,
    model TEXT NOT NULL,
    model_sha256 TEXT,
    dimensions INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    dropped INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (collection, generation)
  ) STRICT;

  CREATE TABLE vectors (
    record INTEGER NOT NULL REFERENCES records (key) ON DELETE CASCADE,
    generation INTEGER NOT NULL,
    vector BLOB NOT NULL,
    UNIQUE (record, generation)
  ) STRICT;
`

/** The time at which the process that has the database open opened it; null when it was closed. See `open-mark.ts`. */
const VERSION_5 = 'ALTER TABLE state ADD COLUMN opened_at TEXT'

/** Documents are kept with a collection, by name, as JSON text. */
const VERSION_6 = `
  CREATE TABLE documents (
    collection INTEGER NOT NULL REFERENCES collections (key) ON DELETE CASCADE,
    name TEXT NOT NULL,
    document TEXT NOT NULL,
    PRIMARY KEY (collection, name)
  ) STRICT;
`

/** The times at which records are to be deleted, in milliseconds since 1970. A column of `records` would come after the vector. */
const EXPIRIES = `
  CREATE TABLE expiries (
    record INTEGER PRIMARY KEY REFERENCES records (key) ON DELETE CASCADE,
    at INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX expiries_by_time ON expiries (at, record);
`

/**
 * What is known of identities beside their records: own metadata by identity, and differences by pair. `identity_effects` says
 * what each change did to records and facts, so that it can be undone; `all_effects` counts those up to and
 * with a change. Subjects and values are JSON text; null: not there.
 */
const VERSION_7 = `
  ALTER TABLE collections ADD COLUMN last_identity_change INTEGER NOT NULL DEFAULT 0;

  CREATE TABLE identity_facts (
    collection INTEGER NOT NULL REFERENCES collections (key) ON DELETE CASCADE,
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (collection, kind, subject)
  ) STRICT;

  CREATE TABLE identity_changes (
    collection INTEGER NOT NULL REFERENCES collections (key) ON DELETE CASCADE,
    number INTEGER NOT NULL,
    at TEXT NOT NULL,
    by TEXT,
    kind TEXT NOT NULL,
    what TEXT NOT NULL,
    records INTEGER NOT NULL,
    all_effects INTEGER NOT NULL,
    undoes INTEGER,
    undone_by INTEGER,
    PRIMARY KEY (collection, number)
  ) STRICT;

  CREATE TABLE identity_effects (
    collection INTEGER NOT NULL,
    number INTEGER NOT NULL,
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    before TEXT,
    after TEXT,
    PRIMARY KEY (collection, number, kind, subject),
    FOREIGN KEY (collection, number) REFERENCES identity_changes (collection, number) ON DELETE CASCADE
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX identity_effects_by_subject ON identity_effects (collection, kind, subject, number);
`

/**
 * Step i makes version i + 1 of version i; the last is the schema of today. Steps that were released never
 * change. A start waits for them, 60 s at most: what takes longer belongs in the background.
 */
export const MIGRATIONS: readonly string[] = [
  VERSION_1,
  VERSION_2,
  VERSION_3,
  VERSION_4,
  VERSION_5,
  VERSION_6,
  VERSION_7,
  EXPIRIES,
]

/** Runs the steps that the file has not seen, each with its number in one transaction. */
export function migrate(database: Database, steps: readonly string[] = MIGRATIONS): void {
  const step = database.transaction((version: number) => {
    database.exec(steps[version]!)
    database.pragma(`user_version = ${version + 1}`)
  })
  const from = Number(database.pragma('user_version', { simple: true }))
  for (let version = from; version < steps.length; version++) step.immediate(version)
}
