import type { Metric } from '../../vector/metric/metric.ts'
import { BestFirstSearch } from './best-first-search.ts'
import type { Item } from './item.ts'
import { KNearest } from './k-nearest.ts'
import type { MetricAnswer } from './metric-index.ts'
import type { Searchable } from './search.ts'

/** The k nearest: best first, with all that lies beyond the k-th so far left out of the queue. */
export class NearestSearch<T, Step> extends BestFirstSearch<T, Step> {
  readonly #found: KNearest

  constructor(metric: Metric<T>, query: T, k: number, radius: number) {
    super(metric, query)
    this.#found = new KNearest(k, radius)
  }

  run(structure: Searchable<T, Step>): MetricAnswer {
    structure.begin(this)
    while (this.frontier <= this.#found.bound && this.frontier < Number.POSITIVE_INFINITY) {
      this.advance(structure)
    }
    return { ...this.#found.finish(), computedDistances: this.computedDistances }
  }

  protected override get limit(): number {
    return this.#found.bound
  }

  override offer(item: Item<T>, distance: number): void {
    if (item.alive) this.#found.add(item.id, distance)
  }

  override candidate(item: Item<T>, lower: number): void {
    if (lower <= this.#found.bound) super.candidate(item, lower)
  }

  override visit(step: Step, lower: number): void {
    if (lower <= this.#found.bound) super.visit(step, lower)
  }
}
