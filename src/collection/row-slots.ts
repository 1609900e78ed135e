import { bitCount } from '../vector/bit-count.ts'

/**
 * Which rows hold which record, and which may be used again.
 *
 * A row that is freed is not given out while a search runs that began before: such a search may
 * still read it, and its answer still names its record.
 */
export class RowSlots {
  readonly #rowOfKey = new Map<number, number>()
  readonly #rowOfId = new Map<string, number>()
  readonly #ids: string[] = []
  readonly #keys: number[] = []
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

  get searching(): boolean {
    return this.#running.size > 0
  }

  /** Also the row of a version that was freed, until the row is used again. */
  rowOfKey(key: number): number | undefined {
    return this.#rowOfKey.get(key)
  }

  rowOfId(id: string): number | undefined {
    return this.#rowOfId.get(id)
  }

  id(row: number): string {
    return this.#ids[row]!
  }

  key(row: number): number {
    return this.#keys[row]!
  }

  /** Marks the beginning of a search; every ticket must be given back. */
  beginSearch(): number {
    const ticket = ++this.#stamp
    this.#running.add(ticket)
    return ticket
  }

  endSearch(ticket: number): void {
    this.#running.delete(ticket)
  }

  /** A row that no search under way can see, or null when a new one is needed. */
  reusable(): number | null {
    const oldest = this.#freed[this.#nextFreed]
    if (oldest === undefined) return null
    for (const ticket of this.#running) {
      if (ticket <= oldest.stamp) return null
      break
    }
    this.#nextFreed++
    if (this.#nextFreed * 2 > this.#freed.length) {
      this.#freed = this.#freed.slice(this.#nextFreed)
      this.#nextFreed = 0
    }
    this.#rowOfKey.delete(this.#keys[oldest.row]!)
    return oldest.row
  }

  occupy(row: number, key: number, id: string): void {
    this.#ids[row] = id
    this.#keys[row] = key
    this.#rowOfKey.set(key, row)
    this.#rowOfId.set(id, row)
    this.#setLive(row, true)
    this.#count++
  }

  free(key: number): void {
    const row = this.#rowOfKey.get(key)
    if (row === undefined || !this.#isLive(row)) return
    this.#count--
    const id = this.#ids[row]!
    if (this.#rowOfId.get(id) === row) this.#rowOfId.delete(id)
    this.#freed.push({ row, stamp: this.#stamp })
    this.#setLive(row, false)
  }

  /** Bits of the rows in use, as they are now, in shared memory; null when every row is. */
  liveBits(): Uint32Array | null {
    if (this.#count === this.#ids.length) return null
    this.#liveCopy ??= sharedCopy(this.#live, this.#ids.length)
    return this.#liveCopy
  }

  /** The rows in use that stand at these places in row order, in the order asked. */
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

  #isLive(row: number): boolean {
    return ((this.#live[row >>> 5]! >>> (row & 31)) & 1) === 1
  }

  #setLive(row: number, live: boolean): void {
    const word = row >>> 5
    if (word >= this.#live.length) {
      const larger = new Uint32Array(Math.max(64, this.#live.length * 2))
      larger.set(this.#live)
      this.#live = larger
    }
    if (live) this.#live[word]! |= 1 << (row & 31)
    else this.#live[word]! &= ~(1 << (row & 31))
    this.#liveCopy = null
  }
}

/** Where the set bit is that has `below` set bits below it. */
function placeOfBit(word: number, below: number): number {
  let left = word
  for (let i = 0; i < below; i++) left &= left - 1
  return 31 - Math.clz32(left & -left)
}

/** Bits for `rows` rows, all unset, that threads can share. */
export function sharedBits(rows: number): Uint32Array {
  return new Uint32Array(new SharedArrayBuffer(Math.ceil(rows / 32) * 4))
}

function sharedCopy(bits: Uint32Array, rows: number): Uint32Array {
  const copy = sharedBits(rows)
  copy.set(bits.subarray(0, copy.length))
  return copy
}
