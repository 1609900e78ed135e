import { AppError } from '../../errors.ts'
import type { Metric } from '../../vector/metric/metric.ts'

/** An object as a structure holds it. The same id inserted again is another item. */
export interface Item<T> {
  readonly id: number
  readonly object: T
  /** False once deleted; a structure may keep such an item as a pivot, but never answers with it. */
  alive: boolean
}

/** Computes a distance. NaN compares false with everything, so one would silently lose answers: it is refused here. */
export function finiteDistance<T>(metric: Metric<T>, a: T, b: T, limit?: number): number {
  const distance = metric.distance(a, b, limit)
  if (distance >= 0 && distance < Number.POSITIVE_INFINITY) return distance
  throw new AppError(
    'NOT_A_METRIC',
    `expected a finite ${metric.name} distance of at least 0, got ${distance}`,
  )
}

/** @throws INVALID_REQUEST unless a number is whole and at least `least`. */
export function checkWhole(name: string, value: number, least: number): void {
  if (Number.isSafeInteger(value) && value >= least) return
  throw new AppError(
    'INVALID_REQUEST',
    `expected ${name} to be a whole number from ${least}, got ${value}`,
  )
}

/** A structure as a search sees it. A step is a part of it, with what the way there has shown. */
export interface Searchable<T, Step> {
  /** Offers objects, or names parts to visit, so that every live object is reached once. */
  begin(search: Search<T, Step>): void
  /** Does the same for one part that was named; `lower` is what it was named with. */
  expand(step: Step, lower: number, search: Search<T, Step>): void
}

/** One search, as the structure calls it; each kind of query is one subclass. */
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

  /** Computes and counts the distance from the query. */
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

  /** Takes an object whose distance is known; the deleted are left out here. */
  abstract offer(item: Item<T>, distance: number): void
  /** Takes an object whose distance is not below `lower`, to be computed only if need be. */
  abstract candidate(item: Item<T>, lower: number): void
  /** Takes a part whose objects are all at a distance not below `lower`. */
  abstract visit(step: Step, lower: number): void
}
