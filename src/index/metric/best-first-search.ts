import { BestFirstQueue, CANDIDATE, PART } from './best-first-queue.ts'
import type { FoundObject } from './metric-index.ts'
import { type Item, Search, type Searchable } from './search.ts'

/**
 * Objects by distance, then id: whatever has the smallest lower bound is looked at next, so no
 * distance is computed that the structure's bounds could have spared (Hjaltason and Samet, Distance
 * browsing in spatial databases, 1999).
 */
export class BestFirstSearch<T, Step> extends Search<T, Step> {
  readonly #queue = new BestFirstQueue<Item<T> | Step>()

  get waiting(): number {
    return this.#queue.size
  }

  next(structure: Searchable<T, Step>): FoundObject | undefined {
    const queue = this.#queue
    while (queue.size > 0) {
      const distance = queue.firstKey
      const id = queue.firstRank
      if (id >= 0) {
        queue.pop()
        return { id, distance }
      }
      this.advance(structure)
    }
    return undefined
  }

  /** Looks closer at the first part or candidate. */
  protected advance(structure: Searchable<T, Step>): void {
    const lower = this.#queue.firstKey
    const rank = this.#queue.firstRank
    const first = this.#queue.pop()
    if (rank === PART) {
      structure.expand(first as Step, lower, this)
    } else {
      const item = first as Item<T>
      this.offer(item, this.distanceToOffer(item))
    }
  }

  /** The smallest lower bound of all that was not looked at; Infinity when nothing is left. */
  protected get frontier(): number {
    return this.#queue.size === 0 ? Number.POSITIVE_INFINITY : this.#queue.firstKey
  }

  protected get limit(): number {
    return Number.POSITIVE_INFINITY
  }

  offer(item: Item<T>, distance: number): void {
    if (item.alive) this.#queue.push(distance, item.id, item)
  }

  candidate(item: Item<T>, lower: number): void {
    if (item.alive) this.#queue.push(lower, CANDIDATE, item)
  }

  visit(step: Step, lower: number): void {
    this.#queue.push(lower, PART, step)
  }
}
