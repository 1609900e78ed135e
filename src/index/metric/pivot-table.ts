import type { Metric } from '../../vector/metric/metric.ts'
import { MetricIndex } from './metric-index.ts'
import { choosePivots, FARTHEST_FIRST, GROWTH, type PivotChoice, pivotBound } from './pivots.ts'
import { checkWhole, type Item, type Search } from './search.ts'
import { invalidSnapshot, type SnapshotReader } from './structure-snapshot.ts'

interface PivotTableOptions<T> {
  readonly metric: Metric<T>
  readonly pivots?: number
  readonly choice?: PivotChoice
}

/**
 * LAESA (Mico, Oncina and Vidal, Pattern Recognition Letters 1994): every object's distances to a
 * few pivots. The fewest distances of the structures here, but each query reads the whole table.
 *
 * Deleting a pivot chooses all of them again: n distances for each pivot, in one call.
 */
export class PivotTable<T> extends MetricIndex<T, never> {
  protected readonly kind: string
  readonly #wanted: number
  readonly #choice: PivotChoice
  protected pivots: Item<T>[] = []
  protected rows = new Map<Item<T>, Float64Array>()
  #chosenFrom = 0

  constructor({ metric, pivots = 16, choice = FARTHEST_FIRST }: PivotTableOptions<T>) {
    super(metric)
    checkWhole('the number of pivots', pivots, 1)
    this.#wanted = pivots
    this.#choice = choice
    this.kind = `pivot-table of ${pivots}`
  }

  begin(search: Search<T, never>): void {
    const query = Float64Array.from(this.pivots, (pivot) => search.distance(pivot))
    const pivots = new Set(this.pivots)
    this.pivots.forEach((pivot, i) => {
      search.offer(pivot, query[i]!)
    })
    for (const [item, row] of this.rows) {
      if (!pivots.has(item)) search.candidate(item, pivotBound(query, row, row, this.bounds))
    }
  }

  expand(): void {}

  protected add(item: Item<T>): void {
    const row = Float64Array.from(this.pivots, (pivot) => this.between(pivot, item))
    this.rows.set(item, row)
    if (this.rows.size >= GROWTH * this.#chosenFrom) this.build([...this.rows.keys()])
  }

  protected remove(item: Item<T>): void {
    this.rows.delete(item)
    if (this.pivots.includes(item)) this.build([...this.rows.keys()])
  }

  protected build(items: readonly Item<T>[]): void {
    const { pivots, rows } = choosePivots(items, this.#wanted, this.between, this.#choice)
    this.pivots = pivots
    this.rows = new Map(items.map((item, i) => [item, rows[i]!]))
    this.#chosenFrom = items.length
  }

  protected stored(): Iterable<Item<T>> {
    return this.rows.keys()
  }

  protected write(numbers: number[]): void {
    numbers.push(this.#chosenFrom, this.pivots.length)
    for (const pivot of this.pivots) numbers.push(pivot.id)
    numbers.push(this.rows.size)
    for (const [item, row] of this.rows) numbers.push(item.id, ...row)
  }

  protected read(reader: SnapshotReader<T>): void {
    this.#chosenFrom = reader.whole(0, 2 ** 32)
    const pivots = reader.whole(0, this.#wanted)
    this.pivots = Array.from({ length: pivots }, reader.item)
    const size = reader.whole(0, 2 ** 32)
    for (let i = 0; i < size; i++) {
      const item = reader.item()
      if (this.rows.has(item)) throw invalidSnapshot(`object ${item.id} has two rows`)
      this.rows.set(item, Float64Array.from(reader.distances(pivots)))
    }
    if (this.pivots.every((pivot) => this.rows.has(pivot))) return
    throw invalidSnapshot('a pivot is not in the table')
  }
}
