import type { VectorSample } from '../../src/vector/principal-subspace.ts'
import { gaussian, type Random } from '../../src/vector/random.ts'

/** Vectors with normal components, float32. */
export function gaussianVectors(random: Random, count: number, dimensions: number): Float32Array[] {
  return Array.from({ length: count }, () =>
    Float32Array.from({ length: dimensions }, () => gaussian(random)),
  )
}

/** The vectors as a sample to learn from. */
export function sampleOf(vectors: readonly Float32Array[]): VectorSample {
  return { count: vectors.length, vector: (i) => vectors[i]! }
}

/** The next float32 above. */
function nextUp(value: number): number {
  const bits = new Int32Array(1)
  const float = new Float32Array(bits.buffer)
  float[0] = value
  if (value >= 0) bits[0] = bits[0]! + 1
  else bits[0] = bits[0]! - 1
  return float[0]!
}

/** The next float32 below a positive one. */
export function nextDown(value: number): number {
  const bits = new Int32Array(1)
  const float = new Float32Array(bits.buffer)
  float[0] = value
  bits[0] = bits[0]! - 1
  return float[0]!
}

/** Kinds of data on which bounds and orders tend to break. */
export const HARD_SETS: Record<
  string,
  (random: Random, count: number, dimensions: number) => Float32Array[]
> = {
  random: gaussianVectors,
  clustered(random, count, dimensions) {
    const centres = gaussianVectors(random, 8, dimensions)
    return gaussianVectors(random, count, dimensions).map((noise, i) =>
      noise.map((value, j) => centres[i % 8]![j]! + 0.01 * value),
    )
  },
  duplicates(random, count, dimensions) {
    const few = gaussianVectors(random, 5, dimensions)
    return Array.from({ length: count }, (_, i) => few[i % 5]!.slice())
  },
  'one ulp apart'(random, count, dimensions) {
    const [base] = gaussianVectors(random, 1, dimensions)
    return Array.from({ length: count }, (_, i) => {
      const copy = base!.slice()
      copy[i % dimensions] = nextUp(copy[i % dimensions]!)
      return copy
    })
  },
  'huge norms': (random, count, dimensions) => scaled(random, count, dimensions, 1e38),
  'tiny norms': (random, count, dimensions) => scaled(random, count, dimensions, 1e-40),
}

function scaled(random: Random, count: number, dimensions: number, scale: number): Float32Array[] {
  return gaussianVectors(random, count, dimensions).map((vector) =>
    vector.map((value) => Math.max(-2, Math.min(2, value)) * scale),
  )
}
