import { gaussian, seededRandom } from '../../src/vector/random.ts'
import { toStoredVector } from '../../src/vector/stored-vector.ts'

const CLUSTERS = 1000
const SPREAD = 0.3

export const CLUSTERED = `${CLUSTERS} gaussian clusters, unit length`

/** Makes vectors one after the other, as a collection under cosine stores them. The same seed makes the same ones. */
export function clusteredVectors(dimensions: number, seed: number): () => Float32Array {
  const random = seededRandom(seed)
  const normal = (scale: number) =>
    Float64Array.from({ length: dimensions }, () => gaussian(random) * scale)
  const centres = Array.from({ length: CLUSTERS }, () => normal(1))
  return () => {
    const centre = centres[Math.floor(random() * CLUSTERS)]!
    const numbers = normal(SPREAD).map((value, i) => value + centre[i]!)
    return toStoredVector(numbers, dimensions, 'cosine')
  }
}
