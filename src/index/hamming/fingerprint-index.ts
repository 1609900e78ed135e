import { bitCount } from '../../vector/bitset.ts'

/** A fingerprint of 64 bits as its upper and lower half, unsigned, and the colours that belong to it. */
export interface Fingerprint {
  readonly upper: number
  readonly lower: number
  /** COLOUR_BYTES of them; left out where they are not known. */
  readonly colours?: Uint8Array
}

export const MAX_FINGERPRINT_RADIUS = 16
/** The most by which one of the colours of the same image differs once it was encoded again or made darker. */
const MAX_COLOUR_DIFFERENCE = 16

const COLOUR_BYTES = 32
/** The digits of the 64 bits; those of the colours follow. */
const BIT_DIGITS = 16

const PARTS = 4
const PART_VALUES = 2 ** 16
const NONE = -1
/** What is known of a row; beside GONE it is what was known of it before it was removed. */
const GONE = 4
const BITS = 1
const BITS_AND_COLOURS = 2
/** 16-bit numbers of at most 4 set bits, those of fewer first; `MASKS_WITHIN[f]` of them have at most f. */
const { MASKS, MASKS_WITHIN } = masksByBits(MAX_FINGERPRINT_RADIUS / PARTS)

/**
 * Fingerprints by row, searched by Hamming distance: multi-index hashing (Norouzi, Punjani and Fleet, Fast Exact
 * Search in Hamming Space with Multi-Index Hashing, 2012). Fingerprints that differ in at most r bits differ in at most r / 4 in
 * one of four parts, so that the rows with such a part are all there is to compare. Of two fingerprints whose colours are known these
 * are compared too. Answers are exact.
 */
export class FingerprintIndex {
  #halves = new Uint32Array(0)
  #known = new Uint8Array(0)
  #colours = new Uint8Array(0)
  /** For each part and value the last row that has it, and for each part and row its neighbours in that list. */
  #heads: Int32Array | null = null
  #next = new Int32Array(0)
  #previous = new Int32Array(0)
  #count = 0

  get count(): number {
    return this.#count
  }

