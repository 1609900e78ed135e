import { bitCount } from '../bitset.ts'
import { brandMetric, checkSameLength, type Metric, NO_SLACK } from './metric.ts'

/** The number of bits that differ, of bit strings held in 32-bit words (two for a fingerprint). */
export const hamming: Metric<Uint32Array> = brandMetric('hamming', NO_SLACK, (a, b) => {
  checkSameLength(a, b)
  let bits = 0
  for (let i = 0; i < a.length; i++) bits += bitCount(a[i]! ^ b[i]!)
  return bits
})
