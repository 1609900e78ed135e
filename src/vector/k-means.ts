import type { Random } from './random.ts'
import { type RowMatrix, rowOf, selectRows } from './row-matrix.ts'
import { BLOCK_ROWS, DistanceBlock, squaredEuclidean } from './squared-euclidean.ts'

export interface Clustering {
  /** The cluster of each point, from 0. A cluster may be empty where points are equal. */
  readonly assignment: Int32Array
  /** The mean of each cluster, rounded to float32. */
  readonly centres: RowMatrix
  /** The sum of the squared distances of the points to their centres. */
  readonly inertia: number
}

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
    const clustering = lloyd(points, seedCentres(points, clusters, random), maxRounds)
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

/** Finds the row at which the running sum of weights passes `target`. */
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

/**
 * Makes one run of Lloyd's algorithm. A point whose own centre stayed is only compared with the centres
 * that moved: the others were no nearer in the round before, and are where they were.
 *
 * @param centres to start from, which are moved.
 */
export function lloyd(points: RowMatrix, centres: RowMatrix, maxRounds: number): Clustering {
  const { values, count, dimensions } = points
  const assignment = new Int32Array(count).fill(-1)
  // The squared distance of each point to its own centre.
  const distances = new Float64Array(count)
  const sizes = new Uint32Array(centres.count)
  // The clusters whose centres moved in the round before, and those whose points change in this one.
  const moved = new Uint8Array(centres.count).fill(1)
  const changed = new Uint8Array(centres.count)
  const clusters = [...moved.keys()]
  const block = new DistanceBlock(points)
  const blockDistances = new Float64Array(BLOCK_ROWS * centres.count)

  function give(row: number, cluster: number): void {
    const before = assignment[row]!
    if (before !== -1) {
      changed[before] = 1
      sizes[before]!--
    }
    changed[cluster] = 1
    sizes[cluster]!++
    assignment[row] = cluster
  }

  function assign(): void {
    const ownMoved: number[] = []
    const ownStayed: number[] = []
    for (let row = 0; row < count; row++) {
      const own = assignment[row]!
      if (own === -1 || moved[own] === 1) ownMoved.push(row)
      else ownStayed.push(row)
    }
    assignRows(ownMoved, clusters, false)
    const movedClusters = clusters.filter((cluster) => moved[cluster] === 1)
    if (ownStayed.length > 0) assignRows(ownStayed, movedClusters, true)
  }

  /** Compares points with the centres of some clusters, and with the one they have if it stayed. */
  function assignRows(rows: readonly number[], compared: readonly number[], stayed: boolean): void {
    const to = stayed ? selectRows(centres, compared) : centres
    for (let first = 0; first < rows.length; first += BLOCK_ROWS) {
      const lanes = rows.slice(first, first + BLOCK_ROWS)
      block.measure(lanes, to, blockDistances)
      for (const [lane, row] of lanes.entries()) {
        const own = assignment[row]!
        let best = stayed ? own : compared[0]!
        let nearest = stayed ? distances[row]! : Number.POSITIVE_INFINITY
        for (let i = 0; i < compared.length; i++) {
          const distance = blockDistances[lane * compared.length + i]!
          if (distance < nearest || (distance === nearest && compared[i]! < best)) {
            nearest = distance
            best = compared[i]!
          }
        }
        distances[row] = nearest
        if (best !== own) give(row, best)
      }
    }
  }

  /** An empty cluster takes the point that is worst off, unless no point is off its centre. */
  function fillEmptyClusters(): void {
    for (const cluster of clusters) {
      if (sizes[cluster] !== 0) continue
      let worst = -1
      for (let row = 0; row < count; row++) {
        if (distances[row]! > (worst === -1 ? 0 : distances[worst]!)) worst = row
      }
      if (worst === -1) return
      give(worst, cluster)
      distances[worst] = 0
    }
  }

  function moveCentres(): void {
    const sums = new Float64Array(centres.values.length)
    for (let row = 0; row < count; row++) {
      const cluster = assignment[row]!
      if (changed[cluster] === 0) continue
      const [from, to] = [row * dimensions, cluster * dimensions]
      for (let i = 0; i < dimensions; i++) sums[to + i]! += values[from + i]!
    }
    for (const cluster of clusters) {
      if (changed[cluster] === 0 || sizes[cluster] === 0) continue
      const to = cluster * dimensions
      for (let i = 0; i < dimensions; i++) centres.values[to + i] = sums[to + i]! / sizes[cluster]!
    }
  }

  for (let round = 0; round < maxRounds; round++) {
    changed.fill(0)
    assign()
    fillEmptyClusters()
    if (!changed.includes(1)) break
    moveCentres()
    moved.set(changed)
  }
  // Where the bound ended the run, the last move has yet to be answered.
  if (changed.includes(1)) assign()
  const inertia = distances.reduce((sum, distance) => sum + distance, 0)
  return { assignment, centres, inertia }
}
