import type { Metric } from '../../vector/metric/metric.ts'
import type { MetricAnswer } from './metric-index.ts'
import { type Item, Search, type Searchable } from './search.ts'

/** All objects within a radius: parts in any order, depth first. */
export class RangeSearch<T, Step> extends Search<T, Step> {
  readonly #radius: number
  readonly #steps: Step[] = []
  readonly #lowers: number[] = []
  readonly #ids: number[] = []
  readonly #distances: number[] = []

  constructor(metric: Metric<T>, query: T, radius: number) {
    super(metric, query)
    this.#radius = radius
  }

  run(structure: Searchable<T, Step>): MetricAnswer {
    structure.begin(this)
    for (let step = this.#steps.pop(); step !== undefined; step = this.#steps.pop()) {
      structure.expand(step, this.#lowers.pop()!, this)
    }
    return {
      ids: Uint32Array.from(this.#ids),
      distances: Float64Array.from(this.#distances),
      computedDistances: this.computedDistances,
    }
  }

  protected get limit(): number {
    return this.#radius
  }

  offer(item: Item<T>, distance: number): void {
    if (!item.alive || distance > this.#radius) return
    this.#ids.push(item.id)
    this.#distances.push(distance)
  }

  candidate(item: Item<T>, lower: number): void {
    if (item.alive && lower <= this.#radius) this.offer(item, this.distanceToOffer(item))
  }

  visit(step: Step, lower: number): void {
    if (lower > this.#radius) return
    this.#steps.push(step)
    this.#lowers.push(lower)
  }
}
