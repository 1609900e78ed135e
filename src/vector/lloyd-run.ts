import { type RowMatrix, selectRows } from './row-matrix.ts'
import { BLOCK_ROWS, DistanceBlock } from './squared-euclidean.ts'

export interface Clustering {
  /** The cluster of each point, from 0. A cluster may be empty where points are equal. */
  readonly assignment: Int32Array
  /** The mean of each cluster, rounded to float32. */
  readonly centres: RowMatrix
  /** The sum of the squared distances of the points to their centres. */
  readonly inertia: number
}

/**
 * Makes one run of Lloyd's algorithm. A point whose own centre stayed is only compared with the centres
 * that moved: the others were no nearer in the round before, and are where they were.
 */
export class LloydRun {
  readonly #points: RowMatrix
  readonly #centres: RowMatrix
  readonly #assignment: Int32Array
  /** The squared distance of each point to its own centre. */
  readonly #distances: Float64Array
  readonly #moved: Uint8Array
  readonly #block: DistanceBlock
  readonly #blockDistances: Float64Array

  /** @param centres to start from; they become the run's own. */
  constructor(points: RowMatrix, centres: RowMatrix) {
    this.#points = points
    this.#centres = centres
    this.#assignment = new Int32Array(points.count).fill(-1)
    this.#distances = new Float64Array(points.count)
    this.#moved = new Uint8Array(centres.count).fill(1)
    this.#block = new DistanceBlock(points)
    this.#blockDistances = new Float64Array(BLOCK_ROWS * centres.count)
  }

  finish(maxRounds: number): Clustering {
    const changed = new Uint8Array(this.#centres.count)
    for (let round = 0; round < maxRounds; round++) {
      changed.fill(0)
      this.#assign(changed)
      this.#fillEmptyClusters(changed)
      if (!changed.includes(1)) break
      this.#moveCentres(changed)
      this.#moved.set(changed)
    }
    // Where the bound ended the run, the last move has yet to be answered.
    if (changed.includes(1)) this.#assign(changed)
    const inertia = this.#distances.reduce((sum, distance) => sum + distance, 0)
    return { assignment: this.#assignment, centres: this.#centres, inertia }
  }

  #assign(changed: Uint8Array): void {
    const ownMoved: number[] = []
    const ownStayed: number[] = []
    for (let row = 0; row < this.#points.count; row++) {
      const own = this.#assignment[row]!
      if (own === -1 || this.#moved[own] === 1) ownMoved.push(row)
      else ownStayed.push(row)
    }
    const all = Array.from({ length: this.#centres.count }, (_, cluster) => cluster)
    const moved = all.filter((cluster) => this.#moved[cluster] === 1)
    this.#assignRows(ownMoved, all, changed)
    if (moved.length > 0) this.#assignRows(ownStayed, moved, changed)
  }

  /** Compares these points with these clusters' centres, and the centre they have if it stayed. */
  #assignRows(rows: readonly number[], clusters: readonly number[], changed: Uint8Array): void {
    const isAll = clusters.length === this.#centres.count
    const centres = isAll ? this.#centres : selectRows(this.#centres, clusters)
    for (let first = 0; first < rows.length; first += BLOCK_ROWS) {
      const lanes = rows.slice(first, first + BLOCK_ROWS)
      this.#block.measure(lanes, centres, this.#blockDistances)
      for (const [lane, row] of lanes.entries()) {
        const own = this.#assignment[row]!
        const keepsOwn = own !== -1 && this.#moved[own] === 0
        let best = keepsOwn ? own : clusters[0]!
        let nearest = keepsOwn ? this.#distances[row]! : Number.POSITIVE_INFINITY
        for (let i = 0; i < clusters.length; i++) {
          const distance = this.#blockDistances[lane * clusters.length + i]!
          if (distance < nearest || (distance === nearest && clusters[i]! < best)) {
            nearest = distance
            best = clusters[i]!
          }
        }
        this.#distances[row] = nearest
        if (best !== own) this.#give(row, best, changed)
      }
    }
  }

  #give(row: number, cluster: number, changed: Uint8Array): void {
    const before = this.#assignment[row]!
    if (before !== -1) changed[before] = 1
    changed[cluster] = 1
    this.#assignment[row] = cluster
  }

  /** An empty cluster takes the point that is worst off, unless no point is off its centre. */
  #fillEmptyClusters(changed: Uint8Array): void {
    const sizes = this.#sizes()
    for (let cluster = 0; cluster < sizes.length; cluster++) {
      if (sizes[cluster] !== 0) continue
      let worst = -1
      for (let row = 0; row < this.#points.count; row++) {
        const distance = this.#distances[row]!
        if (distance > (worst === -1 ? 0 : this.#distances[worst]!)) worst = row
      }
      if (worst === -1) return
      sizes[this.#assignment[worst]!]!--
      sizes[cluster] = 1
      this.#give(worst, cluster, changed)
      this.#distances[worst] = 0
    }
  }

  #moveCentres(changed: Uint8Array): void {
    const { values, dimensions } = this.#points
    const sizes = this.#sizes()
    const sums = new Float64Array(sizes.length * dimensions)
    for (let row = 0; row < this.#points.count; row++) {
      const cluster = this.#assignment[row]!
      if (changed[cluster] === 0) continue
      const [from, to] = [row * dimensions, cluster * dimensions]
      for (let i = 0; i < dimensions; i++) sums[to + i]! += values[from + i]!
    }
    for (let cluster = 0; cluster < sizes.length; cluster++) {
      if (changed[cluster] === 0 || sizes[cluster] === 0) continue
      const to = cluster * dimensions
      for (let i = 0; i < dimensions; i++) {
        this.#centres.values[to + i] = sums[to + i]! / sizes[cluster]!
      }
    }
  }

  #sizes(): Uint32Array {
    const sizes = new Uint32Array(this.#centres.count)
    for (const cluster of this.#assignment) sizes[cluster]!++
    return sizes
  }
}
