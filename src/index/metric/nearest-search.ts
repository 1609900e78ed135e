import { Nearest } from '../scan/nearest.ts'
import { BestFirstQueue } from './best-first-queue.ts'
import { BestFirstSearch } from './best-first-search.ts'
import type { Item, MetricAnswer, Searchable } from './search.ts'

/**
 * The k nearest: best first, with all that lies beyond the k-th so far left out of the queue. `Nearest` knows the
 * k-th after each of its cuts only; since here a distance costs more than a heap, a heap knows it after every object.
 */
export class NearestSearch<T, Step> extends BestFirstSearch<T, Step> {
  readonly #k: number
  readonly #radius: number
  readonly #found: Nearest
  /** The k smallest distances found, negative so that the largest comes first. */
  readonly #smallest = new BestFirstQueue<null>()

  constructor(
    structure: Searchable<T, Step>,
    query: T,
    { k, radius, check }: Readonly<{ k: number; radius: number; check?: () => void }>,
  ) {
    super(structure, query, check)
    this.#k = k
    this.#radius = radius
    this.#found = new Nearest(k, radius)
  }

  run(): MetricAnswer {
    this.structure.begin(this)
    const { queue } = this
    while (queue.size > 0 && queue.firstKey <= this.limit) this.advance()
    const { rows: ids, distances } = this.#found.finish()
    return { ids, distances, computedDistances: this.computedDistances }
  }

  override get limit(): number {
    return this.#smallest.size < this.#k ? this.#radius : -this.#smallest.firstKey
  }

  override offer(item: Item<T>, distance: number): void {
    if (!item.alive || distance > this.limit) return
    this.#found.add(item.id, distance)
    this.#smallest.push(-distance, 0, null)
    if (this.#smallest.size > this.#k) this.#smallest.pop()
  }

  override candidate(item: Item<T>, lower: number): void {
    if (lower <= this.limit) super.candidate(item, lower)
  }

  override visit(step: Step, lower: number): void {
    if (lower <= this.limit) super.visit(step, lower)
  }
}
