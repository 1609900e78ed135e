import { AppError } from '../../errors.ts'
import type { Metric } from '../../vector/metric/metric.ts'

/** An object as a structure holds it. The same id inserted again is another item. */
export interface Item<T> {
  readonly id: number
  readonly object: T
  /** False once deleted; a structure may keep such an item as a pivot, but never answers with it. */
  alive: boolean
}

/** Objects in no order, and what they cost. */
export interface MetricAnswer {
  readonly ids: Uint32Array
  readonly distances: Float64Array
  /** Distances computed for this answer; a scan computes one an object. */
  readonly computedDistances: number
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

/** The check of a search that nobody ends before its end. */
export const NO_CHECK = (): void => undefined

/** A structure as a search sees it. A step is a part of it, with what the way there has shown. */
export interface Searchable<T, Step> {
  readonly metric: Metric<T>
  /** Offers objects, or names parts to visit, so that every live object is reached once. */
  begin(search: Search<T, Step>): void
  /** Does the same for one part that was named; `lower` is what it was named with. */
  expand(step: Step, lower: number, search: Search<T, Step>): void
}

/** One search, as the structure calls it; each kind of query is one subclass. */
export abstract class Search<T, Step> {
  computedDistances = 0
  protected readonly structure: Searchable<T, Step>
  readonly #query: T
  readonly #check: () => void

  /** @param check is called before each distance, and ends the search by what it throws. */
  constructor(structure: Searchable<T, Step>, query: T, check: () => void = NO_CHECK) {
    this.structure = structure
    this.#query = query
    this.#check = check
  }

  /** Computes and counts the distance from the query; where it is beyond `limit`, any number beyond it will do. */
  distance(item: Item<T>, limit = Number.POSITIVE_INFINITY): number {
    this.#check()
    this.computedDistances++
    return finiteDistance(this.structure.metric, this.#query, item.object, limit)
  }

  /** Offers an object whose distance is needed for the answer alone. */
  compute(item: Item<T>): void {
    this.offer(item, this.distance(item, this.limit))
  }

  /** No object beyond this distance can be among the answers any more. */
  abstract get limit(): number
  /** Takes an object whose distance is known; the deleted are left out here. */
  abstract offer(item: Item<T>, distance: number): void
  /** Takes an object whose distance is not below `lower`, to be computed only if need be. */
  abstract candidate(item: Item<T>, lower: number): void
  /** Takes a part whose objects are all at a distance not below `lower`. */
  abstract visit(step: Step, lower: number): void
}
