import { AppError } from '../errors.ts'
import type { RowCoding } from '../index/cascade/row-coding.ts'
import type { Choice } from '../index/planner/planner.ts'
import type { SearchFacts } from '../index/planner/search-facts.ts'
import type { RowsNow, RowTrees, TreeKind } from '../index/row-trees.ts'
import type { ExactWay, VectorAnswer, VectorIndex } from '../index/vector-index.ts'
import { StoredRows } from '../kernels/stored-rows.ts'
import type { VectorRows } from '../kernels/vector-rows.ts'
import { drawIndices } from '../vector/draw-indices.ts'
import type { Random } from '../vector/random.ts'
import { BackgroundCoding } from './background-coding.ts'
import type {
  Gallery,
  GalleryAnswer,
  GalleryQuery,
  Hit,
  Position,
  SampledVector,
} from './gallery.ts'
import { distancesOf, planOf } from './gallery-plan.ts'
import { mapBounded } from './map-bounded.ts'
import { RowSlots, sharedBits } from './row-slots.ts'
import type { SearchPlanning } from './search-planning.ts'
import { compareIds } from './spec.ts'

/** Keys looked up before other work gets its turn: about 1 ms. */
const KEYS_A_TURN = 5_000
/** Rows of a sample read at once. */
const READS_AT_ONCE = 16

/** Rows that may be returned: their bits, null for every row, and how many they are. */
interface Allowed {
  readonly bits: Uint32Array | null
  readonly count: number
}

interface Parts {
  readonly rows: VectorRows | StoredRows
  readonly index: VectorIndex
  /** Keeps the codes that the index filters by. */
  readonly coding: RowCoding
  /** Null where rows are in a file: a tree has all of them in memory. */
  readonly trees: RowTrees | null
  readonly planning: SearchPlanning
}

/** The gallery of the embedded engine: rows in shared memory or in a file, searched by a VectorIndex. */
export class MemoryGallery implements Gallery {
  readonly #rows: VectorRows | StoredRows
  readonly #index: VectorIndex
  readonly #coding: RowCoding
  readonly #background: BackgroundCoding
  readonly #planning: SearchPlanning
  readonly #trees: RowTrees | null
  readonly #slots = new RowSlots()
  #released = false
  /** Records that were replaced or deleted. */
  #ended = 0

