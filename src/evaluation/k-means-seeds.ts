import type { Random } from '../vector/random.ts'
import { type RowMatrix, rowOf } from '../vector/row-matrix.ts'
import { squaredEuclidean } from '../vector/squared-euclidean.ts'

/**
 * The rows that k-means++ chooses: each with a probability proportional to its squared distance to
 * the nearest one chosen before; any row once all distances are 0.
 */
export function seedCentres(points: RowMatrix, clusters: number, random: Random): RowMatrix {
  const { count, dimensions } = points
  const values = new Float32Array(clusters * dimensions)
  const nearest = new Float64Array(count).fill(Number.POSITIVE_INFINITY)
  let chosen = Math.floor(random() * count)
  for (let cluster = 0; cluster < clusters; cluster++) {
    const centre = rowOf(points, chosen)
    values.set(centre, cluster * dimensions)
    if (cluster === clusters - 1) break
    let total = 0
    for (let row = 0; row < count; row++) {
      const distance = squaredEuclidean(rowOf(points, row), centre)
      if (distance < nearest[row]!) nearest[row] = distance
      total += nearest[row]!
    }
    chosen = total === 0 ? Math.floor(random() * count) : draw(nearest, random() * total)
  }
  return { values, count: clusters, dimensions }
}

/** The row at which the running sum of weights passes `target`. */
function draw(weights: Float64Array, target: number): number {
  let sum = 0
  let last = 0
  for (let row = 0; row < weights.length; row++) {
    if (weights[row] === 0) continue
    sum += weights[row]!
    last = row
    if (sum > target) return row
  }
  return last
}
