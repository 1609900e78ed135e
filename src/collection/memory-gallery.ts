import { AppError } from '../errors.ts'
import type { GraphState, VersionedRows } from '../index/approximate-index.ts'
import type { RowCoding } from '../index/cascade/row-coding.ts'
import type { RowsNow, TreeKind } from '../index/row-trees.ts'
import type { VectorAnswer } from '../index/vector-index.ts'
import { StoredRows } from '../kernels/stored-rows.ts'
import { drawIndices } from '../vector/draw-indices.ts'
import type { Random } from '../vector/random.ts'
import { answerQuery, type Searchers } from './answer-query.ts'
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

interface Parts extends Searchers {
  /** Keeps the codes that the index filters by. */
  readonly coding: RowCoding
}

/** The gallery of the embedded engine: rows in shared memory or in a file, searched by a VectorIndex. */
export class MemoryGallery implements Gallery {
  readonly #parts: Parts
  readonly #rows: Parts['rows']
  readonly #coding: RowCoding
  readonly #background: BackgroundCoding
  readonly #slots = new RowSlots()
  #released = false
  /** Records that were replaced or deleted. */
  #ended = 0

  constructor(parts: Parts) {
    const { rows, coding } = parts
    this.#parts = parts
    this.#rows = rows
    this.#coding = coding
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
    const { rows, coding, trees, graph } = this.#parts
    const copies = (trees?.memoryBytes ?? 0) + (graph?.memoryBytes ?? 0)
    return rows.memoryBytes + coding.memoryBytes + this.#slots.memoryBytes + copies
  }

  get graph(): GraphState {
    return this.#parts.graph?.state ?? { kind: 'none' }
  }

  filled(): void {
    this.#parts.graph?.start(this.#versionedRows())
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
    this.#parts.trees?.touched(row)
    this.#parts.graph?.written(row)
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
      if (exactIndex !== 'scan') this.#checkTrees(exactIndex)
      const from = query.after?.distance ?? -1
      const all = this.#allowedNow(query.without)
      const some =
        query.keys === null ? all : await this.#allowedKeys(await query.keys(), query.without)
      const rowQuery = { vector, k, radius, from, allowed: some.bits }
      signal?.throwIfAborted()
      const facts = this.#parts.planning.facts(this.#rows, this.#coding, {
        ...{ records: all.count, allowed: some.count, k },
        bounded: radius !== Number.POSITIVE_INFINITY,
      })
      // A tree has forgotten what ended while the filter was evaluated; its row is still there to scan.
      const treeRows = ended === this.#ended ? this.#rowsNow() : null
      const searchers = { ...this.#parts, slots: this.#slots }
      const answered = await answerQuery(searchers, query, rowQuery, facts, treeRows, signal)
      const { choice, answer, cost } = answered
      return {
        hits: this.#hits(answer, query),
        exact: choice.graph === null,
        plan: planOf(query, choice.plan),
        ef: choice.graph?.ef ?? null,
        levels: answer.levels,
        distances: distancesOf(answer, choice.plan),
        cost,
      }
    } finally {
      this.#end(ticket)
    }
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
    }
    this.#slots.free(key)
    this.#ended++
  }

  #rowsNow(): RowsNow {
    return { live: this.#slots.liveBits(), hold: () => this.#hold() }
  }

  #versionedRows(): VersionedRows {
    const slots = this.#slots
    return {
      get count() {
        return slots.count
      },
      inUse: () => slots.rowsInUse(),
      key: (row) => slots.key(row),
      hold: () => this.#hold(),
    }
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

  #checkTrees(kind: TreeKind): void {
    if (this.#parts.trees !== null) return
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

function clearBit(bits: Uint32Array, i: number): void {
  bits[i >>> 5]! &= ~(1 << (i & 31))
}

/** The order of answers: distance, then id. */
function comparePositions(a: Position, b: Position): number {
  return a.distance - b.distance || compareIds(a.id, b.id)
}
