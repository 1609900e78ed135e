import type { Item } from '../search.ts'
import { invalidSnapshot, type SnapshotReader } from '../structure-snapshot.ts'

/** An item of a leaf, and its distances to the first of the centres on the way to it, from the root. */
export interface Entry<T> {
  readonly item: Item<T>
  readonly path: number[]
}

/**
 * A part below, and rings about the centres of the part above. Of `all`: each item of the child is at a distance from
 * `low` to `high` of every centre. Of `any`: each is so for at least one of them.
 */
export interface Child<T> {
  readonly part: Part<T>
  readonly rings: 'all' | 'any'
  readonly low: Float64Array
  readonly high: Float64Array
}

/** A node of any tree of the survey: distances from a query to its centres bound those to its children. */
export interface Part<T> {
  /** The first `guests` have their place elsewhere in the tree, the others here. */
  readonly centres: readonly Item<T>[]
  readonly guests: number
  /**
   * Null, or the place of the first child's own centre; each next child has the next centre. Then no centre is nearer
   * to an item of a child than the child's own, and the rings hold for that centre too.
   */
  readonly firstOwn: number | null
  readonly children: readonly Child<T>[]
  readonly entries: readonly Entry<T>[]
}

/** Gives every item that has its place in a part, the deleted included. */
export function* itemsOfPart<T>({
  centres,
  guests,
  children,
  entries,
}: Part<T>): Generator<Item<T>> {
  yield* centres.slice(guests)
  for (const { item } of entries) yield item
  for (const { part } of children) yield* itemsOfPart(part)
}

/** Deeper than any tree grows; keeps a made-up snapshot from overflowing the stack. */
export const MAX_DEPTH = 256

/** Writes centres, guests, first own; entries with their paths; then for each child its rings and its part. */
export function writePart<T>(part: Part<T>, numbers: number[]): void {
  const { centres, guests, firstOwn, children, entries } = part
  numbers.push(centres.length, guests, firstOwn === null ? 0 : firstOwn + 1)
  for (const { id } of centres) numbers.push(id)
  numbers.push(entries.length)
  for (const { item, path } of entries) numbers.push(item.id, path.length, ...path)
  numbers.push(children.length)
  for (const { rings, low, high, part: below } of children) {
    numbers.push(rings === 'any' ? 1 : 0, ...low, ...high)
    writePart(below, numbers)
  }
}

export function readPart<T>(reader: SnapshotReader<T>, depth = 0): Part<T> {
  if (depth > MAX_DEPTH) throw invalidSnapshot(`expected at most ${MAX_DEPTH} levels, got more`)
  const { size } = reader.listed
  const count = reader.whole(0, size)
  const guests = reader.whole(0, count)
  const first = reader.whole(0, count)
  const firstOwn = first === 0 ? null : first - 1
  const centres = Array.from({ length: count }, reader.item)
  const entries = Array.from({ length: reader.whole(0, size) }, () => ({
    item: reader.item(),
    path: reader.distances(reader.whole(0, size)),
  }))
  const children = Array.from({ length: reader.whole(0, size) }, () => ({
    rings: reader.whole(0, 1) === 1 ? ('any' as const) : ('all' as const),
    low: Float64Array.from(reader.distances(count)),
    high: Float64Array.from(reader.distances(count)),
    part: readPart(reader, depth + 1),
  }))
  if (firstOwn !== null && children.length !== count - firstOwn) {
    throw invalidSnapshot(`expected ${count - firstOwn} children, got ${children.length}`)
  }
  return { centres, guests, firstOwn, children, entries }
}
