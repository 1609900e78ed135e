import { AppError } from '../../errors.ts'
import { TriangleBounds } from '../../vector/metric/bounds.ts'
import type { Metric } from '../../vector/metric/metric.ts'
import { IncrementalSearch } from './best-first-search.ts'
import { NearestSearch } from './nearest-search.ts'
import { RangeSearch } from './range-search.ts'
import {
  checkWhole,
  finiteDistance,
  type Item,
  type MetricAnswer,
  NO_CHECK,
  type Search,
  type Searchable,
} from './search.ts'
import {
  checkSnapshot,
  invalidSnapshot,
  type Lookup,
  MAX_ID,
  SnapshotReader,
  type StructureSnapshot,
  snapshotOf,
} from './structure-snapshot.ts'

/**
 * Objects of any kind, searched exactly through a metric: every answer equals that of a scan that
 * computes each distance. Objects must not be changed while they are here.
 *
 * A distance that is NaN, infinite or negative throws NOT_A_METRIC. Whatever the metric throws comes
 * through; an object that it cannot compare with the others is not added, nor its batch.
 *
 * A structure adds methods that hold items and search them; docs/metric-trees.md shows how to write one.
 */
export abstract class MetricIndex<T, Step = unknown> implements Searchable<T, Step> {
  readonly metric: Metric<T>
  protected readonly bounds: TriangleBounds
  readonly #items = new Map<number, Item<T>>()
  #maintenance = 0
  #changes = 0

  constructor(metric: Metric<T>) {
    this.metric = metric
    this.bounds = new TriangleBounds(metric.slack)
  }

  /** Names the structure and its options in snapshots: those of another kind are refused. */
  protected abstract readonly kind: string
  /** Takes up an item. Throws before it changes anything that a search relies on. */
  protected abstract add(item: Item<T>): void
  /** Forgets an item, which is no longer alive. */
  protected abstract remove(item: Item<T>): void
  /** Builds from these alone, in the place of what is there, which stays where that throws. */
  protected abstract build(items: readonly Item<T>[]): void
  /** Gives the live items, as the structure itself has them. */
  protected abstract stored(): Iterable<Item<T>>
  /** Writes its shape and distances in numbers, items by id. */
  protected abstract write(numbers: number[]): void
  /** Reads what `write` has written. */
  protected abstract read(reader: SnapshotReader<T>): void
  abstract begin(search: Search<T, Step>): void
  abstract expand(step: Step, lower: number, search: Search<T, Step>): void

  get size(): number {
    return this.#items.size
  }

  /** Distances computed for building and changes, not for answers. */
  get maintenanceDistances(): number {
    return this.#maintenance
  }

  has(id: number): boolean {
    return this.#items.has(id)
  }

