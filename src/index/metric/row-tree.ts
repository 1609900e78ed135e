import { hasBit } from '../../vector/bitset.ts'
import { euclidean } from '../../vector/metric/minkowski.ts'
import { seededRandom } from '../../vector/random.ts'
import type { SpaceKind } from '../../vector/space.ts'
import type { RowAnswer, RowQuery } from '../row-index.ts'
import { NearestSoFar } from '../scan/nearest-so-far.ts'
import type { ResumableSearches } from '../scan/resumable-searches.ts'
import type { IncrementalSearch } from './best-first-search.ts'
import { MTree } from './m-tree.ts'
import type { MetricIndex } from './metric-index.ts'
import { NO_CHECK } from './search.ts'
import { VpTree } from './vp-tree.ts'

export const TREE_KINDS = ['vp-tree', 'm-tree'] as const

export type TreeKind = (typeof TREE_KINDS)[number]

/** Gives the vector of a row, in place. */
type VectorOf = (row: number) => Float32Array

/** The same rows then make the same tree; it cannot change an answer, only its cost. */
const SEED = 1

/**
 * The rows of a collection in a metric tree under Euclidean distance, with the answers of a scan: the tree finds
 * rows in the order of D = fl(sqrt(s)), s the canonical squared distance, and `NearestSoFar` judges them by s. Both
 * are in the same order since the rounded square root never falls; but several s can have one D, so the search
 * continues to the end of a D.
 *
 * The tree has copies of the vectors, since it still compares with rows that are no longer there.
 */
export class RowTree {
  /** The vectors by their rows; they change through `load` and `update`, or by a snapshot that is restored. */
  readonly tree: MetricIndex<Float32Array>
  readonly #kind: TreeKind
  readonly #space: SpaceKind

  constructor(kind: TreeKind, space: SpaceKind) {
    this.#kind = kind
    this.#space = space
    const options = { metric: euclidean, random: seededRandom(SEED) }
    this.tree = kind === 'vp-tree' ? new VpTree(options) : new MTree(options)
  }

  /** Adds rows that are not there yet, and builds over all. */
  load(vectorOf: VectorOf, rows: Iterable<number>): void {
    this.tree.bulkLoad(Array.from(rows, (row) => [row, vectorOf(row).slice()] as const))
  }

  /** Forgets what it has of these rows, and adds those that are `live` as they are now. */
  update(vectorOf: VectorOf, { live, freed }: Record<'live' | 'freed', Uint32Array>): void {
    for (const row of freed) this.tree.delete(row)
    for (const row of live) this.tree.delete(row)
    for (const row of live) this.tree.insert(row, vectorOf(row).slice())
  }

  /**
   * @param resumable what searches have left, and where this one leaves what it has learnt.
   * @param check is called again and again, and ends the search by what it throws.
   */
  search(
    vectorOf: VectorOf,
    query: RowQuery,
    resumable: ResumableSearches<ResumableTreeSearch>,
    check: () => void = NO_CHECK,
  ): RowAnswer {
    const { vector, k, radius, from, allowed, resumableAs: name } = query
    const earlier = name === undefined ? null : resumable.take(name)
    const found = earlier?.fits(vector)
      ? earlier
      : new ResumableTreeSearch(name ?? '', vector, this.tree.incremental(vector))
    const computedBefore = found.computedDistances
    const soFar = new NearestSoFar(this.#space, query)
    const nearest = this.#treeDistance(Math.max(0, from))
    let farthest = this.#treeDistance(radius)
    let beyond = 0
    for (const { row, distance } of found.rows(check)) {
      if (distance > farthest) break
      // On an earlier page.
      if (distance < nearest) continue
      if (allowed !== null && !hasBit(allowed, row)) continue
      const published = soFar.decide(row, vectorOf(row))
      if (published > from && published <= radius && ++beyond === k) farthest = distance
    }
    if (name !== undefined && soFar.isCut) resumable.keep(found)
    const candidates = found.computedDistances - computedBefore
    return soFar.answer([{ name: this.#kind, candidates }])
  }

  /**
   * No row within a published distance has a larger one in the tree, and none at it or beyond has a smaller one: the
   * root rounds both in the same way.
   */
  #treeDistance(published: number): number {
    return this.#space === 'cosine' ? Math.sqrt(2 * published) : published
  }
}

/** About the bytes of what waits in a search: a place in its queue, and what stands there. */
const WAITING_BYTES = 96

/**
 * The rows of a tree in the order of their distances, as far as searches have come; a later one resumes from there
 * (Hjaltason and Samet, Distance browsing in spatial databases, 1999). Holds as long as the tree is not changed.
 */
export class ResumableTreeSearch {
  readonly name: string
  readonly #vector: Float32Array
  readonly #search: IncrementalSearch<Float32Array>
  readonly #rows: number[] = []
  readonly #distances: number[] = []

  /** @param search that nobody else advances. */
  constructor(name: string, vector: Float32Array, search: IncrementalSearch<Float32Array>) {
    this.name = name
    this.#vector = vector
    this.#search = search
  }

  get bytes(): number {
    return 16 * this.#rows.length + WAITING_BYTES * this.#search.waiting
  }

  /** Distances computed by all searches. */
  get computedDistances(): number {
    return this.#search.computedDistances
  }

  fits(vector: Float32Array): boolean {
    return this.#vector.every((x, i) => x === vector[i])
  }

  /** Gives the rows from the first one on; a loop that stops in the middle is resumed by a later one. */
  *rows(check: () => void): Generator<{ readonly row: number; readonly distance: number }> {
    for (let i = 0; ; i++) {
      if (i === this.#rows.length) {
        const next = this.#search.next(check)
        if (next.done) return
        this.#rows.push(next.value.id)
        this.#distances.push(next.value.distance)
      }
      yield { row: this.#rows[i]!, distance: this.#distances[i]! }
    }
  }
}
