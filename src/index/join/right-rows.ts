import { bitCount, hasBit } from '../../vector/bitset.ts'
import { codedBits } from '../scan/cascade/coded-rows.ts'
import type { RowsRange } from '../scan/row-share.ts'
import type { JoinTask } from './join-task.ts'

const NONE: readonly number[] = []
/** Up to this share of rows that may be in a pair, their codes are looked at one by one. */
const SPARSE = 1 / 16

/** The rows of the right side of a join that may be in a pair: those that had codes when it began, and the others. */
export class RightRows {
  /** One bit a row, set where the row has codes and is allowed. */
  readonly bits: Uint32Array
  readonly #allowed: Uint32Array | null
  readonly #hasUncoded: boolean
  /** The last strip that was counted, and the answer. */
  #counted: RowsRange | null = null
  #isSparse = false

  constructor({ rows, codes, allowed }: JoinTask['right']) {
    const words = Math.ceil(rows.count / 32)
    const bits = new Uint32Array(words)
    if (codes !== null) bits.set(codedBits(codes, rows.count))
    this.#allowed = allowed
    let hasUncoded = false
    for (let word = 0; word < words; word++) {
      const wanted = allowed === null ? allBits(word, rows.count) : (allowed[word] ?? 0)
      if ((wanted & ~bits[word]!) !== 0) hasUncoded = true
      bits[word]! &= wanted
    }
    this.bits = bits
    this.#hasUncoded = hasUncoded
  }

  /** Tells whether few rows of a strip, which begins and ends at words of bits, are coded and allowed. */
  isSparse(strip: RowsRange): boolean {
    if (this.#counted === strip) return this.#isSparse
    let count = 0
    for (let word = strip.first >>> 5; word << 5 < strip.end; word++) {
      count += bitCount(this.bits[word]!)
    }
    this.#counted = strip
    this.#isSparse = count <= (strip.end - strip.first) * SPARSE
    return this.#isSparse
  }

  /** Lists the rows of a range that are coded and allowed. */
  coded({ first, end }: RowsRange): readonly number[] {
    const list: number[] = []
    for (let row = first; row < end; ) {
      if ((row & 31) === 0 && this.bits[row >>> 5] === 0) {
        row += 32
        continue
      }
      if (hasBit(this.bits, row)) list.push(row)
      row++
    }
    return list
  }

  /** Lists the rows of a range that are allowed and not coded. */
  uncoded({ first, end }: RowsRange): readonly number[] {
    if (!this.#hasUncoded) return NONE
    const list: number[] = []
    for (let row = first; row < end; row++) {
      if (hasBit(this.bits, row)) continue
      if (this.#allowed === null || hasBit(this.#allowed, row)) list.push(row)
    }
    return list
  }
}

function allBits(word: number, rows: number): number {
  const left = rows - word * 32
  return left >= 32 ? -1 : 2 ** left - 1
}
