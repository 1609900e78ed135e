import { hausdorff } from '../../vector/metric/hausdorff.ts'
import { euclidean } from '../../vector/metric/minkowski.ts'
import { seededRandom } from '../../vector/random.ts'
import { distanceFromSquared, type SpaceKind } from '../../vector/space.ts'
import { LinearScan } from './linear-scan.ts'
import { MTree } from './m-tree.ts'
import { NearestSearch } from './nearest-search.ts'
import type { FoundSet, SetAnswer, SetChanges, SetName, SetQuery } from './row-sets.ts'
import { type MetricAnswer, NO_CHECK, type Searchable } from './search.ts'
import { compareSets, hausdorffSquared } from './set-distance.ts'
import { type ScannedSet, scanSets } from './set-scan.ts'
import { StoredSet } from './stored-set.ts'

type Vectors = readonly Float32Array[]

interface HausdorffQuery {
  readonly views: Vectors
  /** The set that is left out, where the views are those of one. */
  readonly self: StoredSet | null
  readonly k: number
  readonly radius: number
  readonly check: () => void
}

const NOTHING: MetricAnswer = {
  ids: new Uint32Array(0),
  distances: new Float64Array(0),
  computedDistances: 0,
}

/** The same sets then make the same tree; it cannot change an answer, only its cost. */
const SEED = 1

/**
 * Sets of vectors. For Hausdorff distance, which is a metric, they are in an M-tree, or still wait to be put there, and are
 * compared one by one until then. So an answer never waits for the tree. For the other distances all are scanned.
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
      const set = new StoredSet(number, name, own, Array.from(own, vectorOf))
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
  search(
    { of, distance = 'hausdorff', k, radius, without }: SetQuery,
    check: () => void = NO_CHECK,
  ): SetAnswer {
    const self = of.kind === 'set' ? this.#named(of.name) : null
    const views = of.kind === 'set' ? this.#named(of.name).vectors : of.vectors
    // A set that lacks some of its rows may be anywhere: the tree knows whole ones.
    const searched = without ? setsWithout(this.#byNumber, without) : this.#byNumber
    if (distance === 'hausdorff') {
      const asked = { views, self, k, radius, check }
      return { ...this.#hausdorff(searched, asked), sets: searched.size }
    }
    const others = [...searched.values()].filter(({ number }) => number !== self?.number)
    const query = { views, distance, space: this.#space, k, radius, check }
    return {
      found: scanSets(others, query, this.#compareNames).map((one) => this.#describe(one, views)),
      levels: [{ name: 'scan', candidates: others.length }],
      sets: searched.size,
    }
  }

  #hausdorff(
    searched: ReadonlyMap<number, StoredSet>,
    { views, self, k, radius, check }: HausdorffQuery,
  ): Omit<SetAnswer, 'sets'> {
    const wanted = self === null ? k : k + 1
    // No set within a published distance has a larger one in the structures: the root rounds both in the same way.
    const farthest = this.#space === 'cosine' ? Math.sqrt(2 * radius) : radius
    const isWhole = searched === this.#byNumber
    const inTree = isWhole ? this.#tree.nearest(views, wanted, farthest, check) : NOTHING
    const others = isWhole
      ? this.#waiting.nearest(views, wanted, farthest, check)
      : this.#scan(searched.values(), views, { k: wanted, radius: farthest, check })
    const found: FoundSet[] = []
    for (const number of [...inTree.ids, ...others.ids]) {
      check()
      if (number !== self?.number) found.push(this.#describe({ set: searched.get(number)! }, views))
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

  /** @param distance left out: that of Hausdorff. */
  #describe(
    { set, distance, votes }: Pick<ScannedSet, 'set' | 'votes'> & { readonly distance?: number },
    views: Vectors,
  ): FoundSet {
    const { name, rows, vectors } = set
    const compared = compareSets(views, vectors)
    const published = (squared: number) => distanceFromSquared(this.#space, squared)
    const least = compared.ofRows.indexOf(Math.min(...compared.ofRows))
    return {
      name,
      distance: distance ?? published(hausdorffSquared(compared)),
      size: rows.length,
      nearest: { row: rows[least]!, distance: published(compared.ofRows[least]!) },
      best: compared.ofViews.map(({ row, squared }) => {
        return { row: rows[row]!, distance: published(squared) }
      }),
      ...(votes !== undefined && { votes }),
    }
  }
}

/** Gives the sets but for the rows left out; those of nothing else are left out too. */
function setsWithout(
  sets: ReadonlyMap<number, StoredSet>,
  without: Uint32Array,
): ReadonlyMap<number, StoredSet> {
  const rest = new Map<number, StoredSet>()
  for (const [number, set] of sets) {
    const left = set.without(without)
    if (left !== null) rest.set(number, left)
  }
  return rest
}
