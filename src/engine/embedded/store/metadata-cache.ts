import { NEVER_STOPPED } from '../../../threads/stop-flags.ts'
import { type Slices, Turns } from '../../../threads/turns.ts'
import type { Filter } from '../../filter.ts'
import type { Metadata } from '../../metadata.ts'
import { type ChangesSeen, CollectionChanges, type Pace } from './collection-changes.ts'
import type { Database } from './database.ts'
import { type FacetsOfKeys, FacetTable } from './facet-table.ts'
import { MatchedKeys } from './matched-keys.ts'
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

const ALL: Filter = { kind: 'all', filters: [] }
/** About what a slice spends on the lookup of a version. */
const COST_OF_LOOKUP = 4

interface CachedCollection extends ChangesSeen {
  /** Metadata by version. Filters walk it while it changes. */
  readonly byKey: Map<number, Metadata>
  /** Those of its versions that are still to be looked up, where some have ended unseen. */
  unsure: Iterator<number> | null
  /** Filters that are being answered from it: it stays until they are done. */
  users: number
  records: number
  bytes: number
}

interface Begun {
  readonly pace: Pace
  /** Null when the collection does not fit. */
  readonly cached: CachedCollection | null
  readonly isUpToDate: boolean
}

/**
 * Answers filters from parsed metadata, one map a collection, brought up to date from the rows and tombstones since the
 * last call. A collection that does not fit is read from SQLite each time. An answer is of one moment, but the work takes
 * turns with that of other calls.
 */
export class MetadataCache {
  readonly #limits: MetadataCacheLimits
  readonly #turns: Turns
  readonly #changes: CollectionChanges
  readonly #live: (collection: number) => LiveCollection
  readonly #begin: (collection: number, slices: Slices) => Begun
  readonly #advance: (collection: number, cached: CachedCollection, pace: Pace) => boolean
  readonly #advanceMatched: (collection: number, matched: MatchedKeys, pace: Pace) => boolean
  /** Least recently used first. */
  readonly #cached = new Map<number, CachedCollection>()

  constructor(
    database: Database,
    limits: Partial<MetadataCacheLimits> = {},
    turns: Turns = new Turns(),
  ) {
    this.#limits = { ...DEFAULT_LIMITS, ...limits }
    this.#turns = turns
    this.#changes = new CollectionChanges(database)
    this.#live = liveCollections(database)
    // Transactions: what is read of sums, tombstones and rows must be of one moment.
    this.#begin = database.transaction(this.#open.bind(this))
    this.#advance = database.transaction(
      (collection: number, cached: CachedCollection, pace: Pace) => {
        return this.#refresh(collection, cached, pace)
      },
    )
    this.#advanceMatched = database.transaction(this.#match.bind(this))
  }

  /** Keys of the records that meet the filter, in no order. @throws COLLECTION_NOT_FOUND, STOPPED. */
  matching(collection: number, filter: Filter, stop = NEVER_STOPPED): Promise<Float64Array> {
    return this.#matching(collection, filter, this.#turns.begin(stop), null)
  }

  /** Values of some fields in the records that meet the filter, of one moment. @throws as `matching`. */
  async facets(
    collection: number,
    filter: Filter | null,
    fields: readonly string[],
    stop = NEVER_STOPPED,
  ): Promise<FacetsOfKeys> {
    const table = new FacetTable(fields)
    const slices = this.#turns.begin(stop)
    return await table.of(await this.#matching(collection, filter ?? ALL, slices, table), slices)
  }

  async #matching(
    collection: number,
    filter: Filter,
    slices: Slices,
    facets: FacetTable | null,
  ): Promise<Float64Array> {
    const { pace, cached, isUpToDate } = this.#begin(collection, slices)
    if (cached === null) {
      const matched = new MatchedKeys(filter, this.#changes.begin(), facets)
      return await this.#readMatching(collection, matched, pace)
    }
    cached.users++
    try {
      for (let known = isUpToDate; !known; known = this.#advance(collection, cached, pace)) {
        await slices.next()
      }
      const matched = new MatchedKeys(filter, cached, facets)
      const left = cached.byKey.entries()
      // Nothing changes within one slice.
      if (matched.walk(left, slices)) return await matched.keys(slices)
      do await slices.next()
      while (!matched.walk(left, slices))
      return await this.#readMatching(collection, matched, this.#changes.pace(slices))
    } finally {
      cached.users--
    }
  }

  /** Finds or begins the map of a collection, as the one used last, and reads a slice; null when it does not fit. */
  #open(collection: number, slices: Slices): Begun {
    const pace = this.#changes.pace(slices)
    const previous = this.#cached.get(collection)
    this.#cached.delete(collection)
    const live = this.#live(collection)
    const { records, metadataBytes: bytes } = live
    if (!this.#makeRoom(records, bytes)) return { pace, cached: null, isUpToDate: false }
    const byKey = new Map<number, Metadata>()
    const cached = previous ?? {
      ...this.#changes.begin(),
      byKey,
      unsure: null,
      users: 0,
      records,
      bytes,
    }
    this.#cached.set(collection, cached)
    return { pace, cached, isUpToDate: this.#refresh(collection, cached, pace, live) }
  }

  /** Brings the map up to date, as far as the slice lets it; returns whether it is. */
  #refresh(
    collection: number,
    cached: CachedCollection,
    pace: Pace,
    { records, metadataBytes: bytes } = this.#live(collection),
  ): boolean {
    const knowsEnds = cached.unsure !== null && !this.#changes.mayMissEnds(cached)
    if (!this.#dropEnded(cached, pace.slices)) return false
    const isUpToDate = this.#changes.read(
      collection,
      cached,
      {
        cost: 0,
        changed: (key, metadata) => cached.byKey.set(key, metadata),
        ended: (key) => cached.byKey.delete(key),
      },
      pace,
    )
    if (!isUpToDate) return false
    Object.assign(cached, { records, bytes })
    // Every live record is in the map, as it was there before or has changed since. So a count that differs means
    // versions whose tombstones are already gone.
    if (knowsEnds || cached.byKey.size === records) return true
    cached.unsure = cached.byKey.keys()
    return false
  }

  /** Looks up those that may have ended, until the slice or they end; returns whether they did. What ends meanwhile is told. */
  #dropEnded(cached: CachedCollection, slices: Slices): boolean {
    if (cached.unsure === null) return true
    for (let next = cached.unsure.next(); !next.done; next = cached.unsure.next()) {
      if (!this.#changes.isLive(next.value)) cached.byKey.delete(next.value)
      if (slices.spend(COST_OF_LOOKUP)) return false
    }
    cached.unsure = null
    return true
  }

  /** Forgets other collections that nobody uses, the least recently used first. False when it does not fit then. */
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
      if (other.users > 0) continue
      this.#cached.delete(key)
      allRecords -= other.records
      allBytes -= other.bytes
    }
    return allRecords <= maxRecords && allBytes <= maxBytes
  }

  /** Reads the changes that these do not have yet. */
  async #readMatching(collection: number, matched: MatchedKeys, pace: Pace): Promise<Float64Array> {
    while (!this.#advanceMatched(collection, matched, pace)) await pace.slices.next()
    return await matched.keys(pace.slices)
  }

  #match(collection: number, matched: MatchedKeys, pace: Pace): boolean {
    this.#live(collection)
    const mayMissEnds = this.#changes.mayMissEnds(matched)
    const isDone = this.#changes.read(collection, matched, matched, pace)
    if (isDone && mayMissEnds) matched.keep(this.#changes.liveKeys(collection))
    return isDone
  }
}
