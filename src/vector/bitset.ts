// Sets of whole numbers from 0 as bits of 32-bit words: number i is bit i % 32 of word i / 32, rounded down.
// Plain functions, so that loops over rows inline them.

/** Gives the number of bits set in a 32-bit word (Warren, Hacker's Delight, figure 5-2). */
export function bitCount(word: number): number {
  const pairs = word - ((word >>> 1) & 0x55555555)
  const fours = (pairs & 0x33333333) + ((pairs >>> 2) & 0x33333333)
  return Math.imul((fours + (fours >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24
}

/** Gives the place of the lowest bit set in a word that is not 0. */
export function lowestBit(word: number): number {
  return 31 - Math.clz32(word & -word)
}

export function hasBit(bits: Uint32Array, i: number): boolean {
  return ((bits[i >>> 5]! >>> (i & 31)) & 1) === 1
}

export function setBit(bits: Uint32Array, i: number): void {
  bits[i >>> 5]! |= 1 << (i & 31)
}

export function clearBit(bits: Uint32Array, i: number): void {
  bits[i >>> 5]! &= ~(1 << (i & 31))
}

/** Gives the number of bits set in all words. */
export function countBits(bits: Uint32Array): number {
  let count = 0
  for (let i = 0; i < bits.length; i++) count += bitCount(bits[i]!)
  return count
}

/** Room for `count` bits, all unset, in memory that threads share. */
export function sharedBits(count: number): Uint32Array<SharedArrayBuffer> {
  return new Uint32Array(new SharedArrayBuffer(Math.ceil(count / 32) * 4))
}

/** Gives the first `count` bits set, and none beyond, in memory that threads share. */
export function firstBits(count: number): Uint32Array<SharedArrayBuffer> {
  const bits = sharedBits(count).fill(0xffffffff)
  if (count % 32 > 0) bits[bits.length - 1]! >>>= 32 - (count % 32)
  return bits
}

/** Gives the numbers of the bits that are set, ascending. */
export function* setBits(bits: Uint32Array): Generator<number> {
  for (let i = 0; i < bits.length; i++) {
    for (let left = bits[i]!; left !== 0; left &= left - 1) yield i * 32 + lowestBit(left)
  }
}