  get memoryBytes(): number {
    const arrays = [this.#halves, this.#known, this.#colours, this.#next, this.#previous]
    return arrays.reduce((sum, array) => sum + array.byteLength, this.#heads?.byteLength ?? 0)
  }

  has(row: number): boolean {
    const known = this.#known[row] ?? 0
    return known >= BITS && known < GONE
  }

  /** Gives the row's fingerprint; it must have one. */
  at(row: number): Fingerprint {
    const bits = { upper: this.#halves[row * 2]!, lower: this.#halves[row * 2 + 1]! }
    return this.#known[row] === BITS ? bits : { ...bits, colours: this.#coloursOf(row) }
  }

  /** Gives a fingerprint to a row that has none. */
  add(row: number, { upper, lower, colours }: Fingerprint): void {
    this.#grow(row + 1)
    this.#heads ??= new Int32Array(PARTS * PART_VALUES).fill(NONE)
    this.#halves[row * 2] = upper
    this.#halves[row * 2 + 1] = lower
    this.#known[row] = colours === undefined ? BITS : BITS_AND_COLOURS
    if (colours !== undefined) this.#coloursOf(row).set(colours)
    this.#count++
    for (let part = 0; part < PARTS; part++) {
      const list = part * PART_VALUES + partOf(upper, lower, part)
      const after = this.#heads[list]!
      this.#heads[list] = row
      this.#next[row * PARTS + part] = after
      this.#previous[row * PARTS + part] = NONE
      if (after !== NONE) this.#previous[after * PARTS + part] = row
    }
  }

  /** Takes the fingerprint of a row away, if it has one. */
  remove(row: number): void {
    if (!this.has(row)) return
    const { upper, lower } = this.at(row)
    this.#known[row]! |= GONE
    this.#count--
    for (let part = 0; part < PARTS; part++) {
      const before = this.#previous[row * PARTS + part]!
      const after = this.#next[row * PARTS + part]!
      if (after !== NONE) this.#previous[after * PARTS + part] = before
      if (before !== NONE) this.#next[before * PARTS + part] = after
      else this.#heads![part * PART_VALUES + partOf(upper, lower, part)] = after
    }
  }

  /** Forgets what a row had before it was removed. To be called where a row is used again without a fingerprint. */
  forget(row: number): void {
    if (row < this.#known.length) this.#known[row] = 0
  }

  /** Counts the bits in which a row differs, also one that was removed and is not used again; Infinity where it has none. */
  bits({ upper, lower }: Fingerprint, row: number): number {
    if ((this.#known[row] ?? 0) === 0) return Number.POSITIVE_INFINITY
    return bitCount(upper ^ this.#halves[row * 2]!) + bitCount(lower ^ this.#halves[row * 2 + 1]!)
  }

  /**
   * Finds rows whose fingerprint differs in at most `radius` bits (whole, 0 to MAX_FINGERPRINT_RADIUS), and in no colour by more than
   * MAX_COLOUR_DIFFERENCE; at most `limit` of them, in no order.
   */
  within({ upper, lower, colours }: Fingerprint, radius: number, limit: number): number[] {
    const rows: number[] = []
    const heads = this.#heads
    if (heads === null) return rows
    const flips = Math.floor(radius / PARTS)
    const masks = MASKS_WITHIN[flips]!
    for (let part = 0; part < PARTS; part++) {
      const value = partOf(upper, lower, part)
      for (let i = 0; i < masks; i++) {
        let row = heads[part * PART_VALUES + (value ^ MASKS[i]!)]!
        for (; row !== NONE; row = this.#next[row * PARTS + part]!) {
          const upperBits = upper ^ this.#halves[row * 2]!
          const lowerBits = lower ^ this.#halves[row * 2 + 1]!
          if (bitCount(upperBits) + bitCount(lowerBits) > radius) continue
          if (foundBefore(upperBits, lowerBits, part, flips)) continue
          if (this.#differsInColour(row, colours)) continue
          if (rows.length === limit) return rows
          rows.push(row)
        }
      }
    }
    return rows
  }

  #coloursOf(row: number): Uint8Array {
    return this.#colours.subarray(row * COLOUR_BYTES, (row + 1) * COLOUR_BYTES)
  }

  #differsInColour(row: number, colours: Uint8Array | undefined): boolean {
    if (colours === undefined || this.#known[row] !== BITS_AND_COLOURS) return false
    for (let i = 0; i < COLOUR_BYTES; i++) {
      const difference = this.#colours[row * COLOUR_BYTES + i]! - colours[i]!
      if (Math.abs(difference) > MAX_COLOUR_DIFFERENCE) return true
    }
    return false
  }

  #grow(rows: number): void {
    const capacity = this.#known.length
    if (rows <= capacity) return
    const larger = Math.max(rows, 256, capacity + (capacity >>> 1))
    this.#halves = copied(this.#halves, new Uint32Array(larger * 2))
    this.#known = copied(this.#known, new Uint8Array(larger))
    this.#colours = copied(this.#colours, new Uint8Array(larger * COLOUR_BYTES))
    this.#next = copied(this.#next, new Int32Array(larger * PARTS))
    this.#previous = copied(this.#previous, new Int32Array(larger * PARTS))
  }
}

/** @param digits 16 hexadecimal digits, and after them those of the colours where they are known. */
export function parseFingerprint(digits: string): Fingerprint {
  const bits = {
    upper: Number.parseInt(digits.slice(0, 8), 16),
    lower: Number.parseInt(digits.slice(8, BIT_DIGITS), 16),
  }
  const colours = Buffer.from(digits.slice(BIT_DIGITS), 'hex')
  return colours.length === COLOUR_BYTES ? { ...bits, colours } : bits
}

function partOf(upper: number, lower: number, part: number): number {
  const half = part < 2 ? upper : lower
  return part % 2 === 0 ? half >>> 16 : half & 0xffff
}

/** Tells whether a row with these different bits is in a list that was walked for an earlier part. */
function foundBefore(upper: number, lower: number, part: number, flips: number): boolean {
  for (let earlier = 0; earlier < part; earlier++) {
    if (bitCount(partOf(upper, lower, earlier)) <= flips) return true
  }
  return false
}

function masksByBits(most: number): { MASKS: Uint16Array; MASKS_WITHIN: readonly number[] } {
  const masks: number[] = []
  const within: number[] = []
  for (let bits = 0; bits <= most; bits++) {
    for (let mask = 0; mask < PART_VALUES; mask++) if (bitCount(mask) === bits) masks.push(mask)
    within.push(masks.length)
  }
  return { MASKS: Uint16Array.from(masks), MASKS_WITHIN: within }
}

function copied<T extends Uint8Array | Uint32Array | Int32Array>(from: T, to: T): T {
  to.set(from)
  return to
}
