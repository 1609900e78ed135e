import { DEFAULT_K } from '../../collection/service.ts'
import { AppError } from '../../errors.ts'
import type { GraphState } from '../../index/graph/approximate-index.ts'
import { FingerprintIndex, parseFingerprint } from '../../index/hamming/fingerprint-index.ts'
import type { RowSets } from '../../index/metric/row-sets.ts'
import type { RowsNow, TreeKind } from '../../index/metric/row-trees.ts'
import { filterBand, type SearchFacts } from '../../index/planner/search-facts.ts'
import type { RowCoding } from '../../index/scan/cascade/row-coding.ts'
import { mapBounded } from '../../scheduling/map-bounded.ts'
import { drawIndices, type Random } from '../../vector/random.ts'
import { BackgroundCoding } from './coding/background-coding.ts'
import type {
  Gallery,
  GalleryAnswer,
  GalleryQuery,
  GalleryRecord,
  SampledVector,
} from './gallery.ts'
import type { GallerySets } from './identities/gallery-sets.ts'
import { MemorySets } from './identities/memory-sets.ts'
import { allowedKeys, allowedNow } from './rows/allowed-rows.ts'
import { RowSlots } from './rows/row-slots.ts'
import { versionedRows } from './rows/versioned-rows.ts'
import {
  type Asked,
  answerQuery,
  graphSearch,
  type Planned,
  planInForce,
  type Searchers,
  scanInTurn,
} from './search/answer-query.ts'
import { distancesOf, isPlain, NO_GRAPH, planOf } from './search/gallery-plan.ts'
import { hitsOf } from './search/hits.ts'
import type { MeasuredRecall } from './search/live-recall.ts'
import type { SearchPlanning } from './search/search-planning.ts'

/** Rows of a sample read at once. */
const READS_AT_ONCE = 16

interface Parts extends Searchers {
  /** Keeps the codes that the index filters by. */
  readonly coding: RowCoding
  /** Null where rows are in a file. */
  readonly sets: RowSets | null
}

/** The gallery of the embedded engine: rows in shared memory or in a file, searched by a RowIndex. */
export class MemoryGallery implements Gallery {
  readonly #parts: Parts
  readonly #rows: Parts['rows']
  readonly #coding: RowCoding
  readonly #background: BackgroundCoding
  readonly #slots = new RowSlots()
  readonly #fingerprints = new FingerprintIndex()
  readonly sets: GallerySets | null
  #released = false
  /** Records that were replaced or deleted. */
  #ended = 0
  #written = 0
  /** Searches that were answered again, to measure. */
  #measured = 0

