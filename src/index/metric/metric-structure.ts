import { AppError } from '../../errors.ts'
import { TriangleBounds } from '../../vector/metric/bounds.ts'
import type { Metric } from '../../vector/metric/metric.ts'
import { BestFirstSearch } from './best-first-search.ts'
import type { FoundObject, IncrementalSearch, MetricAnswer, MetricIndex } from './metric-index.ts'
import { NearestSearch } from './nearest-search.ts'
import { RangeSearch } from './range-search.ts'
import { checkWhole, finiteDistance, type Item, type Search, type Searchable } from './search.ts'
import {
  checkComplete,
  checkSnapshot,
  invalidSnapshot,
  MAX_ID,
  NumberReader,
  type RestoredObject,
  readItems,
  type StructureSnapshot,
  snapshotOf,
  takeItem,
} from './structure-snapshot.ts'

/**
 * The parts that all structures share: the objects by id, their checks, the three kinds of query, snapshots.
 * A structure says how to hold items and how to search them (`begin`, `expand`); see
 * docs/metric-trees.md for how to add one.
 */
export abstract class MetricStructure<T, Step> implements MetricIndex<T>, Searchable<T, Step> {
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
  /** Names every invariant of its own that does not hold. */
  protected abstract problems(): string[]
  /** Writes its shape and distances in numbers, items by id. */
  protected abstract write(numbers: number[]): void
  /** Reads what `write` has written; `take` reads an id and gives its item. */
  protected abstract read(reader: NumberReader, take: () => Item<T>): void
  abstract begin(search: Search<T, Step>): void
  abstract expand(step: Step, lower: number, search: Search<T, Step>): void

  get size(): number {
    return this.#items.size
  }

  get maintenanceDistances(): number {
    return this.#maintenance
  }

  has(id: number): boolean {
    return this.#items.has(id)
  }

  *objects(): Iterable<readonly [id: number, object: T]> {
    for (const { id, object } of this.#items.values()) yield [id, object]
  }

  insert(id: number, object: T): void {
    const item = this.#newItem(id, object, this.#items)
    this.#changes++
    this.add(item)
    this.#items.set(id, item)
  }

  delete(id: number): boolean {
    const item = this.#items.get(id)
    if (item === undefined) return false
    this.#changes++
    this.#items.delete(id)
    this.#end(item)
    return true
  }

  bulkLoad(objects: Iterable<readonly [id: number, object: T]>): void {
    const all = new Map(this.#items)
    for (const [id, object] of objects) all.set(id, this.#newItem(id, object, all))
    this.#changes++
    this.build([...all.values()])
    for (const [id, item] of all) this.#items.set(id, item)
  }

  range(query: T, radius: number): MetricAnswer {
    checkRadius(radius)
    return new RangeSearch<T, Step>(this.metric, query, radius).run(this)
  }

  nearest(query: T, k: number, radius = Number.POSITIVE_INFINITY): MetricAnswer {
    checkRadius(radius)
    checkWhole('k', k, 1)
    return new NearestSearch<T, Step>(this.metric, query, k, radius).run(this)
  }

  incremental(query: T): IncrementalSearch {
    const search = new BestFirstSearch<T, Step>(this.metric, query)
    const changes = this.#changes
    this.begin(search)
    return {
      next: (): IteratorResult<FoundObject> => {
        if (changes !== this.#changes) {
          throw new AppError('INDEX_CHANGED', 'the index has changed since this search began')
        }
        const value = search.next(this)
        return value === undefined ? { done: true, value } : { done: false, value }
      },
      get computedDistances() {
        return search.computedDistances
      },
      get waiting() {
        return search.waiting
      },
      [Symbol.iterator]() {
        return this
      },
    }
  }

  check(): string[] {
    const problems = this.problems()
    const seen = new Set<Item<T>>()
    for (const item of this.stored()) {
      if (seen.has(item)) problems.push(`object ${item.id} is stored twice`)
      if (this.#items.get(item.id) !== item) problems.push(`object ${item.id} is no longer here`)
      seen.add(item)
    }
    if (seen.size !== this.size) {
      problems.push(`the structure holds ${seen.size} objects of ${this.size}`)
    }
    return problems
  }

  serialise(): StructureSnapshot {
    const numbers = [this.size, ...this.#items.keys()]
    this.write(numbers)
    return snapshotOf(this.kind, this.metric.name, numbers)
  }

  restore(
    snapshot: StructureSnapshot,
    lookup: (id: number) => RestoredObject<T> | undefined,
  ): void {
    if (this.size > 0) throw invalidSnapshot(`expected an empty index, got ${this.size} objects`)
    checkSnapshot(snapshot, this.kind, this.metric.name)
    const reader = new NumberReader(snapshot.numbers)
    this.#changes++
    try {
      const items = readItems(reader, lookup)
      this.read(reader, () => takeItem(reader, items))
      reader.end()
      checkComplete([...this.stored()], items)
      for (const item of items.listed.values()) if (!items.ended.has(item)) this.#hold(item)
      for (const item of items.ended) this.#end(item)
    } catch (cause) {
      this.#items.clear()
      this.build([])
      throw cause
    }
  }

  #hold(item: Item<T>): void {
    if (this.#items.has(item.id)) throw invalidSnapshot(`two objects would be ${item.id}`)
    this.#items.set(item.id, item)
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
