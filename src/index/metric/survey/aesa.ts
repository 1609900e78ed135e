import { AppError } from '../../../errors.ts'
import type { Metric } from '../../../vector/metric/metric.ts'
import { MetricIndex } from '../metric-index.ts'
import type { Item, Search } from '../search.ts'
import { invalidSnapshot, type SnapshotReader } from '../structure-snapshot.ts'

/** What a search has not come to, and the greatest lower bound of each. */
interface Step {
  readonly places: Uint32Array
  readonly lowers: Float64Array
}

/** The table of more objects would take over 1 GiB. */
const MOST_OBJECTS = 16_384

/**
 * AESA (Vidal Ruiz, An algorithm for finding nearest neighbours in (approximately) constant average time, Pattern
 * Recognition Letters 1986): the distances of all pairs, so that each distance that a search computes bounds all
 * objects. Nothing computes fewer; the table grows with the square of the objects, and each distance reads a row of it.
 */
export class Aesa<T> extends MetricIndex<T, Step> {
  protected readonly kind = 'aesa'
  protected items: Item<T>[] = []
  /** Row i has the distances of object i to those before it. */
  protected rows: Float64Array[] = []
  #dead = 0

  constructor({ metric }: { readonly metric: Metric<T> }) {
    super(metric)
  }

  begin(search: Search<T, Step>): void {
    const places = Uint32Array.from(this.items.keys()).filter((i) => this.items[i]!.alive)
    if (places.length > 0) search.visit({ places, lowers: new Float64Array(places.length) }, 0)
  }

  expand({ places, lowers }: Step, _: number, search: Search<T, Step>): void {
    let first = 0
    for (let i = 1; i < places.length; i++) if (lowers[i]! < lowers[first]!) first = i
    const pivot = places[first]!
    const distance = search.distance(this.items[pivot]!)
    search.offer(this.items[pivot]!, distance)
    const left = new Uint32Array(places.length)
    const bounds = new Float64Array(places.length)
    let count = 0
    let least = Number.POSITIVE_INFINITY
    for (let i = 0; i < places.length; i++) {
      const place = places[i]!
      if (place === pivot) continue
      const lower = Math.max(lowers[i]!, this.bounds.apart(distance, this.#between(pivot, place)))
      if (lower > search.limit) continue
      left[count] = place
      bounds[count++] = lower
      if (lower < least) least = lower
    }
    if (count === 0) return
    search.visit({ places: left.subarray(0, count), lowers: bounds.subarray(0, count) }, least)
  }

  #between(a: number, b: number): number {
    return a > b ? this.rows[a]![b]! : this.rows[b]![a]!
  }

  protected add(item: Item<T>): void {
    checkCount(this.items.length + 1)
    const row = Float64Array.from(this.items, (other) => this.between(other, item))
    this.items.push(item)
    this.rows.push(row)
  }

  protected remove(): void {
    this.#dead++
    if (4 * this.#dead >= this.items.length) this.#forgetDead()
  }

  /** Takes the rows and columns of deleted objects out; computes no distance. */
  #forgetDead(): void {
    const kept = Array.from(this.items.keys()).filter((i) => this.items[i]!.alive)
    this.rows = kept.map((i, at) => Float64Array.from(kept.slice(0, at), (j) => this.rows[i]![j]!))
    this.items = kept.map((i) => this.items[i]!)
    this.#dead = 0
  }

  protected build(items: readonly Item<T>[]): void {
    checkCount(items.length)
    this.rows = items.map((item, i) => {
      return Float64Array.from(items.slice(0, i), (other) => this.between(other, item))
    })
    this.items = [...items]
    this.#dead = 0
  }

  protected stored(): Iterable<Item<T>> {
    return this.items.filter(({ alive }) => alive)
  }

  protected write(numbers: number[]): void {
    if (this.#dead > 0) this.#forgetDead()
    for (const [i, { id }] of this.items.entries()) {
      numbers.push(id)
      for (const distance of this.rows[i]!) numbers.push(distance)
    }
  }

  protected read(reader: SnapshotReader<T>): void {
    const { size } = reader.listed
    if (size > MOST_OBJECTS) throw invalidSnapshot(`expected at most ${MOST_OBJECTS} objects`)
    for (let i = 0; i < size; i++) {
      this.items.push(reader.item())
      this.rows.push(Float64Array.from(reader.distances(i)))
    }
  }
}

function checkCount(count: number): void {
  if (count <= MOST_OBJECTS) return
  throw new AppError('INVALID_REQUEST', `expected at most ${MOST_OBJECTS} objects, got ${count}`)
}
