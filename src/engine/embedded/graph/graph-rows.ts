import type { VersionedRows } from '../../../index/graph/approximate-index.ts'
import { RowSet } from '../../../index/graph/row-set.ts'

/** Versions on their way into the graph, in the order of their rows. */
interface Adding {
  readonly numbers: Uint32Array
  readonly keys: Float64Array
  /** Rows of these whose version ended on the way. */
  readonly ended: Set<number>
}

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

  /** The number of vectors in it, those of no record among them. */
  get nodes(): number {
    return this.#nodes
  }

  /** The number of vectors in it that are of no record any more, and of versions that it still takes for alive. */
  get dead(): number {
    return this.#dead
  }

  /** The number of versions that came into it or ended in it. */
  get changes(): number {
    return this.#changes
  }

  /** The number of versions that have ended and that it still takes for alive. */
  get ended(): number {
    return this.#ended.length
  }

  /** Versions that came or ended since it was last written to its file, or that was tried; Infinity before. */
  get unsaved(): number {
    return this.#unsaved
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
