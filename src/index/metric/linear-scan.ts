import { MetricIndex } from './metric-index.ts'
import type { Item, Search } from './search.ts'
import type { SnapshotReader } from './structure-snapshot.ts'

/** Computes every distance for every answer: the baseline, and the best there is without structure. */
export class LinearScan<T> extends MetricIndex<T, never> {
  protected readonly kind = 'linear-scan'
  #items = new Set<Item<T>>()

  begin(search: Search<T, never>): void {
    for (const item of this.#items) search.compute(item)
  }

  expand(): void {}

  protected add(item: Item<T>): void {
    this.#items.add(item)
  }

  protected remove(item: Item<T>): void {
    this.#items.delete(item)
  }

  protected build(items: readonly Item<T>[]): void {
    this.#items = new Set(items)
  }

  protected stored(): Iterable<Item<T>> {
    return this.#items
  }

  protected write(numbers: number[]): void {
    numbers.push(this.#items.size)
    for (const item of this.#items) numbers.push(item.id)
  }

  protected read(reader: SnapshotReader<T>): void {
    const size = reader.whole(0, 2 ** 32)
    for (let i = 0; i < size; i++) this.#items.add(reader.item())
  }
}
