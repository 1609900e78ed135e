import type { Group } from './grower.ts'

/** Gives the places of rows in the order of one of their distances. */
export function byDistance(rows: readonly Float64Array[], column: number): number[] {
  return Array.from(rows.keys()).sort((i, j) => rows[i]![column]! - rows[j]![column]!)
}

/** Cuts places up into runs of equal length, but for one. */
export function evenly(places: readonly number[], count: number): Group[] {
  return Array.from({ length: count }, (_, i) => ({
    members: places.slice(
      Math.floor((i * places.length) / count),
      Math.floor(((i + 1) * places.length) / count),
    ),
  }))
}

/** Distances of more values than this are parted into this many cells of equal width. */
const MOST_VALUES = 64

/**
 * Groups the places of rows by the value of one of their distances: a group a value where these are few, as those of
 * discrete metrics are. Distances of many values would make a group a row.
 */
export function byValue(rows: readonly Float64Array[], column: number): Group[] {
  const values = new Set(rows.map((row) => row[column]!))
  const low = Math.min(...values)
  const width = (Math.max(...values) - low) / MOST_VALUES
  const groups = new Map<number, number[]>()
  for (const [i, row] of rows.entries()) {
    const value = row[column]!
    const key = values.size <= MOST_VALUES ? value : Math.floor((value - low) / width)
    const members = groups.get(key)
    if (members === undefined) groups.set(key, [i])
    else members.push(i)
  }
  return Array.from(groups.values(), (members) => ({ members }))
}

/** Groups the places of rows by the centre that is nearest, of those from `firstOwn`; the first of those that tie. */
export function byNearest(
  rows: readonly Float64Array[],
  centres: number,
  firstOwn: number,
): Group[] {
  const groups = Array.from({ length: centres - firstOwn }, () => ({ members: [] as number[] }))
  for (const [i, row] of rows.entries()) {
    let nearest = firstOwn
    for (let j = firstOwn + 1; j < centres; j++) if (row[j]! < row[nearest]!) nearest = j
    groups[nearest - firstOwn]!.members.push(i)
  }
  return groups
}