  constructor(parts: Parts) {
    const { rows, coding, sets } = parts
    this.#parts = parts
    this.#rows = rows
    this.#coding = coding
    this.#background = new BackgroundCoding({
      rows,
      coding,
      pin: () => this.#pin(),
      stamp: () => this.#slots.stamp,
    })
    this.sets = sets && new MemorySets({ sets, slots: this.#slots, pin: () => this.#pin() })
  }

  get count(): number {
    return this.#slots.count
  }

  get memoryBytes(): number {
    const { rows, coding, trees, graph } = this.#parts
    const { memoryBytes: fingerprints } = this.#fingerprints
    const indexes = (trees?.memoryBytes ?? 0) + (graph?.memoryBytes ?? 0)
    const copies = indexes + (this.sets?.memoryBytes ?? 0) + fingerprints
    return rows.memoryBytes + coding.memoryBytes + this.#slots.memoryBytes + copies
  }

  get graph(): GraphState {
    return this.#parts.graph?.state ?? { kind: 'none', reason: NO_GRAPH }
  }

  get plan(): 'scan' | 'graph' {
    const count = this.count
    const facts = { records: count, allowed: count, k: DEFAULT_K, bounded: false }
    return planInForce(this.#parts, this.#facts(facts))
  }

  get recall(): readonly MeasuredRecall[] {
    return this.#parts.recall.measured
  }

  beginFilling(records: number): void {
    this.#slots.reserve(records)
    this.#background.beginFilling()
  }

  filled(): Promise<void> {
    this.#parts.graph?.start(versionedRows(this.#slots, () => this.#pin()))
    return this.#background.filled()
  }

  async reserve(more: number): Promise<void> {
    await this.#background.room()
    if (!this.#released) this.#rows.reserve(more)
  }

  put(record: GalleryRecord): void {
    if (this.#released) return
    if (record.replacedKey !== null) this.#free(record.replacedKey)
    const reused = this.#slots.reusable()
    if (reused !== null) this.#coding.willWrite(reused)
    const row = reused ?? this.#rows.append(record.vector)
    if (reused !== null) this.#rows.write(row, record.vector)
    this.#slots.occupy(row, record.key, record.id)
    this.#written++
    if (record.fingerprint) this.#fingerprints.add(row, parseFingerprint(record.fingerprint))
    this.#parts.trees?.touched(row)
    this.#parts.graph?.written(row)
    this.#background.wrote(row)
  }

  delete(keys: readonly number[]): void {
    for (const key of keys) this.#free(key)
  }

  has(id: string): boolean {
    return this.#slots.rowOfId(id) !== undefined
  }

  keyOf(id: string): number | null {
    const row = this.#slots.rowOfId(id)
    return row === undefined ? null : this.#slots.key(row)
  }

  async vector(id: string): Promise<Float32Array | null> {
    const row = this.#slots.rowOfId(id)
    if (row === undefined) return null
    // The row keeps its vector until it is read, whatever is written meanwhile.
    const release = this.#pin()
    try {
      return await this.#rows.read(row)
    } finally {
      release()
    }
  }

  async sample(wanted: number, random: Random): Promise<readonly SampledVector[]> {
    const ranks = drawIndices(this.count, wanted, random)
    const release = this.#pin()
    try {
      const drawn = this.#slots.liveRows(ranks).map((row) => ({ row, id: this.#slots.id(row) }))
      return await mapBounded(drawn, READS_AT_ONCE, async ({ row, id }) => {
        return { id, vector: await this.#rows.read(row) }
      })
    } finally {
      release()
    }
  }

  search(query: GalleryQuery, signal?: AbortSignal): Promise<GalleryAnswer> {
    this.#parts.recall.saw(query)
    return this.#answered(query, async (asked) => {
      signal?.throwIfAborted()
      const searchers = { ...this.#parts, slots: this.#slots }
      const planned = await answerQuery(searchers, asked, signal)
      const { choice, answer } = planned
      if (choice.plan === 'cascade' && isPlain(query)) this.#background.saw(answer.levels)
      return this.#toAnswer(query, planned)
    })
  }

  async measureRecall(): Promise<boolean> {
    const { recall, graph } = this.#parts
    const query = this.#released ? null : recall.take()
    if (query === null) return false
    // Also where `auto` does without the graph: it may have come within reach.
    const again = { ...query, exactIndex: 'scan', accuracy: 'approximate' } as const
    return this.#answered(again, async (asked) => {
      const searchers = { ...this.#parts, slots: this.#slots }
      const changes = this.#changes
      const exact = await scanInTurn(searchers, asked, this.#measured++)
      const found = await graphSearch(searchers, asked)
      // Both must have seen the same records.
      if (found === null || changes !== this.#changes) return true
      const [near, all] = [this.#toAnswer(query, found), this.#toAnswer(query, exact)]
      recall.learn(filterBand(asked.facts), near, all)
      if (recall.takeRebuild(this.#changes, this.count)) graph?.rebuild()
      return true
    })
  }

  get withoutFingerprint(): number {
    return this.count - this.#fingerprints.count
  }

  nearFingerprints(id: string, radius: number, most: number): readonly string[] {
    const row = this.#slots.rowOfId(id)
    if (row === undefined || !this.#fingerprints.has(row)) return []
    const rows = this.#fingerprints.within(this.#fingerprints.at(row), radius, most)
    return rows.map((near) => this.#slots.id(near))
  }

  release(): void {
    this.#released = true
    this.#background.stop()
    this.#parts.trees?.release()
    this.#parts.graph?.release()
    this.#freeIfQuiet()
  }

  #free(key: number): void {
    const row = this.#slots.rowOfKey(key)
    if (row !== undefined) {
      this.#parts.trees?.touched(row)
      this.#parts.graph?.freed(row)
      this.#fingerprints.remove(row)
    }
    this.#slots.free(key)
    this.#ended++
  }

  /** Calls with the search as it is once its filter is known, under a ticket. */
  async #answered<T>(query: GalleryQuery, answer: (asked: Asked) => Promise<T>): Promise<T> {
    const ticket = this.#slots.beginSearch()
    const ended = this.#ended
    try {
      const { vector, k, radius, exactIndex, ranking } = query
      if (exactIndex !== 'scan') this.#checkTrees(exactIndex)
      const from = query.after?.distance ?? -1
      const slots = this.#slots
      const all = allowedNow(slots, this.#rows.count, query.without)
      // Without a filter all of this is one turn, as the graph asks for.
      const some =
        query.keys === null
          ? all
          : await allowedKeys(slots, this.#rows.count, await query.keys(), query.without)
      const facts = this.#facts({
        ...{ records: all.count, allowed: some.count, k },
        bounded: radius !== Number.POSITIVE_INFINITY,
      })
      // The name tells of this moment's rows: those of another moment have other bounds.
      const named = ranking === undefined ? {} : { ranking: `${this.#changes}/${ranking}` }
      const rowQuery = { vector, k, radius, from, allowed: some.bits, ...named }
      const current = ended === this.#ended
      return await answer({ query, rowQuery, facts, rowsNow: this.#rowsNow(), current })
    } finally {
      this.#end(ticket)
    }
  }

  #facts(asked: Parameters<SearchPlanning['facts']>[2]): SearchFacts {
    return this.#parts.planning.facts(this.#rows, this.#coding, asked)
  }

  #toAnswer(query: GalleryQuery, planned: Planned): GalleryAnswer {
    const { choice, answer, cost } = planned
    return {
      hits: hitsOf(this.#slots, answer, query),
      exact: choice.graph === null,
      plan: planOf(query, planned, this.#parts.graph !== null),
      ef: choice.graph?.ef ?? null,
      levels: answer.levels,
      distances: distancesOf(answer, choice.plan),
      cost,
    }
  }

  get #changes(): number {
    return this.#written + this.#ended
  }

  #rowsNow(): RowsNow {
    const slots = this.#slots
    return { live: slots.liveBits(), keys: () => slots.keys(), pin: () => this.#pin() }
  }

  /** Resolves when the codes have caught up with the rows. */
  coded(): Promise<void> {
    return this.#background.settled()
  }

  #pin(): () => void {
    const ticket = this.#slots.beginSearch()
    return () => this.#end(ticket)
  }

  #checkTrees(kind: TreeKind): void {
    if (this.#parts.trees !== null) return
    throw new AppError(
      'INVALID_REQUEST',
      `expected exactIndex "scan" in a collection of memory "codes", got "${kind}", which has every vector in memory`,
    )
  }

  #end(ticket: number): void {
    this.#slots.endSearch(ticket)
    this.#background.searchEnded((stamp) => this.#slots.haveEnded(stamp))
    this.#freeIfQuiet()
  }

  #freeIfQuiet(): void {
    if (!this.#released || this.#slots.searching) return
    this.#rows.release()
    this.#coding.release()
  }
}
