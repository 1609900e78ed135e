import type { Metric } from '../../vector/metric/metric.ts'
import type { Random } from '../../vector/random.ts'
import { bulkLoadMTree } from './m-tree-bulk-load.ts'
import {
  entriesAt,
  type Insertion,
  MAX_LEVEL,
  MEntry,
  type MTreeSettings,
  nodeEntry,
  type Partition,
  readMEntry,
  renewRings,
  writeMEntry,
} from './m-tree-entry.ts'
import { slimDownAllLevels, slimDownMTree } from './m-tree-slim-down.ts'
import { insertIntoMTree, removeFromMTree } from './m-tree-update.ts'
import { MetricIndex } from './metric-index.ts'
import { choosePivots, FARTHEST_FIRST, GROWTH, type PivotChoice, pivotBound } from './pivots.ts'
import { checkWhole, type Item, type Search } from './search.ts'
import type { SnapshotReader } from './structure-snapshot.ts'

/** Moves of entries between leaves of one parent; between nodes of any parents, at every level; or none. */
export type SlimDown = 'none' | 'siblings' | 'all-levels'

interface MTreeOptions<T> {
  readonly metric: Metric<T>
  readonly random: Random
  /** Children of a node, at least 4. */
  readonly capacity?: number
  readonly partition?: Partition
  readonly insertion?: Insertion
  /** Global pivots; more than none makes it a PM-tree. */
  readonly pivots?: number
  readonly pivotChoice?: PivotChoice
  /** What bulk loading ends with. */
  readonly slimDown?: SlimDown
}

/** A node on the way of a query, and what is known of it. */
interface Step<T> {
  readonly entry: MEntry<T>
  /** The distance from the query to the entry's item; null until it is computed. */
  readonly distance: number | null
  readonly above: Step<T> | null
  readonly toPivots: Float64Array
}

/**
 * M-tree (Ciaccia, Patella and Zezula, VLDB 1997), with the hyper-rings of the PM-tree (Skopal, 2004)
 * where there are to be pivots. Deleting is real: nothing that was deleted is kept as a centre.
 *
 * Deleting a pivot chooses all of them again: n distances for each pivot, in one call.
 */
export class MTree<T> extends MetricIndex<T, Step<T>> {
  protected readonly kind: string
  protected readonly settings: MTreeSettings<T>
  readonly #pivotsWanted: number
  readonly #pivotChoice: PivotChoice
  readonly #slimDown: SlimDown
  protected root: MEntry<T> | null = null
  protected places = new Map<Item<T>, MEntry<T>>()
  protected pivots: readonly Item<T>[] = []
  #pivotSet: ReadonlySet<Item<T>> = new Set()
  #chosenFrom = 0

  constructor({ metric, random, ...options }: MTreeOptions<T>) {
    super(metric)
    const { capacity = 24, partition = 'hyperplane', pivots = 0, slimDown = 'none' } = options
    const { insertion = 'single-way' } = options
    checkWhole('the capacity', capacity, 4)
    checkWhole('the number of pivots', pivots, 0)
    this.kind = `m-tree of ${capacity} with ${pivots} pivots`
    this.#pivotsWanted = pivots
    this.#pivotChoice = options.pivotChoice ?? FARTHEST_FIRST
    this.#slimDown = slimDown
    const minimum = Math.max(2, capacity >> 2)
    const { bounds, between } = this
    this.settings = { capacity, minimum, partition, insertion, bounds, random, between }
  }

  begin(search: Search<T, Step<T>>): void {
    if (this.root === null) return
    const toPivots = Float64Array.from(this.pivots, (pivot) => search.distance(pivot))
    this.pivots.forEach((pivot, i) => {
      search.offer(pivot, toPivots[i]!)
    })
    search.visit({ entry: this.root, distance: null, above: null, toPivots }, 0)
  }

