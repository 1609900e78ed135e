import { brandMetric, type Metric, NO_SLACK } from './metric.ts'
import { checkSameLength } from './same-length.ts'

/** The number of bits that differ, of bit strings held in 32-bit words (two for a fingerprint). */
export const hamming: Metric<Uint32Array> = brandMetric('hamming', NO_SLACK, (a, b) => {
  checkSameLength(a, b)
  let bits = 0
  for (let i = 0; i < a.length; i++) bits += bitCount(a[i]! ^ b[i]!)
  return bits
})

/** A 64-bit fingerprint in the words that `hamming` compares: high, low. */
export function fingerprintWords(fingerprint: bigint): Uint32Array {
  return Uint32Array.of(
    Number((fingerprint >> 32n) & 0xffffffffn),
    Number(fingerprint & 0xffffffffn),
  )
}

/** Bits set in a 32-bit word (Warren, Hacker's Delight, figure 5-2). */
function bitCount(word: number): number {
  const pairs = word - ((word >>> 1) & 0x55555555)
  const fours = (pairs & 0x33333333) + ((pairs >>> 2) & 0x33333333)
  return Math.imul((fours + (fours >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24
}
