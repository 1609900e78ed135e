import type { VersionedRows } from '../../../index/graph/approximate-index.ts'
import { RowSet } from '../../../index/graph/row-set.ts'
import { GRAPH_LINKS } from './hnsw.ts'

/** Versions on their way into the graph, in the order of their rows. */
interface Adding {
  readonly numbers: Uint32Array
  readonly keys: Float64Array
  /** Rows of these whose version ended on the way. */
  readonly ended: Set<number>
}

/** Share of the vectors in a graph that may be of no record any more before another is made. */
const DEAD_SHARE = 0.2
/** About what a version takes that shares a node. */
const SHARING_BYTES = 100
/** Changes after which the file is written again: the next start makes up for fewer by itself. */
const SAVED_AFTER = 1000
const SAVED_AFTER_SHARE = 0.05

/** Knows what one graph of the thread has of the rows of a collection, and what it does not know yet. */
export class GraphRows {
  /** Names the graph in the thread. */
  readonly graph: number
  /** Rows in use that it has. */
  readonly held = new RowSet()
  /** Rows in use that it lacks, those on their way included. */
  readonly missing = new RowSet()
  #adding: Adding | null = null
  #ended: number[] = []
  #nodes = 0
  #dead = 0
  #changes = 0
  #unsaved = Number.POSITIVE_INFINITY

  constructor(graph: number, inUse: Uint32Array) {
    this.graph = graph
    for (const row of inUse) this.missing.add(row)
  }

  /**
   * The numbers of records in it and of records that it lacks, and of vectors in it that are of no record any more, or of
   * versions that it still takes for alive.
   */
  get counts(): { readonly records: number; readonly fresh: number; readonly dead: number } {
    return { records: this.held.size, fresh: this.missing.size, dead: this.#dead }
  }

  /** Whether so much of it is dead that another is to be made. */
  get isWornOut(): boolean {
    return this.#dead > this.#nodes * DEAD_SHARE
  }

  memoryBytes(dimensions: number): number {
    const nodeBytes = dimensions * 4 + GRAPH_LINKS * 2 * 4 + 64
    return this.#nodes * nodeBytes + Math.max(0, this.held.size - this.#nodes) * SHARING_BYTES
  }

  /** The number of versions that came into it or ended in it. */
  get changes(): number {
    return this.#changes
  }

  /** The number of versions that have ended and that it still takes for alive. */
  get ended(): number {
    return this.#ended.length
  }

  /** Whether enough came or ended since it was last written to its file, or that was tried; always before. */
  get isSaveDue(): boolean {
    return this.#unsaved >= Math.max(SAVED_AFTER, this.held.size * SAVED_AFTER_SHARE)
  }

  wasSaved(): void {
    this.#unsaved = 0
  }

  freed(row: number, key: number): void {
    if (this.held.delete(row)) this.#bury(key)
    else this.missing.delete(row)
    if (this.#adding !== null && placeOf(row, this.#adding.numbers) >= 0)
      this.#adding.ended.add(row)
  }

  /** Takes up to `most` versions to add; they count as missing until `added`. */
  beginAdding(most: number, slots: VersionedRows['slots']): Adding {
    const numbers = this.missing.lowest(most)
    const keys = Float64Array.from(numbers, (row) => slots.key(row))
    this.#adding = { numbers, keys, ended: new Set() }
    return this.#adding
  }

  added(adding: Adding, nodes: number): void {
    this.#nodes = nodes
    this.#has(adding.numbers, adding)
    this.#unsaved += adding.numbers.length
  }

  /** To be called when it was loaded from a file that has `held` of these versions, and `dead` vectors of none. */
  loaded(
    adding: Adding,
    {
      held,
      nodes,
      dead,
    }: { readonly held: Uint32Array; readonly nodes: number; readonly dead: number },
  ): void {
    this.wasSaved()
    this.#nodes = nodes
    this.#dead += dead
    this.#has(held, adding)
  }

  /** Takes the versions to remove; with this call they count as removed. */
  takeEnded(): Float64Array {
    const keys = Float64Array.from(this.#ended)
    this.#ended = []
    return keys
  }

  /** To be called when versions were removed; the vectors of `kept` of them are of other records too. */
  removed(kept: number): void {
    this.#dead -= kept
  }

  /** The rows were pinned, so that none of them holds another version yet. */
  #has(rows: Uint32Array, { numbers, keys, ended }: Adding): void {
    this.#adding = null
    this.#changes += rows.length
    for (const row of rows) {
      if (ended.has(row)) {
        this.#bury(keys[placeOf(row, numbers)]!)
      } else {
        this.missing.delete(row)
        this.held.add(row)
      }
    }
  }

  #bury(key: number): void {
    this.#ended.push(key)
    this.#dead++
    this.#changes++
    this.#unsaved++
  }
}

/** Gives the place of a row in an ascending list; -1 where it is not there. */
function placeOf(row: number, rows: Uint32Array): number {
  let low = 0
  let high = rows.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (rows[middle]! < row) low = middle + 1
    else high = middle
  }
  return rows[low] === row ? low : -1
}
