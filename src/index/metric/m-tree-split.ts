import { type MEntry, nodeEntry, reach } from './m-tree-entry.ts'
import type { MTreeSettings } from './m-tree-settings.ts'

/** Distances among entries, row by row. */
class Distances {
  readonly #count: number
  readonly #numbers: Float64Array

  constructor(count: number) {
    this.#count = count
    this.#numbers = new Float64Array(count * count)
  }

  get(i: number, j: number): number {
    return this.#numbers[i * this.#count + j]!
  }

  set(i: number, j: number, distance: number): void {
    this.#numbers[i * this.#count + j] = distance
    this.#numbers[j * this.#count + i] = distance
  }
}

function distancesAmong<T>(entries: readonly MEntry<T>[], settings: MTreeSettings<T>): Distances {
  const distances = new Distances(entries.length)
  for (let i = 0; i < entries.length; i++) {
    for (let j = 0; j < i; j++) {
      const known = entries[i]!.item === entries[j]!.item
      distances.set(i, j, known ? 0 : settings.between(entries[i]!.item, entries[j]!.item))
    }
  }
  return distances
}

/**
 * Divides the entries of an overfull node: mM_RAD, the pair of centres whose larger covering radius
 * is least (Ciaccia, Patella and Zezula, M-tree, VLDB 1997, section 4).
 *
 * @returns the two nodes, and the distance between their items.
 */
export function splitEntries<T>(
  entries: readonly MEntry<T>[],
  settings: MTreeSettings<T>,
): { first: MEntry<T>; second: MEntry<T>; distance: number } {
  const distances = distancesAmong(entries, settings)
  let best: { centre: number; other: number; sides: Uint8Array } = {
    centre: 0,
    other: 1,
    sides: new Uint8Array(entries.length),
  }
  let leastRadius = Number.POSITIVE_INFINITY
  const possible = Math.max(...entries.map((entry) => reach(entry, 0, settings.bounds)))
  for (let centre = 0; centre < entries.length && leastRadius > possible; centre++) {
    for (let other = centre + 1; other < entries.length && leastRadius > possible; other++) {
      const sides = divide(centre, other, entries.length, distances, settings)
      let radius = 0
      for (let i = 0; i < entries.length; i++) {
        const distance = distances.get(i, sides[i] === 0 ? centre : other)
        radius = Math.max(radius, reach(entries[i]!, distance, settings.bounds))
      }
      if (radius < leastRadius) {
        best = { centre, other, sides }
        leastRadius = radius
      }
    }
  }
  const [first, second] = [best.centre, best.other].map((centre, side) => {
    const members = entries.map((_, i) => i).filter((i) => best.sides[i] === side)
    return nodeEntry(
      entries[centre]!.item,
      members.map((i) => entries[i]!),
      members.map((i) => distances.get(i, centre)),
      settings.bounds,
    )
  })
  return { first: first!, second: second!, distance: distances.get(best.centre, best.other) }
}

/** 0 or 1 for each entry: the side of `centre` or of `other`. */
function divide(
  centre: number,
  other: number,
  count: number,
  distances: Distances,
  { partition, minimum }: { partition: 'hyperplane' | 'balanced'; minimum: number },
): Uint8Array {
  // From the entry nearest to `centre`, as against `other`, to the one nearest to `other`.
  const lean = Float64Array.from(
    { length: count },
    (_, i) => distances.get(i, centre) - distances.get(i, other),
  )
  lean[centre] = Number.NEGATIVE_INFINITY
  lean[other] = Number.POSITIVE_INFINITY
  let nearer = 0
  let tied = 0
  for (const value of lean) {
    if (value < 0) nearer++
    else if (value === 0) tied++
  }
  const half = count >> 1
  // Entries as near to the one as to the other make the sides even: equal objects would all go to one.
  const hyperplane = Math.min(Math.max(half, nearer), nearer + tied)
  const wanted = partition === 'balanced' ? half : hyperplane
  const share = Math.min(Math.max(wanted, minimum), count - minimum)
  const sides = new Uint8Array(count)
  if (tied === 0 && share === nearer) {
    for (let i = 0; i < count; i++) sides[i] = lean[i]! < 0 ? 0 : 1
    return sides
  }
  const order = Array.from(lean.keys()).sort((i, j) => lean[i]! - lean[j]!)
  for (const i of order.slice(share)) sides[i] = 1
  return sides
}

/** A node of up to a capacity of entries, around the one from which the farthest is nearest. */
export function centredNode<T>(
  entries: readonly MEntry<T>[],
  settings: MTreeSettings<T>,
): MEntry<T> {
  const distances = distancesAmong(entries, settings)
  let centre = 0
  let leastRadius = Number.POSITIVE_INFINITY
  for (let i = 0; i < entries.length; i++) {
    let radius = 0
    for (let j = 0; j < entries.length; j++) {
      radius = Math.max(radius, reach(entries[j]!, distances.get(i, j), settings.bounds))
    }
    if (radius < leastRadius) {
      centre = i
      leastRadius = radius
    }
  }
  const toCentre = entries.map((_, i) => distances.get(i, centre))
  return nodeEntry(entries[centre]!.item, entries, toCentre, settings.bounds)
}
