import { MetricIndex } from '../metric-index.ts'
import type { Item, Search } from '../search.ts'
import type { SnapshotReader } from '../structure-snapshot.ts'

/** Builds again when this part of what was built waits, or is deleted. */
const SHARE = 4

/**
 * A structure that is built once, over all its items: what is inserted waits in a list that each search reads, what
 * is deleted is marked, and a quarter of either builds again. A snapshot builds first where there is any.
 */
export abstract class BuiltIndex<T, Shape, Step> extends MetricIndex<T, Step> {
  protected shape: Shape | null = null
  readonly #waiting = new Set<Item<T>>()
  #built = 0
  #dead = 0

  /** Builds from at least one item. */
  protected abstract grow(items: readonly Item<T>[]): Shape
  /** Gives every item of a shape once, the deleted included. */
  protected abstract itemsOf(shape: Shape): Iterable<Item<T>>
  /** Offers the items of a shape, or names its parts, as `begin` does. */
  protected abstract enter(shape: Shape, search: Search<T, Step>): void
  protected abstract writeShape(shape: Shape, numbers: number[]): void
  protected abstract readShape(reader: SnapshotReader<T>): Shape

  begin(search: Search<T, Step>): void {
    for (const item of this.#waiting) search.compute(item)
    if (this.shape !== null) this.enter(this.shape, search)
  }

  protected add(item: Item<T>): void {
    if (SHARE * (this.#waiting.size + 1) > this.#built) this.build([...this.stored(), item])
    else this.#waiting.add(item)
  }

  protected remove(item: Item<T>): void {
    if (this.#waiting.delete(item)) return
    this.#dead++
    if (SHARE * this.#dead >= this.#built) this.build([...this.stored()])
  }

  protected build(items: readonly Item<T>[]): void {
    this.shape = items.length === 0 ? null : this.grow(items)
    this.#waiting.clear()
    this.#built = items.length
    this.#dead = 0
  }

  protected *stored(): Iterable<Item<T>> {
    if (this.shape !== null) {
      for (const item of this.itemsOf(this.shape)) if (item.alive) yield item
    }
    yield* this.#waiting
  }

  protected write(numbers: number[]): void {
    if (this.#dead > 0 || this.#waiting.size > 0) this.build([...this.stored()])
    numbers.push(this.#built)
    if (this.shape !== null) this.writeShape(this.shape, numbers)
  }

  protected read(reader: SnapshotReader<T>): void {
    this.#built = reader.whole(0, reader.listed.size)
    if (this.#built > 0) this.shape = this.readShape(reader)
  }
}
