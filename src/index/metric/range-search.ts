import { type Item, type MetricAnswer, Search, type Searchable } from './search.ts'

/** All objects within a radius: parts in any order, depth first. */
export class RangeSearch<T, Step> extends Search<T, Step> {
  readonly limit: number
  readonly #steps: Step[] = []
  readonly #lowers: number[] = []
  readonly #ids: number[] = []
  readonly #distances: number[] = []

  constructor(structure: Searchable<T, Step>, query: T, radius: number) {
    super(structure, query)
    this.limit = radius
  }

  run(): MetricAnswer {
    this.structure.begin(this)
    for (let step = this.#steps.pop(); step !== undefined; step = this.#steps.pop()) {
      this.structure.expand(step, this.#lowers.pop()!, this)
    }
    return {
      ids: Uint32Array.from(this.#ids),
      distances: Float64Array.from(this.#distances),
      computedDistances: this.computedDistances,
    }
  }

  offer(item: Item<T>, distance: number): void {
    if (!item.alive || distance > this.limit) return
    this.#ids.push(item.id)
    this.#distances.push(distance)
  }

  candidate(item: Item<T>, lower: number): void {
    if (item.alive && lower <= this.limit) this.compute(item)
  }

  visit(step: Step, lower: number): void {
    if (lower > this.limit) return
    this.#steps.push(step)
    this.#lowers.push(lower)
  }
}
