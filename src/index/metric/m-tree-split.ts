import { type MEntry, type MTreeSettings, nodeEntry, reach } from './m-tree-entry.ts'

function distancesAmong<T>(
  entries: readonly MEntry<T>[],
  settings: MTreeSettings<T>,
): Float64Array[] {
  const distances = entries.map(() => new Float64Array(entries.length))
  for (let i = 0; i < entries.length; i++) {
    for (let j = 0; j < i; j++) {
      const known = entries[i]!.item === entries[j]!.item
      const distance = known ? 0 : settings.between(entries[i]!.item, entries[j]!.item)
      distances[i]![j] = distance
      distances[j]![i] = distance
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
  let best = { centre: 0, other: 1, sides: new Uint8Array(entries.length) }
  let leastRadius = Number.POSITIVE_INFINITY
  const possible = Math.max(...entries.map((entry) => reach(entry, 0, settings.bounds)))
  for (let centre = 0; centre < entries.length && leastRadius > possible; centre++) {
    for (let other = centre + 1; other < entries.length && leastRadius > possible; other++) {
      const [toCentre, toOther] = [distances[centre]!, distances[other]!]
      const sides = divide(centre, other, toCentre, toOther, settings)
      let radius = 0
      for (let i = 0; i < entries.length; i++) {
        const distance = sides[i] === 0 ? toCentre[i]! : toOther[i]!
        radius = Math.max(radius, reach(entries[i]!, distance, settings.bounds))
      }
      if (radius < leastRadius) {
        best = { centre, other, sides }
        leastRadius = radius
      }
    }
  }
  const half = (centre: number, side: number) => {
    const members = entries.map((_, i) => i).filter((i) => best.sides[i] === side)
    return nodeEntry(
      entries[centre]!.item,
      members.map((i) => entries[i]!),
      members.map((i) => distances[centre]![i]!),
      settings.bounds,
    )
  }
  return {
    first: half(best.centre, 0),
    second: half(best.other, 1),
    distance: distances[best.centre]![best.other]!,
  }
}

/** Gives each entry a side: 0 is that of `centre`, 1 that of `other`. */
function divide<T>(
  centre: number,
  other: number,
  toCentre: Float64Array,
  toOther: Float64Array,
  { partition, minimum }: MTreeSettings<T>,
): Uint8Array<ArrayBuffer> {
  const count = toCentre.length
  // From the entry nearest to `centre`, as against `other`, to the one nearest to `other`.
  const lean = toCentre.map((distance, i) => distance - toOther[i]!)
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

/** Makes a node of up to a capacity of entries, around the one from which the farthest is nearest. */
export function centredNode<T>(
  entries: readonly MEntry<T>[],
  settings: MTreeSettings<T>,
): MEntry<T> {
  const distances = distancesAmong(entries, settings)
  let centre = 0
  let leastRadius = Number.POSITIVE_INFINITY
  for (const [i, row] of distances.entries()) {
    let radius = 0
    for (let j = 0; j < entries.length; j++) {
      radius = Math.max(radius, reach(entries[j]!, row[j]!, settings.bounds))
    }
    if (radius < leastRadius) {
      centre = i
      leastRadius = radius
    }
  }
  return nodeEntry(entries[centre]!.item, entries, [...distances[centre]!], settings.bounds)
}
