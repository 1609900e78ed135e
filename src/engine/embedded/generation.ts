import type { Random } from '../../vector/random.ts'
import type { CollectionSpec } from '../collection-spec.ts'
import type { Filter } from '../filter.ts'
import type { PinnedGeneration, SampledVector } from '../generation.ts'
import type { Metadata } from '../metadata.ts'
import type { EngineAnswer, EngineQuery, IdentityAnswer, IdentityQuery } from '../query.ts'
import type { CollectionStatistics, StatisticsRequest } from '../statistics.ts'
import { Identities } from './identities/identities.ts'
import { RecordSets } from './identities/record-sets.ts'
import type { ThreadedSets } from './identities/threaded-sets.ts'
import { GenerationRows, type RecordVersion } from './rows/generation-rows.ts'
import { GenerationSearch } from './search/generation-search.ts'
import type { Searchers } from './search/planned-search.ts'
import { searchPage } from './search/search-page.ts'
import { statistics } from './statistics.ts'
import type { RecordStore } from './store/record-store.ts'
import type { KeyedRecord, PageOptions, StoredCollection, VectorRange } from './store/stored-row.ts'

/** What holds the rows of one generation and searches them. */
export interface GenerationParts
  extends Searchers,
    Pick<ConstructorParameters<typeof GenerationRows>[0], 'coding'> {
  /** Null where rows are in a file. */
  readonly sets: ThreadedSets | null
}

/** Reads of one collection's truth, none of which names a version that the rows have yet to learn of. */
export interface RecordReads {
  matching(filter: Filter): Promise<Float64Array>
  recordsByKey(keys: readonly number[]): Promise<readonly (KeyedRecord | null)[]>
  page(options: PageOptions): Promise<readonly KeyedRecord[]>
}

/** One generation of a collection, loaded so that it can be searched. */
export class Generation implements PinnedGeneration {
  readonly stored: StoredCollection
  readonly rows: GenerationRows
  readonly searcher: GenerationSearch
  readonly identities: Identities
  readonly #sets: RecordSets | null
  readonly #records: RecordReads
  #pins = 0
  #whenUnpinned: (() => void) | null = null

  constructor(stored: StoredCollection, parts: GenerationParts, records: RecordReads) {
    this.stored = stored
    this.#records = records
    const rows = new GenerationRows(parts)
    this.rows = rows
    this.searcher = new GenerationSearch({ ...parts, rows, records })
    this.#sets = parts.sets && new RecordSets(parts.sets, rows)
    this.identities = new Identities({ spec: stored.spec, sets: this.#sets, rows, records })
  }

  get spec(): CollectionSpec {
    return this.stored.spec
  }

  get generation(): number {
    return this.stored.generation
  }

  get count(): number {
    return this.rows.count
  }

  get memoryBytes(): number {
    return this.rows.memoryBytes + (this.#sets?.memoryBytes ?? 0)
  }

  /** Up to `wanted` records of this moment; each choice and order is equally likely. */
  sample(wanted: number, random: Random): Promise<readonly SampledVector[]> {
    return this.rows.sample(wanted, random)
  }

  vector(id: string): Promise<Float32Array | null> {
    return this.rows.vector(id)
  }

  search(query: EngineQuery, signal?: AbortSignal): Promise<EngineAnswer> {
    const { spec, generation, rows, searcher } = this
    const parts = { spec, generation, rows, search: searcher, records: this.#records }
    return searchPage(parts, query, signal)
  }

  searchIdentities(query: IdentityQuery, signal?: AbortSignal): Promise<IdentityAnswer> {
    return this.identities.search(query, signal)
  }

  async nearFingerprints(id: string, radius: number, most: number): Promise<readonly string[]> {
    return this.rows.nearFingerprints(id, radius, most)
  }

  get withoutFingerprint(): number {
    return this.rows.withoutFingerprint
  }

  statistics(request: StatisticsRequest, signal?: AbortSignal): Promise<CollectionStatistics> {
    return statistics(request, this, signal)
  }

  /** Tells that a version was committed. */
  put(record: RecordVersion, metadata: Metadata): void {
    if (record.replacedKey !== null) this.identities.delete(record.replacedKey)
    this.rows.put(record)
    this.identities.put(record.key, metadata)
  }

  /** Tells that these versions have ended. */
  delete(keys: readonly number[]): void {
    for (const key of keys) this.identities.delete(key)
    this.rows.delete(keys)
  }

  /**
   * Puts what the store holds of it: everything, or the versions of a range of keys.
   * @param check looks at each vector first; what it throws ends the filling.
   */
  async fill(
    store: RecordStore,
    range: Pick<VectorRange, 'after' | 'upto'>,
    check: (id: string, vector: Float32Array) => void = () => undefined,
  ): Promise<void> {
    const { key: collection, generation, spec } = this.stored
    for await (const batch of store.vectors(collection, { generation, ...range })) {
      await this.rows.reserve(batch.keys.length)
      batch.keys.forEach((key, i) => {
        const vector = batch.vectors.subarray(i * spec.dimensions, (i + 1) * spec.dimensions)
        const fingerprint = batch.fingerprints[i] ?? null
        const id = batch.ids[i]!
        check(id, vector)
        this.rows.put({ key, id, vector, fingerprint, replacedKey: null })
      })
    }
  }

  /** Keeps it in memory until the function that it returns is called. */
  pin(): () => void {
    this.#pins++
    return () => {
      this.#pins--
      if (this.#pins === 0) this.#whenUnpinned?.()
    }
  }

  /** Frees the memory once nobody has it pinned; from now on nobody may pin it. */
  async release(): Promise<void> {
    if (this.#pins > 0) {
      await new Promise<void>((resolve) => {
        this.#whenUnpinned = resolve
      })
    }
    this.identities.release()
    this.rows.release()
  }
}
