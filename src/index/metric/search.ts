import type { Metric } from '../../vector/metric/metric.ts'
import { finiteDistance } from './finite-distance.ts'
import type { Item } from './item.ts'

/** A structure as a search sees it. A step is a part of it, with what the way there has shown. */
export interface Searchable<T, Step> {
  /** Offers objects, or names parts to visit, so that every live object is reached once. */
  begin(search: Search<T, Step>): void
  /** The same for one part that was named; `lower` is what it was named with. */
  expand(step: Step, lower: number, search: Search<T, Step>): void
}

/** What a structure tells a search; each kind of query is one subclass. */
export abstract class Search<T, Step> {
  readonly query: T
  readonly #metric: Metric<T>
  #computed = 0

  constructor(metric: Metric<T>, query: T) {
    this.#metric = metric
    this.query = query
  }

  get computedDistances(): number {
    return this.#computed
  }

  /** The distance from the query, computed and counted. */
  distance(item: Item<T>): number {
    return this.#compute(item, Number.POSITIVE_INFINITY)
  }

  /** The same, where it is needed for the answer alone: beyond `limit`, any number beyond it. */
  distanceToOffer(item: Item<T>): number {
    return this.#compute(item, this.limit)
  }

  #compute(item: Item<T>, limit: number): number {
    this.#computed++
    return finiteDistance(this.#metric, this.query, item.object, limit)
  }

  /** No object beyond this distance can be among the answers any more. */
  protected abstract get limit(): number

  /** An object whose distance is known; the deleted are left out here. */
  abstract offer(item: Item<T>, distance: number): void
  /** An object whose distance is not below `lower`, to be computed only if need be. */
  abstract candidate(item: Item<T>, lower: number): void
  /** A part whose objects are all at a distance not below `lower`. */
  abstract visit(step: Step, lower: number): void
}