  constructor({ rows, index, coding, trees, planning }: Parts) {
    this.#rows = rows
    this.#index = index
    this.#coding = coding
    this.#trees = trees
    this.#planning = planning
    this.#background = new BackgroundCoding({
      rows,
      coding,
      hold: () => this.#hold(),
      stamp: () => this.#slots.stamp,
    })
  }

  get count(): number {
    return this.#slots.count
  }

  get memoryBytes(): number {
    const trees = this.#trees?.memoryBytes ?? 0
    return this.#rows.memoryBytes + this.#coding.memoryBytes + this.#slots.memoryBytes + trees
  }

  async reserve(more: number): Promise<void> {
    await this.#background.room()
    if (!this.#released) this.#rows.reserve(more)
  }

  put(record: { key: number; id: string; vector: Float32Array; replacedKey: number | null }): void {
    if (this.#released) return
    if (record.replacedKey !== null) this.#free(record.replacedKey)
    const reused = this.#slots.reusable()
    if (reused !== null) this.#coding.willWrite(reused)
    const row = reused ?? this.#rows.append(record.vector)
    if (reused !== null) this.#rows.write(row, record.vector)
    this.#slots.occupy(row, record.key, record.id)
    this.#trees?.touched(row)
    this.#background.rowsChanged()
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
    return row === undefined ? null : await this.#read(row)
  }

  async sample(wanted: number, random: Random): Promise<readonly SampledVector[]> {
    const ranks = drawIndices(this.count, wanted, random)
    const letGo = this.#hold()
    try {
      const drawn = this.#slots.liveRows(ranks).map((row) => ({ row, id: this.#slots.id(row) }))
      return await mapBounded(drawn, READS_AT_ONCE, async ({ row, id }) => {
        return { id, vector: await this.#rows.read(row) }
      })
    } finally {
      letGo()
    }
  }

  async search(query: GalleryQuery, signal?: AbortSignal): Promise<GalleryAnswer> {
    const ticket = this.#slots.beginSearch()
    const ended = this.#ended
    try {
      const { vector, k, radius, exactIndex } = query
      const trees = exactIndex === 'scan' ? null : this.#treesOf(exactIndex)
      const from = query.after?.distance ?? -1
      const all = this.#allowedNow(query.without)
      const some =
        query.keys === null ? all : await this.#allowedKeys(await query.keys(), query.without)
      const rowQuery = { vector, k, radius, from, allowed: some.bits }
      signal?.throwIfAborted()
      const facts = this.#planning.facts(this.#rows, this.#coding, {
        ...{ records: all.count, allowed: some.count, k },
        bounded: radius !== Number.POSITIVE_INFINITY,
      })
      // A tree has forgotten what ended while the filter was evaluated; its row is still there to scan.
      const inTree =
        exactIndex === 'scan' || trees === null || ended !== this.#ended
          ? null
          : trees.search(exactIndex, rowQuery, this.#rowsNow())
      const { planner } = this.#planning
      const choice =
        inTree === null ? this.#planning.choose(facts, 'exact', null) : planner.treePlan(facts)
      const { answer, cost } = await this.#planning.timed(choice, facts, () => {
        return inTree ?? this.#index.search({ ...rowQuery, ...this.#way(choice, facts) }, signal)
      })
      return {
        hits: this.#hits(answer, query),
        exact: true,
        plan: planOf(query, choice.plan),
        levels: answer.levels,
        distances: distancesOf(answer, inTree !== null),
        cost,
      }
    } finally {
      this.#end(ticket)
    }
  }

  release(): void {
    this.#released = true
    this.#background.stop()
    this.#trees?.release()
    this.#freeIfQuiet()
  }

  #free(key: number): void {
    const row = this.#slots.rowOfKey(key)
    if (row !== undefined) this.#trees?.touched(row)
    this.#slots.free(key)
    this.#ended++
  }

  #rowsNow(): RowsNow {
    return { live: this.#slots.liveBits(), hold: () => this.#hold() }
  }

  /** Resolves when the codes have caught up with the rows. */
  coded(): Promise<void> {
    return this.#background.settled()
  }

  #hold(): () => void {
    const ticket = this.#slots.beginSearch()
    return () => this.#end(ticket)
  }

  /** The row keeps its vector until it is read, whatever is written meanwhile. */
  async #read(row: number): Promise<Float32Array> {
    const letGo = this.#hold()
    try {
      return await this.#rows.read(row)
    } finally {
      letGo()
    }
  }

  /** What the planner knows of gathering rows does not hold for rows of a file. */
  #way(choice: Choice, facts: SearchFacts): { way?: ExactWay } {
    return this.#rows instanceof StoredRows ? {} : { way: wayOf(choice, facts) }
  }

  #treesOf(kind: TreeKind): RowTrees {
    if (this.#trees !== null) return this.#trees
    throw new AppError(
      'INVALID_REQUEST',
      `expected exactIndex "scan" in a collection of memory "codes", got "${kind}", which has every vector in memory`,
    )
  }

  #end(ticket: number): void {
    this.#slots.endSearch(ticket)
    if (this.#rows instanceof StoredRows)
      this.#rows.recycle((stamp) => this.#slots.haveEnded(stamp))
    this.#background.searchEnded()
    this.#freeIfQuiet()
  }

  #freeIfQuiet(): void {
    if (!this.#released || this.#slots.searching) return
    this.#rows.release()
    this.#coding.release()
  }

  /** Taken in the same turn as the ticket: all rows in use but those left out. */
  #allowedNow(without: readonly string[]): Allowed {
    const live = this.#slots.liveBits()
    const left = without.map((id) => this.#slots.rowOfId(id)).filter((row) => row !== undefined)
    const rows = new Set(left)
    const count = this.#slots.count - rows.size
    if (rows.size === 0) return { bits: live, count }
    const bits = sharedBits(this.#rows.count)
    if (live === null) bits.fill(0xffffffff)
    else bits.set(live)
    for (const row of rows) clearBit(bits, row)
    return { bits, count }
  }

  async #allowedKeys(keys: Float64Array, without: readonly string[]): Promise<Allowed> {
    let count = 0
    const left = new Set(without.map((id) => this.#slots.rowOfId(id)))
    const bits = sharedBits(this.#rows.count)
    for (let i = 0; i < keys.length; i++) {
      if (i > 0 && i % KEYS_A_TURN === 0) await new Promise(setImmediate)
      const row = this.#slots.rowOfKey(keys[i]!)
      if (row === undefined || left.has(row)) continue
      bits[row >>> 5]! |= 1 << (row & 31)
      count++
    }
    return { bits, count }
  }

  #hits(answer: VectorAnswer, query: GalleryQuery): readonly Hit[] {
    const hits: Hit[] = []
    for (let i = 0; i < answer.rows.length; i++) {
      const row = answer.rows[i]!
      const hit = {
        key: this.#slots.key(row),
        id: this.#slots.id(row),
        distance: answer.distances[i]!,
      }
      if (query.after === null || comparePositions(hit, query.after) > 0) hits.push(hit)
    }
    hits.sort(comparePositions)
    return hits.length > query.k ? hits.slice(0, query.k) : hits
  }
}

function wayOf({ plan }: Choice, { allowed }: SearchFacts): ExactWay {
  return plan === 'gather' ? { kind: 'gather', rows: allowed } : { kind: 'cascade' }
}

function clearBit(bits: Uint32Array, i: number): void {
  bits[i >>> 5]! &= ~(1 << (i & 31))
}

/** The order of answers: distance, then id. */
function comparePositions(a: Position, b: Position): number {
  return a.distance - b.distance || compareIds(a.id, b.id)
}
