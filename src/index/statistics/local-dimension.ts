/**
 * Estimates the local intrinsic dimensionality by maximum likelihood: 1 / mean of ln(r_k / r_j), j < k, of each object's
 * neighbours at r_1 <= … <= r_k (Levina and Bickel, 2004; Amsaleg et al., 2015), pooled over objects by
 * averaging the inverses (MacKay and Ghahramani, 2005). Neighbours at distance 0 are duplicates and left out.
 *
 * @param neighbourhoods ascending distances of a metric, one list an object.
 * @returns null where no neighbourhood has two distances that differ.
 */
export function localDimension(neighbourhoods: readonly Float64Array[]): number | null {
  let logarithms = 0
  let count = 0
  for (const distances of neighbourhoods) {
    const farthest = distances.at(-1)
    if (farthest === undefined) continue
    for (let j = 0; j < distances.length - 1; j++) {
      const distance = distances[j]!
      if (distance === 0) continue
      logarithms += Math.log(farthest / distance)
      count++
    }
  }
  return logarithms > 0 ? count / logarithms : null
}
