/** The definition, in float64: the mean without those beyond 1.5 times the median distance, until that stays the same. */
export function naiveTemplate(vectors: readonly Float32Array[], unit: boolean): number[] {
  const meanOf = (some: readonly Float32Array[]) => {
    const mean = [...some[0]!].map(
      (_, i) => some.reduce((sum, vector) => sum + vector[i]!, 0) / some.length,
    )
    const length = unit ? Math.hypot(...mean) : 1
    return mean.map((value) => value / length)
  }
  const apart = (vector: Float32Array, centre: readonly number[]) =>
    Math.hypot(...centre.map((value, i) => value - vector[i]!))
  let kept = [...vectors]
  for (let round = 0; round < 5; round++) {
    const centre = meanOf(kept)
    const sorted = vectors.map((vector) => apart(vector, centre)).sort((a, b) => a - b)
    const median = sorted[Math.ceil(sorted.length / 2) - 1]!
    kept = vectors.filter((vector) => apart(vector, centre) <= 1.5 * median)
  }
  return meanOf(kept)
}
