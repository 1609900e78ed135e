import { type Clustering, LloydRun } from './lloyd-run.ts'
import type { Random } from './random.ts'
import { type RowMatrix, rowOf } from './row-matrix.ts'
import { squaredEuclidean } from './squared-euclidean.ts'

export interface KMeansOptions {
  /** The number of clusters, from 1 to the number of points. */
  readonly clusters: number
  readonly random: Random
  /** Runs from new seeds, of which the one with the smallest inertia is kept; 3 by default. */
  readonly restarts?: number
  /** The bound of one run, which ends before when no point changes its cluster; 100 by default. */
  readonly maxRounds?: number
  readonly onRestart?: (done: number, total: number) => void
}

/**
 * Clusters points by Lloyd's algorithm from k-means++ seeds (Arthur and Vassilvitskii, SODA 2007).
 * Ties go to the cluster with the lower number, so that the seed of `random` decides everything.
 * It takes time of the order of restarts x rounds x points x clusters x dimensions.
 */
export function kMeans(points: RowMatrix, options: KMeansOptions): Clustering {
  const { clusters, random, restarts = 3, maxRounds = 100, onRestart } = options
  if (!Number.isInteger(clusters) || clusters < 1 || clusters > points.count) {
    throw new RangeError(`expected 1 to ${points.count} clusters, got ${clusters}`)
  }
  if (!Number.isInteger(restarts) || restarts < 1) {
    throw new RangeError(`expected at least 1 restart, got ${restarts}`)
  }
  let best: Clustering | null = null
  for (let done = 0; done < restarts; done++) {
    onRestart?.(done, restarts)
    const run = new LloydRun(points, seedCentres(points, clusters, random))
    const clustering = run.finish(maxRounds)
    if (best === null || clustering.inertia < best.inertia) best = clustering
  }
  onRestart?.(restarts, restarts)
  return best!
}

/**
 * Chooses rows as k-means++ does: each with a probability proportional to its squared distance to
 * the nearest one chosen before; any row once all distances are 0.
 */
function seedCentres(points: RowMatrix, clusters: number, random: Random): RowMatrix {
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
    chosen = total === 0 ? Math.floor(random() * count) : drawRow(nearest, random() * total)
  }
  return { values, count: clusters, dimensions }
}

/** The row at which the running sum of weights passes `target`. */
function drawRow(weights: Float64Array, target: number): number {
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
