import {
  bitCount,
  clearBit,
  hasBit,
  lowestBit,
  setBit,
  sharedBits,
} from '../../../vector/bitset.ts'
import { RowIds } from './row-ids.ts'
import { RowTable } from './row-table.ts'

/**
 * Knows which rows hold which record, and which may be used again. A row that is freed is not given out while a search
 * runs that began before: that one may still read it, and its answer still names its record.
 */
export class RowSlots {
  readonly #ids = new RowIds()
  #keys = new Float64Array(64)
  readonly #rowOfKey = new RowTable((row) => hashOfKey(this.#keys[row]!))
  /** Freed rows, the longest freed first; those before `#nextFreed` are in use again. */
  #freed: { readonly row: number; readonly stamp: number }[] = []
  #nextFreed = 0
  readonly #running = new Set<number>()
  #live = new Uint32Array(0)
  #liveCopy: Uint32Array | null = null
  #stamp = 0
  #count = 0

  get count(): number {
    return this.#count
  }

  /** The bytes of ids, keys and the tables they are found by, about. */
  get memoryBytes(): number {
    const { memoryBytes } = this.#rowOfKey
    return this.#ids.memoryBytes + this.#keys.byteLength + memoryBytes + this.#live.byteLength
  }

  get searching(): boolean {
    return this.#running.size > 0
  }

  /** Also the row of a version that was freed, until the row is used again. */
  rowOfKey(key: number): number | undefined {
    return this.#rowOfKey.find(hashOfKey(key), (row) => this.#keys[row] === key)
  }

  rowOfId(id: string): number | undefined {
    return this.#ids.rowOf(id)
  }

  id(row: number): string {
    return this.#ids.id(row)
  }

  /** Orders two rows by their ids, as `compareIds` does. */
  compareIds(a: number, b: number): number {
    return this.#ids.compare(a, b)
  }

  key(row: number): number {
    return this.#keys[row]!
  }

  keys(): Float64Array {
    return this.#keys.slice(0, this.#ids.rows)
  }

  /** Marks the beginning of a search; every ticket must be given back. */
  beginSearch(): number {
    const ticket = ++this.#stamp
    this.#running.add(ticket)
    return ticket
  }

  get stamp(): number {
    return this.#stamp
  }

  /** Tells whether every search up to a ticket has ended. */
  haveEnded(stamp: number): boolean {
    for (const ticket of this.#running) return ticket > stamp
    return true
  }

  endSearch(ticket: number): void {
    this.#running.delete(ticket)
  }

  /** A row that no search under way can see, or null when a new one is needed. */
  reusable(): number | null {
    const oldest = this.#freed[this.#nextFreed]
    if (oldest === undefined || !this.haveEnded(oldest.stamp)) return null
    this.#nextFreed++
    if (this.#nextFreed * 2 > this.#freed.length) {
      this.#freed = this.#freed.slice(this.#nextFreed)
      this.#nextFreed = 0
    }
    this.#rowOfKey.delete(oldest.row)
    return oldest.row
  }

  /** Makes room for this many rows at once: to make it little by little would hold up other work now and then. */
  reserve(rows: number): void {
    this.#ids.reserve(rows)
    this.#rowOfKey.reserve(rows)
    if (rows > this.#keys.length) this.#keys = larger(this.#keys, new Float64Array(rows))
  }

  /** A row that was given out by `reusable`, or the next new one. */
  occupy(row: number, key: number, id: string): void {
    this.#ids.set(row, id)
    if (row === this.#keys.length) this.#keys = larger(this.#keys, new Float64Array(row * 2))
    this.#keys[row] = key
    this.#rowOfKey.add(row)
    this.#setLive(row, true)
    this.#count++
  }

  free(key: number): void {
    const row = this.rowOfKey(key)
    if (row === undefined || !hasBit(this.#live, row)) return
    this.#count--
    this.#ids.forget(row)
    this.#freed.push({ row, stamp: this.#stamp })
    this.#setLive(row, false)
  }

  /** Bits of the rows in use, as they are now, in shared memory; null when every row is. */
  liveBits(): Uint32Array | null {
    if (this.#count === this.#ids.rows) return null
    if (this.#liveCopy === null) {
      this.#liveCopy = sharedBits(this.#ids.rows)
      this.#liveCopy.set(this.#live.subarray(0, this.#liveCopy.length))
    }
    return this.#liveCopy
  }

  /** Gives the rows in use, ascending. */
  rowsInUse(): Uint32Array {
    const rows = new Uint32Array(this.#count)
    let found = 0
    for (let row = 0; found < rows.length; row++) {
      if (hasBit(this.#live, row)) rows[found++] = row
    }
    return rows
  }

  /** Gives the rows in use that stand at these places in row order, in the order of the places. */
  liveRows(ranks: readonly number[]): number[] {
    const order = ranks.map((_, i) => i).sort((a, b) => ranks[a]! - ranks[b]!)
    const rows = new Array<number>(ranks.length)
    let word = 0
    let before = 0
    for (const i of order) {
      const rank = ranks[i]!
      while (before + bitCount(this.#live[word]!) <= rank) before += bitCount(this.#live[word++]!)
      rows[i] = word * 32 + placeOfBit(this.#live[word]!, rank - before)
    }
    return rows
  }

  #setLive(row: number, live: boolean): void {
    if (row >>> 5 >= this.#live.length) {
      this.#live = larger(this.#live, new Uint32Array(Math.max(64, this.#live.length * 2)))
    }
    if (live) setBit(this.#live, row)
    else clearBit(this.#live, row)
    this.#liveCopy = null
  }
}

/** Keys are counted up, so their low bits tell them apart; the product spreads them (Knuth, 6.4). */
function hashOfKey(key: number): number {
  return Math.imul((key >>> 0) ^ (key / 2 ** 32), 0x9e3779b1) >>> 0
}

/** Gives the place of the set bit that has `below` set bits below it. */
function placeOfBit(word: number, below: number): number {
  let left = word
  for (let i = 0; i < below; i++) left &= left - 1
  return lowestBit(left)
}

function larger<Numbers extends Float64Array | Uint32Array>(from: Numbers, into: Numbers): Numbers {
  into.set(from)
  return into
}
