import type { Metric } from '../../../vector/metric/metric.ts'
import { choosePivots, FARTHEST_FIRST, type PivotChoice } from '../pivots.ts'
import { checkWhole, type Item, type Search } from '../search.ts'
import { invalidSnapshot, type SnapshotReader } from '../structure-snapshot.ts'
import { BuiltIndex } from './built-index.ts'

/** The distances to a pivot are parted into this many cells, so that one takes a byte. */
const CELLS = 256

/** Items by the cells of their distances to the pivots, in lexicographic order. */
interface Shape<T> {
  readonly pivots: readonly Item<T>[]
  /** The least and greatest distance in each cell of each pivot; of an empty one 0. */
  readonly low: Float64Array
  readonly high: Float64Array
  readonly items: readonly Item<T>[]
  /** A row of cells for each item. */
  readonly cells: Uint8Array
}

/** Items whose cells are equal up to the pivot `level`; all of a query have one list of distances. */
interface Step<T> {
  readonly shape: Shape<T>
  readonly from: number
  readonly to: number
  readonly level: number
  readonly distances: Float64Array
}

interface FixedQueriesArrayOptions<T> {
  readonly metric: Metric<T>
  readonly pivots?: number
  readonly choice?: PivotChoice
}

/**
 * Fixed queries array (Chavez, Marroquin and Navarro, Fixed queries array: a fast and economical data structure for
 * proximity searching, 2001): a fixed queries tree without its nodes. The items lie in the order of their cells, so
 * what a node would hold is a run, found by binary search.
 */
export class FixedQueriesArray<T> extends BuiltIndex<T, Shape<T>, Step<T>> {
  protected readonly kind: string
  readonly #wanted: number
  readonly #choice: PivotChoice

  constructor({ metric, pivots = 16, choice = FARTHEST_FIRST }: FixedQueriesArrayOptions<T>) {
    super(metric)
    checkWhole('the number of pivots', pivots, 1)
    this.#wanted = pivots
    this.#choice = choice
    this.kind = `fixed-queries-array of ${pivots}`
  }

  protected grow(items: readonly Item<T>[]): Shape<T> {
    const { pivots, rows } = choosePivots(items, this.#wanted, this.between, this.#choice)
    const count = pivots.length
    const low = new Float64Array(CELLS * count)
    const high = new Float64Array(CELLS * count)
    const codes = rows.map(() => new Uint8Array(count))
    for (let pivot = 0; pivot < count; pivot++) {
      const column = Float64Array.from(rows, (row) => row[pivot]!)
      const least = column.reduce((a, b) => Math.min(a, b))
      const width = (column.reduce((a, b) => Math.max(a, b)) - least) / CELLS
      const seen = new Set<number>()
      for (const [i, distance] of column.entries()) {
        const cell = width > 0 ? Math.min(CELLS - 1, Math.floor((distance - least) / width)) : 0
        const at = CELLS * pivot + cell
        codes[i]![pivot] = cell
        low[at] = seen.has(cell) ? Math.min(low[at]!, distance) : distance
        high[at] = Math.max(high[at]!, distance)
        seen.add(cell)
      }
    }
    const order = Array.from(items.keys()).sort((i, j) => compare(codes[i]!, codes[j]!))
    const cells = new Uint8Array(items.length * count)
    for (const [at, i] of order.entries()) cells.set(codes[i]!, at * count)
    return { pivots, low, high, items: order.map((i) => items[i]!), cells }
  }

  protected enter(shape: Shape<T>, search: Search<T, Step<T>>): void {
    const distances = new Float64Array(shape.pivots.length).fill(Number.NaN)
    search.visit({ shape, from: 0, to: shape.items.length, level: 0, distances }, 0)
  }

  expand(step: Step<T>, lower: number, search: Search<T, Step<T>>): void {
    const { shape, from, to, level, distances } = step
    const { pivots, low, high, items, cells } = shape
    if (level === pivots.length) {
      for (const item of items.slice(from, to)) {
        const pivot = pivots.indexOf(item)
        if (pivot >= 0) search.offer(item, distances[pivot]!)
        else search.candidate(item, lower)
      }
      return
    }
    if (Number.isNaN(distances[level]!)) distances[level] = search.distance(pivots[level]!)
    for (let start = from; start < to; ) {
      const cell = cells[start * pivots.length + level]!
      const end = endOfRun(cells, pivots.length, level, start, to)
      const at = CELLS * level + cell
      const bound = Math.max(lower, this.bounds.ring(distances[level]!, low[at]!, high[at]!))
      search.visit({ shape, from: start, to: end, level: level + 1, distances }, bound)
      start = end
    }
  }

  protected itemsOf({ items }: Shape<T>): Iterable<Item<T>> {
    return items
  }

  /** Writes the pivots, the rings of all cells, then each item with its cells. */
  protected writeShape({ pivots, low, high, items, cells }: Shape<T>, numbers: number[]): void {
    numbers.push(pivots.length, ...pivots.map(({ id }) => id), ...low, ...high, items.length)
    for (const [i, { id }] of items.entries()) {
      numbers.push(id, ...cells.subarray(i * pivots.length, (i + 1) * pivots.length))
    }
  }

  protected readShape(reader: SnapshotReader<T>): Shape<T> {
    const count = reader.whole(1, this.#wanted)
    const pivots = Array.from({ length: count }, reader.item)
    const low = Float64Array.from(reader.distances(CELLS * count))
    const high = Float64Array.from(reader.distances(CELLS * count))
    const size = reader.whole(1, reader.listed.size)
    const cells = new Uint8Array(size * count)
    const items: Item<T>[] = []
    for (let i = 0; i < size; i++) {
      items.push(reader.item())
      for (let j = 0; j < count; j++) cells[i * count + j] = reader.whole(0, CELLS - 1)
      const rows = [i - 1, i].map((at) => cells.subarray(at * count, (at + 1) * count))
      if (i > 0 && compare(rows[0]!, rows[1]!) > 0)
        throw invalidSnapshot('the cells are not in order')
    }
    return { pivots, low, high, items, cells }
  }
}

function compare(a: Uint8Array, b: Uint8Array): number {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return a[i]! - b[i]!
  return 0
}

/** Finds the end of the rows from `start` that are in its cell at a level; up to `to` they are in order there. */
function endOfRun(
  cells: Uint8Array,
  width: number,
  level: number,
  start: number,
  to: number,
): number {
  const cell = cells[start * width + level]!
  let inside = start
  let outside = to
  while (outside - inside > 1) {
    const middle = (inside + outside) >> 1
    if (cells[middle * width + level] === cell) inside = middle
    else outside = middle
  }
  return outside
}