  /** Gives all objects, in no order. Nothing may be changed meanwhile. */
  *objects(): Iterable<readonly [id: number, object: T]> {
    for (const { id, object } of this.#items.values()) yield [id, object]
  }

  /**
   * @param id a whole number from 0 to 2^32 - 1.
   * @throws INVALID_ID, DUPLICATE_ID when it is taken; NOT_A_METRIC when the object is not at
   * distance 0 from itself.
   */
  insert(id: number, object: T): void {
    const item = this.#newItem(id, object, this.#items)
    this.#changes++
    this.add(item)
    this.#items.set(id, item)
  }

  /** Deletes an object; returns whether it was there. */
  delete(id: number): boolean {
    const item = this.#items.get(id)
    if (item === undefined) return false
    this.#changes++
    this.#items.delete(id)
    this.#end(item)
    return true
  }

  /** Adds a batch, and builds over everything. All or nothing; throws what `insert` throws. */
  bulkLoad(objects: Iterable<readonly [id: number, object: T]>): void {
    const all = new Map(this.#items)
    for (const [id, object] of objects) all.set(id, this.#newItem(id, object, all))
    this.#changes++
    this.build([...all.values()])
    for (const [id, item] of all) this.#items.set(id, item)
  }

  /** Finds all objects at a distance of at most `radius`. @throws INVALID_REQUEST for NaN. */
  range(query: T, radius: number): MetricAnswer {
    checkRadius(radius)
    return new RangeSearch(this, query, radius).run()
  }

  /**
   * Finds the `k` nearest within `radius`, and all that tie with the last of them; the caller breaks ties.
   * @param check is called before each distance, and ends the search by what it throws.
   * @throws INVALID_REQUEST unless k is a whole number of at least 1 and radius a number.
   */
  nearest(
    query: T,
    k: number,
    radius = Number.POSITIVE_INFINITY,
    check: () => void = NO_CHECK,
  ): MetricAnswer {
    checkRadius(radius)
    checkWhole('k', k, 1)
    return new NearestSearch(this, query, { k, radius, check }).run()
  }

  /**
   * Gives all objects in order, lazily (Hjaltason and Samet, Distance browsing, 1999). To ask for more after
   * the index has changed throws INDEX_CHANGED.
   */
  incremental(query: T): IncrementalSearch<T, Step> {
    const changes = this.#changes
    return new IncrementalSearch(this, query, () => {
      if (changes === this.#changes) return
      throw new AppError('INDEX_CHANGED', 'the index has changed since this search began')
    })
  }

  /** Writes down ids, distances and shape, without the objects. May rebuild first, to forget deleted ones. */
  serialise(): StructureSnapshot {
    const numbers = [this.size, ...this.#items.keys()]
    this.write(numbers)
    return snapshotOf(this.kind, this.metric.name, numbers)
  }

  /**
   * Takes over a snapshot of the same structure, options and metric, into an empty index. `lookup`
   * must give the very objects it was made of, by their ids of then: they are not compared with the stored
   * distances. Those that have ended are needed too, and are then deleted as by `delete`.
   * @throws INDEX_INVALID for anything damaged or different; the index is then still empty.
   */
  restore(snapshot: StructureSnapshot, lookup: Lookup<T>): void {
    if (this.size > 0) throw invalidSnapshot(`expected an empty index, got ${this.size} objects`)
    checkSnapshot(snapshot, this.kind, this.metric.name)
    this.#changes++
    try {
      const reader = new SnapshotReader(snapshot.numbers, lookup)
      this.read(reader)
      reader.end([...this.stored()])
      for (const item of reader.listed.values()) {
        if (reader.ended.has(item)) continue
        if (this.has(item.id)) throw invalidSnapshot(`two objects would be ${item.id}`)
        this.#items.set(item.id, item)
      }
      for (const item of reader.ended) this.#end(item)
    } catch (cause) {
      this.#items.clear()
      this.build([])
      throw cause
    }
  }

  #end(item: Item<T>): void {
    item.alive = false
    this.remove(item)
  }

  /** Computes a distance for building, not for an answer. */
  protected readonly between = (a: Item<T>, b: Item<T>): number => {
    this.#maintenance++
    return finiteDistance(this.metric, a.object, b.object)
  }

  #newItem(id: number, object: T, taken: ReadonlyMap<number, Item<T>>): Item<T> {
    if (!Number.isInteger(id) || id < 0 || id > MAX_ID) {
      throw new AppError('INVALID_ID', `expected a whole number from 0 to ${MAX_ID}, got ${id}`)
    }
    if (taken.has(id)) throw new AppError('DUPLICATE_ID', `there is an object ${id} already`)
    const item = { id, object, alive: true }
    const itself = this.between(item, item)
    if (itself !== 0) {
      throw new AppError(
        'NOT_A_METRIC',
        `expected object ${id} at distance 0 from itself, got ${itself}`,
      )
    }
    // What cannot be compared with the others (a vector of another length) is refused now, also by
    // a structure that would compare it with nothing until the first query.
    const [witness] = taken.values()
    if (witness !== undefined) this.between(witness, item)
    return item
  }
}

function checkRadius(radius: number): void {
  if (Number.isNaN(radius)) {
    throw new AppError('INVALID_REQUEST', 'expected a radius that is a number, got NaN')
  }
}
