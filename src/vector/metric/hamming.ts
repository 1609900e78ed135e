import { bitCount } from '../bitset.ts'
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
