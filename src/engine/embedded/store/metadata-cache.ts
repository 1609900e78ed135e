import { compileFilter, type Filter } from '../../filter.ts'
import type { Metadata } from '../../metadata.ts'
import type { Database } from './database.ts'
import { type LiveCollection, liveCollections } from './stored-row.ts'

export interface MetadataCacheLimits {
  /** Records of all collections together. */
  readonly maxRecords: number
  /** Bytes of metadata as JSON text. Parsed, it occupies up to about twenty times as much. */
  readonly maxBytes: number
}

const DEFAULT_LIMITS: MetadataCacheLimits = {
  maxRecords: 2_000_000,
  maxBytes: 128 * 1024 * 1024,
}

interface CachedCollection {
  metadata: Map<number, Metadata>
  /** Changes up to this one are in `metadata`. */
  seq: number
  records: number
  bytes: number
}

interface MetadataRow {
  readonly key: number
  readonly metadata: string
}

/**
 * Answers filters from parsed metadata, one map a collection, brought up to date from the rows and
 * tombstones since the last call. A collection that does not fit is read from SQLite each time.
 */
export class MetadataCache {
  readonly #limits: MetadataCacheLimits
  readonly #statements
  readonly #live: (collection: number) => LiveCollection
  readonly #upToDate: (collection: number) => CachedCollection | null
  /** Least recently used first. */
  readonly #cached = new Map<number, CachedCollection>()

  constructor(database: Database, limits: Partial<MetadataCacheLimits> = {}) {
    this.#limits = { ...DEFAULT_LIMITS, ...limits }
    this.#statements = prepareStatements(database)
    this.#live = liveCollections(database)
    // One transaction: what is read of sums, tombstones and rows must be of one moment.
    this.#upToDate = database.transaction((collection: number) => this.#refresh(collection))
  }

  /** Keys of the records that meet the filter, in no order. @throws COLLECTION_NOT_FOUND. */
  matching(collection: number, filter: Filter): Float64Array {
    const meets = compileFilter(filter)
    const keys: number[] = []
    const cached = this.#upToDate(collection)
    if (cached === null) {
      for (const row of this.#statements.allRows.iterate(collection)) {
        if (meets(JSON.parse(row.metadata) as Metadata)) keys.push(row.key)
      }
    } else {
      for (const [key, metadata] of cached.metadata) if (meets(metadata)) keys.push(key)
    }
    return Float64Array.from(keys)
  }

  #refresh(collection: number): CachedCollection | null {
    const previous = this.#cached.get(collection)
    this.#cached.delete(collection)
    const { records, metadataBytes } = this.#live(collection)
    if (!this.#makeRoom(records, metadataBytes)) return null
    const seq = this.#statements.seq.get()!
    const cached = previous ?? { metadata: new Map(), seq: 0, records, bytes: metadataBytes }
    this.#apply(collection, cached)
    if (cached.metadata.size !== records) this.#dropEnded(collection, cached)
    Object.assign(cached, { seq, records, bytes: metadataBytes })
    this.#cached.set(collection, cached)
    return cached
  }

  #apply(collection: number, { metadata, seq }: CachedCollection): void {
    if (metadata.size > 0) {
      for (const key of this.#statements.endedSince.iterate(seq, collection)) metadata.delete(key)
    }
    for (const row of this.#statements.changedSince.iterate(collection, seq)) {
      metadata.set(row.key, JSON.parse(row.metadata) as Metadata)
    }
  }

  /**
   * Every live record is in the map, as it was there before or has changed since. So a count that
   * differs means versions whose tombstones are already gone.
   */
  #dropEnded(collection: number, cached: CachedCollection): void {
    const live = new Map<number, Metadata>()
    for (const key of this.#statements.liveKeys.iterate(collection)) {
      live.set(key, cached.metadata.get(key)!)
    }
    cached.metadata = live
  }

  /** Forgets other collections, the least recently used first. False when it does not fit alone. */
  #makeRoom(records: number, bytes: number): boolean {
    const { maxRecords, maxBytes } = this.#limits
    if (records > maxRecords || bytes > maxBytes) return false
    let allRecords = records
    let allBytes = bytes
    for (const other of this.#cached.values()) {
      allRecords += other.records
      allBytes += other.bytes
    }
    for (const [key, other] of this.#cached) {
      if (allRecords <= maxRecords && allBytes <= maxBytes) return true
      this.#cached.delete(key)
      allRecords -= other.records
      allBytes -= other.bytes
    }
    return true
  }
}

function prepareStatements(database: Database) {
  return {
    seq: database.prepare<[], number>('SELECT seq FROM state').pluck(),
    allRows: database.prepare<[number], MetadataRow>(
      'SELECT key, metadata FROM records WHERE collection = ?',
    ),
    changedSince: database.prepare<[number, number], MetadataRow>(
      'SELECT key, metadata FROM records WHERE collection = ? AND seq > ?',
    ),
    endedSince: database
      .prepare<[number, number], number>(
        'SELECT key FROM tombstones WHERE seq > ? AND collection = ?',
      )
      .pluck(),
    liveKeys: database
      .prepare<[number], number>('SELECT key FROM records WHERE collection = ?')
      .pluck(),
  }
}
