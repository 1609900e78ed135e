import { AppError, shown } from '../../../errors.ts'
import type { Database } from './database.ts'
import type { LackingRecord, LackingSlice, StoredGeneration } from './generation-store.ts'
import type { VectorRange } from './record-store.ts'
import {
  FINGERPRINT,
  GENERATION_COLUMNS,
  type LiveCollection,
  liveCollections,
  unknownGeneration,
} from './stored-row.ts'
import { copyVectorBlob } from './vector-blob.ts'

/** Rows read before other calls get their turn. */
const ROWS_PER_SLICE = 1024
/** Of a walk that has pictures embedded: what it holds of them is of this moment. */
const LACKING_PER_SLICE = 256

interface LackingQuery {
  readonly collection: number
  readonly generation: number
  readonly after: number
}

type VectorQuery = Omit<VectorRange, 'generation'> & {
  readonly collection: number
  readonly generation: number | null
  /** Where the vectors go. */
  readonly into: SharedArrayBuffer
}

/** A slice of a walk over vectors. */
interface VectorSlice {
  readonly keys: readonly number[]
  readonly ids: readonly string[]
  readonly vectors: Float32Array
  readonly fingerprints: readonly (string | null)[]
  /** The largest key when the walk began. Later versions have larger keys, so it ends here. */
  readonly upto: number
}

/** The reads of vectors and of their generations. */
export class GenerationReads {
  readonly #database: Database
  readonly #statements
  readonly #live: (collection: number) => LiveCollection

  constructor(database: Database) {
    this.#database = database
    this.#statements = prepareStatements(database)
    this.#live = liveCollections(database)
  }

  list(collection: number): readonly StoredGeneration[] {
    this.#live(collection)
    return this.#statements.list.all(collection)
  }

  lacking({ collection, generation, after }: LackingQuery): LackingSlice {
    this.#live(collection)
    const rows = this.#statements.lacking.all({ collection, generation, after })
    const records = rows
      .filter(({ has }) => has === 0)
      .map(({ key, id, contentHash }) => ({ key, id, contentHash }))
    return { records, seen: rows.length, last: rows.at(-1)?.key ?? null }
  }

  vectors({ collection, generation, after, upto, into }: VectorQuery): VectorSlice {
    const live = this.#live(collection)
    const wanted = generation ?? live.generation
    const dimensions =
      wanted === live.generation ? live.dimensions : this.#dimensions(collection, wanted)
    const end = upto ?? this.#statements.lastKey.get(collection) ?? 0
    const fitting = Math.floor(into.byteLength / (dimensions * 4))
    const limit = Math.max(1, Math.min(ROWS_PER_SLICE, fitting))
    const rows = this.#statements.vectors.all({ collection, after, end, limit, generation: wanted })
    // Pages of vectors are not asked for again soon. At the end of a walk they would lie among other memory, all 16 MB
    // that a connection caches, and the allocator would keep them.
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
      `SELECT key, id, content_hash AS contentHash,
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
