import { BestFirstQueue, CANDIDATE, PART } from './best-first-queue.ts'
import { type Item, NO_CHECK, Search, type Searchable } from './search.ts'

/**
 * Objects by distance, then id: whatever has the smallest lower bound is looked at next, so no
 * distance is computed that the structure's bounds could have spared (Hjaltason and Samet, Distance
 * browsing in spatial databases, 1999).
 */
export class BestFirstSearch<T, Step> extends Search<T, Step> {
  protected readonly queue = new BestFirstQueue<Item<T> | Step>()

  /** Looks closer at the first part or candidate. */
  protected advance(): void {
    const { firstKey: lower, firstRank: rank } = this.queue
    const first = this.queue.pop()
    if (rank === PART) this.structure.expand(first as Step, lower, this)
    else this.compute(first as Item<T>)
  }

  get limit(): number {
    return Number.POSITIVE_INFINITY
  }

  offer(item: Item<T>, distance: number): void {
    if (item.alive) this.queue.push(distance, item.id, item)
  }

  candidate(item: Item<T>, lower: number): void {
    if (item.alive) this.queue.push(lower, CANDIDATE, item)
  }

  visit(step: Step, lower: number): void {
    this.queue.push(lower, PART, step)
  }
}

export interface FoundObject {
  readonly id: number
  /** Exactly what the metric computes for the query and this object, in this order. */
  readonly distance: number
}

/** Objects by distance, then id, for as long as the caller asks for more. */
export class IncrementalSearch<T, Step = unknown> extends BestFirstSearch<T, Step> {
  readonly #checkUnchanged: () => void

  constructor(structure: Searchable<T, Step>, query: T, checkUnchanged: () => void) {
    super(structure, query)
    this.#checkUnchanged = checkUnchanged
    structure.begin(this)
  }

  /** Parts, candidates and objects that it knows of and has not come to. */
  get waiting(): number {
    return this.queue.size
  }

  /** @param check is called before each step, and ends the search by what it throws. */
  next(check: () => void = NO_CHECK): IteratorResult<FoundObject> {
    this.#checkUnchanged()
    while (this.queue.size > 0) {
      check()
      const { firstKey: distance, firstRank: id } = this.queue
      if (id >= 0) {
        this.queue.pop()
        return { done: false, value: { id, distance } }
      }
      this.advance()
    }
    return { done: true, value: undefined }
  }

  [Symbol.iterator](): this {
    return this
  }
}
