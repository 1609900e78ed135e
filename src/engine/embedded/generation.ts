import type { CollectionSpec } from '../collection-spec.ts'
import type { PinnedGeneration } from '../generation.ts'
import type { MapAnswer, MapQuery } from '../map.ts'
import type { Metadata } from '../metadata.ts'
import type {
  HubsAnswer,
  HubsQuery,
  JoinedPair,
  JoinQuery,
  ReverseAnswer,
  ReverseQuery,
} from '../pairs.ts'
import type {
  CountedRecords,
  CountQuery,
  EngineAnswer,
  EngineQuery,
  FacetAnswer,
  FacetQuery,
  IdentityAnswer,
  IdentityQuery,
  SelectAnswer,
  SelectQuery,
} from '../query.ts'
import type { CollectionStatistics, StatisticsRequest } from '../statistics.ts'
import type { GenerationParts, RecordReads } from './generation-parts.ts'
import { Identities } from './identities/identities.ts'
import { RecordSets } from './identities/record-sets.ts'
import { KeptPlane } from './maps/kept-plane.ts'
import { mapRecords } from './maps/map-records.ts'
import { joinGenerations } from './pairs/generation-join.ts'
import { hubs } from './pairs/hubs.ts'
import { type PairsSearched, reverseSearch } from './pairs/reverse-search.ts'
import { GenerationRows, type RecordVersion } from './rows/generation-rows.ts'
import { countFacets } from './search/facets.ts'
import { GenerationSearch } from './search/generation-search.ts'
import { searchPage } from './search/search-page.ts'
import { selectRecords } from './selection/select-records.ts'
import { statistics } from './statistics.ts'
import type { RecordStore } from './store/record-store.ts'
import type { StoredCollection, VectorRange } from './store/stored-row.ts'

/** One generation of a collection, loaded so that it can be searched. */
export class Generation implements PinnedGeneration {
  readonly stored: StoredCollection
  readonly spec: CollectionSpec
  readonly generation: number
  readonly rows: GenerationRows
  readonly searcher: GenerationSearch
  readonly index: GenerationParts['index']
  readonly selections: GenerationParts['selections']
  readonly identities: Identities
  readonly plane: KeptPlane
  readonly records: RecordReads
  readonly #sets: RecordSets | null
  readonly #searched: PairsSearched
  #pins = 0
  #whenUnpinned: (() => void) | null = null

  constructor(stored: StoredCollection, parts: GenerationParts, records: RecordReads) {
    const { spec } = stored
    const rows = new GenerationRows(parts)
    const sets = parts.sets && new RecordSets(parts.sets, rows, spec.metric)
    this.stored = stored
    this.spec = spec
    this.generation = stored.generation
    this.rows = rows
    this.records = records
    this.index = parts.index
    this.selections = parts.selections
    this.plane = new KeptPlane(rows, parts.selections)
    this.searcher = new GenerationSearch(parts, rows, records)
    this.identities = new Identities({ spec, sets, rows, records })
    this.#sets = sets
    const { index, pairs: threads } = parts
    this.#searched = { space: spec.metric, index, threads, rows, records }
  }

  get count(): number {
    return this.rows.count
  }

  get memoryBytes(): number {
    return this.rows.memoryBytes + (this.#sets?.memoryBytes ?? 0)
  }

  vector(id: string): Promise<Float32Array | null> {
    return this.rows.vector(id)
  }

  search(query: EngineQuery, signal?: AbortSignal): Promise<EngineAnswer> {
    return searchPage(this, query, signal)
  }

  countWithin(query: CountQuery, signal?: AbortSignal): Promise<CountedRecords> {
    return this.searcher.countWithin(query, signal)
  }

  facets(query: FacetQuery, signal?: AbortSignal): Promise<FacetAnswer> {
    return countFacets(this, query, signal)
  }

  select(query: SelectQuery, signal?: AbortSignal): Promise<SelectAnswer> {
    return selectRecords(this, query, signal)
  }

  map(query: MapQuery, signal?: AbortSignal): Promise<MapAnswer> {
    return mapRecords(this, query, signal)
  }

  searchIdentities(query: IdentityQuery, signal?: AbortSignal): Promise<IdentityAnswer> {
    return this.identities.search(query, signal)
  }

  /** @param other of this engine. */
  join(
    other: PinnedGeneration | null,
    query: JoinQuery,
    signal: AbortSignal,
  ): AsyncGenerator<readonly JoinedPair[]> {
    const right = other === this ? null : other
    if (right !== null && !(right instanceof Generation)) {
      throw new TypeError('expected a generation of this engine')
    }
    return joinGenerations(this.spec.metric, this.#searched.threads, this, right, query, signal)
  }

  reverseSearch(query: ReverseQuery, signal: AbortSignal): Promise<ReverseAnswer> {
    return reverseSearch(this.#searched, query, signal)
  }

  hubs(query: HubsQuery, signal: AbortSignal): Promise<HubsAnswer> {
    return hubs(this.#searched, query, signal)
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

  put(record: RecordVersion, metadata: Metadata): void {
    if (record.replacedKey !== null) this.identities.delete(record.replacedKey)
    this.rows.put(record)
    this.identities.put(record.key, metadata)
  }

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

  /** Keeps it in memory until what it returns is called. */
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
