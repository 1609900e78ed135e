import type { Random } from '../vector/random.ts'
import type { RowMatrix } from '../vector/row-matrix.ts'
import { seedCentres } from './k-means-seeds.ts'
import { type Clustering, LloydRun } from './lloyd-run.ts'

export interface KMeansOptions {
  /** From 1 to the number of points. */
  readonly clusters: number
  readonly random: Random
  /** Runs from new seeds; the one with the smallest inertia is kept. */
  readonly restarts?: number
  /** Bound of one run; it ends before when no point changes its cluster. */
  readonly maxRounds?: number
  readonly onRestart?: (done: number, total: number) => void
}

const DEFAULTS = { restarts: 3, maxRounds: 100 }

/**
 * k-means by Lloyd's algorithm from k-means++ seeds (Arthur and Vassilvitskii, SODA 2007). Ties go
 * to the cluster with the lower number, so that the seed of `random` decides everything.
 */
export function kMeans(points: RowMatrix, options: KMeansOptions): Clustering {
  const { clusters, random, onRestart } = options
  const { restarts = DEFAULTS.restarts, maxRounds = DEFAULTS.maxRounds } = options
  if (!Number.isInteger(clusters) || clusters < 1 || clusters > points.count) {
    throw new RangeError(`expected 1 to ${points.count} clusters, got ${clusters}`)
  }
  if (!Number.isInteger(restarts) || restarts < 1 || restarts > 100) {
    throw new RangeError(`expected 1 to 100 restarts, got ${restarts}`)
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
