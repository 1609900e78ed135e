import { drawIndices, type Random } from '../../../vector/random.ts'
import { choosePivots, FARTHEST_FIRST, type PivotChoice } from '../pivots.ts'
import type { Item } from '../search.ts'
import { type Child, type Entry, MAX_DEPTH, type Part } from './part.ts'

/** How one kind of tree parts its items. */
export interface PartStructure {
  readonly name: string
  /** Whole numbers of at least 1 by their names. */
  readonly settings: Readonly<Record<string, number>>
  /** How many distances to the centres on the way an entry of a leaf stores at most. */
  readonly paths: number
  readonly grow: <T>(entries: Entry<T>[], grower: Grower<T>) => Part<T>
}

/** What the items of one child have in common, as places in the list that was measured. */
export interface Group {
  readonly members: readonly number[]
  /** Of a child of `any` rings: the rings, one a centre. */
  readonly any?: readonly (readonly [low: number, high: number])[]
}

interface Centres<T> {
  readonly centres: readonly Item<T>[]
  readonly guests?: number
  readonly firstOwn?: number
}

/** Builds parts out of entries; the structures share it. */
export class Grower<T> {
  readonly random: Random
  readonly between: (a: Item<T>, b: Item<T>) => number
  readonly #paths: number
  #depth = 0

  constructor(paths: number, random: Random, between: (a: Item<T>, b: Item<T>) => number) {
    this.#paths = paths
    this.random = random
    this.between = between
  }

  leaf(entries: readonly Entry<T>[]): Part<T> {
    return { centres: [], guests: 0, firstOwn: null, children: [], entries }
  }

  /** Chooses up to `count` entries, among at most `among` that are drawn. */
  pivots(
    entries: readonly Entry<T>[],
    count: number,
    among: number,
    choice: PivotChoice = FARTHEST_FIRST,
  ): Item<T>[] {
    const sample = this.draw(entries, among).map(({ item }) => item)
    return choosePivots(sample, count, this.between, choice).pivots
  }

  /** Takes these items out of the entries. */
  take(entries: Entry<T>[], items: readonly Item<T>[]): void {
    const taken = new Set(items)
    let kept = 0
    for (const entry of entries) if (!taken.has(entry.item)) entries[kept++] = entry
    entries.length = kept
  }

  draw(entries: readonly Entry<T>[], count: number): Entry<T>[] {
    return drawIndices(entries.length, count, this.random).map((i) => entries[i]!)
  }

  /** Computes a row of distances to the centres for each entry, whose path they continue. */
  measure(centres: readonly Item<T>[], entries: readonly Entry<T>[]): Float64Array[] {
    return entries.map(({ item, path }) => {
      const row = Float64Array.from(centres, (centre) => this.between(centre, item))
      for (const distance of row) if (path.length < this.#paths) path.push(distance)
      return row
    })
  }

  /**
   * Makes a part of these centres, with a child for each group; a group without members makes one only where it has
   * an own centre. Deeper than MAX_DEPTH, and where all members are equal to the first centre, leaves are not grown.
   */
  part(
    { centres, guests = 0, firstOwn }: Centres<T>,
    entries: readonly Entry<T>[],
    rows: readonly Float64Array[],
    groups: readonly Group[],
    grow: (members: Entry<T>[], group: number) => Part<T>,
  ): Part<T> {
    const children: Child<T>[] = []
    for (const [i, { members, any }] of groups.entries()) {
      const ringed = members.map((at) => rows[at]!)
      if (firstOwn !== undefined) ringed.push(this.#among(centres, firstOwn + i))
      if (ringed.length === 0) continue
      const rings = any === undefined ? ringsOf(ringed) : bandsOf(any)
      const below = members.map((at) => entries[at]!)
      const equal = centres.length > 0 && ringsOf(ringed).high[0] === 0
      this.#depth++
      const part = this.#depth >= MAX_DEPTH || equal ? this.leaf(below) : grow(below, i)
      this.#depth--
      children.push({ part, rings: any === undefined ? 'all' : 'any', ...rings })
    }
    return { centres, guests, firstOwn: firstOwn ?? null, children, entries: [] }
  }

  #among(centres: readonly Item<T>[], own: number): Float64Array {
    const centre = centres[own]!
    return Float64Array.from(centres, (other) => {
      return other === centre ? 0 : this.between(other, centre)
    })
  }
}

function ringsOf(rows: readonly Float64Array[]): Pick<Child<unknown>, 'low' | 'high'> {
  const low = Float64Array.from(rows[0]!)
  const high = Float64Array.from(rows[0]!)
  for (const row of rows) {
    for (let i = 0; i < row.length; i++) {
      low[i] = Math.min(low[i]!, row[i]!)
      high[i] = Math.max(high[i]!, row[i]!)
    }
  }
  return { low, high }
}

function bandsOf(any: NonNullable<Group['any']>): Pick<Child<unknown>, 'low' | 'high'> {
  return {
    low: Float64Array.from(any, ([low]) => low),
    high: Float64Array.from(any, ([, high]) => high),
  }
}
