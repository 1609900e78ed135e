import { gaussian, type Random } from '../../src/vector/random.ts'
import { toStoredVector } from '../../src/vector/stored-vector.ts'

export const DIMENSIONS = 128

/** Makes vectors like embeddings: gaussian clusters of low intrinsic dimension, of unit length. */
export function clustered(random: Random, count: number): Float32Array[] {
  const normal = (length: number) => Float64Array.from({ length }, () => gaussian(random))
  const centres = Array.from({ length: 100 }, () => ({
    centre: normal(DIMENSIONS),
    axes: Array.from({ length: 8 }, () => normal(DIMENSIONS)),
  }))
  return Array.from({ length: count }, () => {
    const { centre, axes } = centres[Math.floor(random() * centres.length)]!
    const vector = centre.slice()
    for (const axis of axes) {
      const along = 0.15 * gaussian(random)
      for (let i = 0; i < DIMENSIONS; i++) vector[i] = vector[i]! + along * axis[i]!
    }
    return toStoredVector(vector, DIMENSIONS, 'cosine')
  })
}
