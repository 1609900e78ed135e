import { hasBit } from '../../vector/bitset.ts'
import { hausdorff } from '../../vector/metric/hausdorff.ts'
import { euclidean } from '../../vector/metric/minkowski.ts'
import { seededRandom } from '../../vector/random.ts'
import { distanceFromSquared, type SpaceKind } from '../../vector/space.ts'
import { squaredEuclidean } from '../../vector/squared-euclidean.ts'
import { LinearScan } from './linear-scan.ts'
import { MTree } from './m-tree.ts'
import { NearestSearch } from './nearest-search.ts'
import type { FoundSet, SetAnswer, SetChanges, SetName, SetQuery } from './row-sets.ts'
import { type MetricAnswer, NO_CHECK, type Searchable } from './search.ts'

type Vectors = readonly Float32Array[]

interface StoredSet {
  readonly number: number
  readonly name: SetName
  readonly rows: Uint32Array
  readonly vectors: Vectors
}

const NOTHING: MetricAnswer = {
  ids: new Uint32Array(0),
  distances: new Float64Array(0),
  computedDistances: 0,
}

/** The same sets then make the same tree; it cannot change an answer, only its cost. */
const SEED = 1

/**
 * Sets of vectors under Hausdorff distance: those in an M-tree, and those that still wait to be put there, which are
 * compared one by one. So an answer never waits for the tree.
 *
 * The structures order sets by D = fl(sqrt(s)), s a canonical squared distance, the answer by what is published
 * of s. Neither ever falls as s grows, so the largest of the smallest is that of the same pair of vectors in both.
 */
export class SetTree {
  readonly #space: SpaceKind
  readonly #compareNames: (a: SetName, b: SetName) => number
  readonly #tree: MTree<Vectors>
  readonly #waiting: LinearScan<Vectors>
  readonly #byName = new Map<SetName, StoredSet>()
  readonly #byNumber = new Map<number, StoredSet>()
  #numbers = 0
  #rows = 0

  constructor(space: SpaceKind, compareNames: (a: SetName, b: SetName) => number) {
    const metric = hausdorff(euclidean)
    this.#space = space
    this.#compareNames = compareNames
    this.#tree = new MTree({ metric, random: seededRandom(SEED) })
    this.#waiting = new LinearScan(metric)
  }

  /** The number of rows in all sets together. */
  get rows(): number {
    return this.#rows
  }

  /** @param vectorOf gives a copy: sets are compared with after their rows are gone. */
  put({ names, ends, rows }: SetChanges, vectorOf: (row: number) => Float32Array): void {
    let start = 0
    names.forEach((name, i) => {
      const own = rows.slice(start, ends[i])
      start = ends[i]!
      const number = this.#delete(name) ?? this.#numbers++
      if (own.length === 0) return
      const set = { number, name, rows: own, vectors: Array.from(own, vectorOf) }
      this.#waiting.insert(number, set.vectors)
      this.#byName.set(name, set)
      this.#byNumber.set(number, set)
      this.#rows += own.length
    })
  }

  /** Takes the set that waits longest into the tree; returns false when none waits. */
  grow(): boolean {
    const [first] = this.#waiting.objects()
    if (first === undefined) return false
    const [number, vectors] = first
    this.#waiting.delete(number)
    this.#tree.insert(number, vectors)
    return true
  }

  /** @param check is called before each distance, and ends the search by what it throws. */
  search({ of, k, radius, without }: SetQuery, check: () => void = NO_CHECK): SetAnswer {
    const self = of.kind === 'set' ? this.#named(of.name) : null
    const vectors = of.kind === 'set' ? this.#named(of.name).vectors : of.vectors
    const wanted = self === null ? k : k + 1
    // No set within a published distance has a larger one in the structures: the root rounds both in the same way.
    const farthest = this.#space === 'cosine' ? Math.sqrt(2 * radius) : radius
    // A set that lacks some of its rows may be anywhere: the tree knows whole ones.
    const searched = without ? setsWithout(this.#byNumber, without) : this.#byNumber
    const inTree = without ? NOTHING : this.#tree.nearest(vectors, wanted, farthest, check)
    const others = without
      ? this.#scan(searched.values(), vectors, { k: wanted, radius: farthest, check })
      : this.#waiting.nearest(vectors, wanted, farthest, check)
    const found: FoundSet[] = []
    for (const number of [...inTree.ids, ...others.ids]) {
      const set = searched.get(number)!
      check()
      if (set.number !== self?.number) found.push(this.#compare(vectors, set))
    }
    return {
      found: found
        .filter(({ distance }) => distance <= radius)
        .sort((a, b) => a.distance - b.distance || this.#compareNames(a.name, b.name))
        .slice(0, k),
      levels: [
        { name: 'm-tree', candidates: inTree.computedDistances },
        { name: 'scan', candidates: others.computedDistances },
      ],
      sets: searched.size,
    }
  }

  #scan(
    sets: Iterable<StoredSet>,
    query: Vectors,
    limits: ConstructorParameters<typeof NearestSearch>[2],
  ): MetricAnswer {
    const structure: Searchable<Vectors, never> = {
      metric: this.#tree.metric,
      begin(search) {
        for (const { number, vectors } of sets) {
          search.compute({ id: number, object: vectors, alive: true })
        }
      },
      expand() {},
    }
    return new NearestSearch(structure, query, limits).run()
  }

  #named(name: SetName): StoredSet {
    const set = this.#byName.get(name)
    if (set === undefined) throw new Error(`there is no set ${name}`)
    return set
  }

  /** Deletes a set; returns the number that it had. */
  #delete(name: SetName): number | undefined {
    const set = this.#byName.get(name)
    if (set === undefined) return undefined
    if (!this.#waiting.delete(set.number)) this.#tree.delete(set.number)
    this.#byName.delete(name)
    this.#byNumber.delete(set.number)
    this.#rows -= set.rows.length
    return set.number
  }

  /** Compares all pairs in the canonical arithmetic. */
  #compare(query: Vectors, { name, rows, vectors }: StoredSet): FoundSet {
    const nearestToQuery = new Float64Array(vectors.length).fill(Number.POSITIVE_INFINITY)
    let worst = 0
    for (const one of query) {
      let nearest = Number.POSITIVE_INFINITY
      for (let i = 0; i < vectors.length; i++) {
        const squared = squaredEuclidean(one, vectors[i]!)
        nearest = Math.min(nearest, squared)
        nearestToQuery[i] = Math.min(nearestToQuery[i]!, squared)
      }
      worst = Math.max(worst, nearest)
    }
    for (const nearest of nearestToQuery) worst = Math.max(worst, nearest)
    const least = nearestToQuery.indexOf(Math.min(...nearestToQuery))
    const published = (squared: number) => distanceFromSquared(this.#space, squared)
    const nearest = { row: rows[least]!, distance: published(nearestToQuery[least]!) }
    return { name, distance: published(worst), size: rows.length, nearest }
  }
}

/** Gives the sets but for the rows left out; those of nothing else are left out too. */
function setsWithout(
  sets: ReadonlyMap<number, StoredSet>,
  without: Uint32Array,
): ReadonlyMap<number, StoredSet> {
  const rest = new Map<number, StoredSet>()
  for (const [number, set] of sets) {
    const isLeft = (row: number) => !hasBit(without, row)
    const rows = set.rows.filter(isLeft)
    if (rows.length === 0) continue
    const vectors = set.vectors.filter((_, i) => isLeft(set.rows[i]!))
    rest.set(number, rows.length === set.rows.length ? set : { ...set, rows, vectors })
  }
  return rest
}