  expand(step: Step<T>, lower: number, search: Search<T, Step<T>>): void {
    const { entry, above, toPivots } = step
    if (step.distance === null) {
      // The part was named by cheap bounds alone; it queues again with the one that costs a distance.
      const distance = search.distance(entry.item)
      const closer = Math.max(lower, this.bounds.ring(distance, 0, entry.radius))
      search.visit({ entry, distance, above, toPivots }, closer)
      return
    }
    for (const child of entry.children) {
      const distance = knownDistance(step, child.item)
      const apart = distance ?? Math.max(0, this.bounds.apart(step.distance, child.parentDistance))
      const byPivots = pivotBound(toPivots, child.low, child.high, this.bounds)
      if (child.level > 0) {
        const bound = Math.max(lower, byPivots, this.bounds.ring(apart, 0, child.radius))
        search.visit({ entry: child, distance, above: step, toPivots }, bound)
      } else if (!this.#pivotSet.has(child.item)) {
        if (distance !== null) search.offer(child.item, distance)
        else search.candidate(child.item, Math.max(lower, byPivots, apart))
      }
    }
  }

  protected add(item: Item<T>): void {
    const toPivots = Float64Array.from(this.pivots, (pivot) => this.between(pivot, item))
    this.#place(new MEntry(item, toPivots))
    if (this.#pivotsWanted > 0 && this.places.size >= GROWTH * this.#chosenFrom) {
      this.#choosePivots()
    }
  }

  protected remove(item: Item<T>): void {
    const { root, orphans } = removeFromMTree(this.places.get(item)!, this.settings)
    this.root = root
    this.places.delete(item)
    for (const orphan of orphans) this.#place(orphan)
    if (this.#pivotSet.has(item)) this.#choosePivots()
  }

  protected build(items: readonly Item<T>[]): void {
    const { pivots, rows } = this.#chosen(items)
    const objects = items.map((item, i) => new MEntry(item, rows[i]!))
    this.root = objects.length === 0 ? null : bulkLoadMTree(objects, this.settings)
    this.places = new Map(objects.map((object) => [object.item, object]))
    this.#setPivots(pivots, items.length)
    this.slimDown(this.#slimDown)
  }

  /** Shrinks nodes by moving entries between them; returns how many have moved. */
  slimDown(how: SlimDown): number {
    if (this.root === null || how === 'none') return 0
    return how === 'siblings'
      ? slimDownMTree(this.root, this.settings)
      : slimDownAllLevels(this.root, this.settings)
  }

  #place(object: MEntry<T>): void {
    this.root =
      this.root === null
        ? nodeEntry(object.item, [object], [0], this.bounds)
        : insertIntoMTree(this.root, object, this.settings)
    this.places.set(object.item, object)
  }

  #chosen(items: readonly Item<T>[]) {
    return choosePivots(items, this.#pivotsWanted, this.between, this.#pivotChoice)
  }

  #choosePivots(): void {
    const objects = [...this.places.values()]
    const items = objects.map(({ item }) => item)
    const { pivots, rows } = this.#chosen(items)
    objects.forEach((object, i) => {
      object.low = rows[i]!
      object.high = rows[i]!
    })
    this.#setPivots(pivots, objects.length)
    if (this.root !== null) renewRings(this.root, pivots.length, this.bounds)
  }

  #setPivots(pivots: readonly Item<T>[], chosenFrom: number): void {
    this.pivots = pivots
    this.#pivotSet = new Set(pivots)
    this.#chosenFrom = chosenFrom
  }

  protected *stored(): Iterable<Item<T>> {
    if (this.root === null) return
    for (const { item } of entriesAt(this.root, 0)) yield item
  }

  protected write(numbers: number[]): void {
    numbers.push(this.#chosenFrom, this.pivots.length, ...this.pivots.map(({ id }) => id))
    numbers.push(this.root?.level ?? 0)
    if (this.root !== null) writeMEntry(this.root, numbers)
  }

  protected read(reader: SnapshotReader<T>): void {
    const chosenFrom = reader.whole(0, 2 ** 32)
    const pivots = reader.whole(0, this.#pivotsWanted)
    this.#setPivots(Array.from({ length: pivots }, reader.item), chosenFrom)
    const level = reader.whole(0, MAX_LEVEL)
    if (level === 0) return
    this.root = readMEntry(reader, level, pivots, this.settings)
    for (const object of entriesAt(this.root, 0)) this.places.set(object.item, object)
  }
}

/** Looks up the distance to an item that is also the centre of a node on the way; else null. */
function knownDistance<T>(step: Step<T>, item: Item<T>): number | null {
  for (let at: Step<T> | null = step; at !== null; at = at.above) {
    if (at.entry.item === item) return at.distance
  }
  return null
}
