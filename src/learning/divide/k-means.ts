import type { Random } from '../../vector/random.ts'

export interface KMeansOptions {
  readonly iterations: number
  /** The best of so many runs, by the sum of squared distances. */
  readonly restarts: number
}

/** Those of the official divide and conquer. */
const K_MEANS_DEFAULTS: KMeansOptions = { iterations: 100, restarts: 5 }

/**
 * Lloyd's algorithm from k-means++ starts (Arthur and Vassilvitskii 2007). Every cluster keeps a
 * vector when there are as many different ones. Cost: restarts x iterations x rows x count x
 * dimensions.
 *
 * @param vectors rows of `dimensions` numbers, at least one.
 * @returns the cluster of each row, from 0 to count - 1.
 */
export function kMeans(
  vectors: Float32Array,
  dimensions: number,
  count: number,
  random: Random,
  { iterations, restarts }: KMeansOptions = K_MEANS_DEFAULTS,
): Int32Array {
  let best: { readonly clusters: Int32Array; readonly squared: number } | null = null
  for (let run = 0; run < restarts; run++) {
    const found = lloyd(new Rows(vectors, dimensions), count, random, iterations)
    if (best === null || found.squared < best.squared) best = found
  }
  if (best === null) throw new RangeError(`expected restarts of at least 1, got ${restarts}`)
  return best.clusters
}

class Rows {
  readonly values: Float32Array
  readonly dimensions: number
  readonly count: number

  constructor(values: Float32Array, dimensions: number) {
    this.values = values
    this.dimensions = dimensions
    this.count = values.length / dimensions
    if (!Number.isInteger(this.count) || this.count < 1) {
      throw new RangeError(`expected rows of ${dimensions} numbers, got ${values.length} numbers`)
    }
  }

  /** Squared distance of a row and a centre. */
  toCentre(row: number, centres: Float64Array, centre: number): number {
    const { values, dimensions } = this
    let total = 0
    for (let i = 0; i < dimensions; i++) {
      const difference = values[row * dimensions + i]! - centres[centre * dimensions + i]!
      total += difference * difference
    }
    return total
  }

  copyTo(row: number, centres: Float64Array, centre: number): void {
    const { values, dimensions } = this
    centres.set(values.subarray(row * dimensions, (row + 1) * dimensions), centre * dimensions)
  }
}

function lloyd(rows: Rows, count: number, random: Random, iterations: number) {
  const centres = spreadCentres(rows, count, random)
  const clusters = new Int32Array(rows.count).fill(-1)
  const squared = new Float64Array(rows.count)
  for (let iteration = 0; iteration < iterations; iteration++) {
    if (!assign(rows, centres, count, clusters, squared)) break
    refillEmpty(rows, count, clusters, squared)
    moveToMeans(rows, centres, count, clusters)
  }
  return { clusters, squared: squared.reduce((total, value) => total + value, 0) }
}

/** k-means++: each next centre is a row drawn by its squared distance to the nearest so far. */
function spreadCentres(rows: Rows, count: number, random: Random): Float64Array {
  const centres = new Float64Array(count * rows.dimensions)
  const nearest = new Float64Array(rows.count).fill(Number.POSITIVE_INFINITY)
  let chosen = Math.floor(random() * rows.count)
  for (let centre = 0; centre < count; centre++) {
    rows.copyTo(chosen, centres, centre)
    let total = 0
    for (let row = 0; row < rows.count; row++) {
      nearest[row] = Math.min(nearest[row]!, rows.toCentre(row, centres, centre))
      total += nearest[row]!
    }
    chosen = drawBy(nearest, total, random)
  }
  return centres
}

function drawBy(weights: Float64Array, total: number, random: Random): number {
  let left = random() * total
  for (let i = 0; i < weights.length; i++) {
    left -= weights[i]!
    if (left < 0) return i
  }
  return weights.length - 1
}

/** Puts every row to its nearest centre; false when none moved. */
function assign(
  rows: Rows,
  centres: Float64Array,
  count: number,
  clusters: Int32Array,
  squared: Float64Array,
): boolean {
  let moved = false
  for (let row = 0; row < rows.count; row++) {
    let [best, least] = [0, Number.POSITIVE_INFINITY]
    for (let centre = 0; centre < count; centre++) {
      const distance = rows.toCentre(row, centres, centre)
      if (distance < least) {
        least = distance
        best = centre
      }
    }
    moved ||= clusters[row] !== best
    clusters[row] = best
    squared[row] = least
  }
  return moved
}

/** Gives each empty cluster the row that lies farthest from its centre, and not alone. */
function refillEmpty(rows: Rows, count: number, clusters: Int32Array, squared: Float64Array): void {
  const sizes = new Int32Array(count)
  for (const cluster of clusters) sizes[cluster]! += 1
  for (let empty = 0; empty < count; empty++) {
    if (sizes[empty]! > 0) continue
    let farthest = -1
    for (let row = 0; row < rows.count; row++) {
      const far = farthest < 0 ? 0 : squared[farthest]!
      if (squared[row]! > far && sizes[clusters[row]!]! > 1) farthest = row
    }
    if (farthest < 0) return
    sizes[clusters[farthest]!]! -= 1
    sizes[empty] = 1
    clusters[farthest] = empty
    squared[farthest] = 0
  }
}

function moveToMeans(rows: Rows, centres: Float64Array, count: number, clusters: Int32Array): void {
  const { values, dimensions } = rows
  const sizes = new Int32Array(count)
  centres.fill(0)
  for (let row = 0; row < rows.count; row++) {
    const cluster = clusters[row]!
    sizes[cluster]! += 1
    for (let i = 0; i < dimensions; i++) {
      centres[cluster * dimensions + i]! += values[row * dimensions + i]!
    }
  }
  for (let i = 0; i < centres.length; i++) {
    centres[i]! /= Math.max(1, sizes[Math.floor(i / dimensions)]!)
  }
}
