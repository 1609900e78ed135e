import Database from 'better-sqlite3'

/** As lookalike 0.1.0 wrote it, word for word. */
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

  PRAGMA application_id = 0x6c6f6f6b;
  PRAGMA user_version = 1;
`

/** Makes a file of schema version 1 with a collection `old` of two records, the first of which keeps content. */
export function writeVersion1(path: string): void {
  const database = new Database(path)
  try {
    database.pragma('journal_mode = WAL')
    database.exec(SCHEMA)
    database.exec(`
      INSERT INTO collections (name, spec, dimensions, created_at, records, bytes, metadata_bytes)
      VALUES ('old', '${JSON.stringify(VERSION_1_SPEC)}', 4, '2026-01-02T03:04:05.678Z', 2, 321, 13);
      INSERT INTO records (key, collection, id, seq, updated_at, content_hash, media_type, width, height,
        image_bytes, content_bytes, metadata, vector)
      VALUES
        (7, 1, 'a', 1, '2026-01-02T03:04:06.000Z', '${'c'.repeat(64)}', 'image/png', 3, 2, 99, 3,
          '{"label":1}', x'0000803f000000400000404000008040'),
        (9, 1, 'b', 2, '2026-01-02T03:04:07.000Z', NULL, NULL, NULL, NULL, NULL, NULL,
          '{}', x'0000000000000000000000000000803f');
      INSERT INTO contents VALUES (7, 'image/png', x'010203');
      UPDATE sqlite_sequence SET seq = 12 WHERE name = 'records';
      UPDATE state SET seq = 2;
    `)
  } finally {
    database.close()
  }
}

export const VERSION_1_SPEC = {
  name: 'old',
  model: null,
  metric: 'euclidean',
  dimensions: 4,
  fields: [],
  identityField: null,
  cameraField: null,
  keep: 'original',
} as const
