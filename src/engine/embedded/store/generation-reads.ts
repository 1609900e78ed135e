import { AppError, shown } from '../../../errors.ts'
import type { LackingRecord, LackingSlice, StoredGeneration } from '../../generation.ts'
import type { Database } from './database.ts'
import {
  copyVectorBlob,
  FINGERPRINT,
  GENERATION_COLUMNS,
  type LiveCollection,
  liveCollections,
  unknownGeneration,
  type VectorBatch,
  type VectorRange,
} from './stored-row.ts'

/** Rows that one slice reads before other calls get their turn. */
const ROWS_PER_SLICE = 1024
/** Rows of a walk whose images are embedded. Small, because a row may change after its slice was read. */
const LACKING_PER_SLICE = 256

interface LackingQuery {
  readonly collection: number
  readonly generation: number
  readonly after: number
}

interface VectorQuery extends VectorRange {
  readonly collection: number
  /** The memory that the vectors go to. */
  readonly into: SharedArrayBuffer
}

/** The calls of a thread that reads vectors and their generations. */
export class GenerationReads {
  protected readonly live: (collection: number) => LiveCollection
  readonly #database: Database
  readonly #statements

  constructor(database: Database) {
    this.#database = database
    this.#statements = prepareStatements(database)
    this.live = liveCollections(database)
  }

  generations({ collection }: { readonly collection: number }): readonly StoredGeneration[] {
    this.live(collection)
    return this.#statements.list.all(collection)
  }

  lacking({ collection, generation, after }: LackingQuery): LackingSlice {
    this.live(collection)
    const rows = this.#statements.lacking.all({ collection, generation, after })
    const records = rows
      .filter(({ has }) => has === 0)
      .map(({ id, contentHash, position }) => ({ id, contentHash, position }))
    return { records, seen: rows.length, last: rows.at(-1)?.position ?? null }
  }

  /** Gives the next batch of a walk. `upto` is the largest key when the walk began: later versions have larger keys. */
  vectors({
    collection,
    generation,
    after,
    upto,
    into,
  }: VectorQuery): VectorBatch & { readonly upto: number } {
    const live = this.live(collection)
    const dimensions =
      generation === live.generation ? live.dimensions : this.#dimensions(collection, generation)
    const end = upto ?? this.#statements.lastKey.get(collection) ?? 0
    const fitting = Math.floor(into.byteLength / (dimensions * 4))
    const limit = Math.max(1, Math.min(ROWS_PER_SLICE, fitting))
    const rows = this.#statements.vectors.all({ collection, after, end, limit, generation })
    // Pages of vectors are not read again soon. A connection caches up to 16 MB of them, and at the end of a walk the
    // allocator would keep them, because other memory lies among them.
    this.#database.pragma('shrink_memory')
    const vectors = new Float32Array(into, 0, rows.length * dimensions)
    rows.forEach(({ id, vector }, i) => {
      if (vector.byteLength !== dimensions * 4) {
        throw new AppError(
          'STORE_FAILED',
          `expected a vector of ${dimensions * 4} bytes, got ${vector.byteLength} for ${shown(id)}`,
        )
      }
      copyVectorBlob(vector, vectors, i * dimensions)
    })
    return {
      keys: rows.map(({ key }) => key),
      ids: rows.map(({ id }) => id),
      vectors,
      fingerprints: rows.map(({ fingerprint }) => fingerprint),
      upto: end,
    }
  }

  #dimensions(collection: number, generation: number): number {
    const found = this.#statements.dimensions.get(collection, generation)
    if (found === undefined) throw unknownGeneration(generation)
    return found
  }
}

interface VectorRow {
  readonly key: number
  readonly id: string
  readonly vector: Uint8Array
  readonly fingerprint: string | null
}

function prepareStatements(database: Database) {
  return {
    list: database.prepare<[number], StoredGeneration>(
      `SELECT ${GENERATION_COLUMNS} FROM generations WHERE collection = ? AND dropped = 0
       ORDER BY generation`,
    ),
    dimensions: database
      .prepare<[number, number], number>(
        'SELECT dimensions FROM generations WHERE collection = ? AND generation = ? AND dropped = 0',
      )
      .pluck(),
    lastKey: database
      .prepare<[number], number | null>('SELECT max(key) FROM records WHERE collection = ?')
      .pluck(),
    lacking: database.prepare<[object], LackingRecord & { readonly has: 0 | 1 }>(
      `SELECT key AS position, id, content_hash AS contentHash,
         EXISTS (SELECT 1 FROM vectors WHERE record = key AND vectors.generation = $generation)
           OR generation = $generation AS has
       FROM records INDEXED BY records_by_key
       WHERE collection = $collection AND key > $after ORDER BY key LIMIT ${LACKING_PER_SLICE}`,
    ),
    vectors: database.prepare<[object], VectorRow>(
      `SELECT key, id, ${FINGERPRINT} AS fingerprint,
         CASE records.generation WHEN $generation THEN records.vector ELSE vectors.vector END AS vector
       FROM records INDEXED BY records_by_key
       LEFT JOIN vectors ON vectors.record = key AND vectors.generation = $generation
       WHERE collection = $collection AND key > $after AND key <= $end
         AND (records.generation = $generation OR vectors.record IS NOT NULL)
       ORDER BY key LIMIT $limit`,
    ),
  }
}
