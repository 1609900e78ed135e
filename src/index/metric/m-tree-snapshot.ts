import type { Item } from './item.ts'
import { type MEntry, nodeEntry, objectEntry } from './m-tree-entry.ts'
import type { MTreeSettings } from './m-tree-settings.ts'
import type { NumberReader } from './structure-snapshot.ts'

/** Item, distance from the parent, then distances from the pivots or radius, count, children. */
export function writeMEntry<T>(entry: MEntry<T>, numbers: number[]): void {
  numbers.push(entry.item.id, entry.parentDistance)
  if (entry.level === 0) {
    numbers.push(...entry.low)
    return
  }
  numbers.push(entry.radius, entry.children.length)
  for (const child of entry.children) writeMEntry(child, numbers)
}

/** Rings are not stored: the objects' distances from the pivots give them. */
export function readMEntry<T>(
  reader: NumberReader,
  take: () => Item<T>,
  level: number,
  pivots: number,
  settings: MTreeSettings<T>,
): { entry: MEntry<T>; parentDistance: number } {
  const item = take()
  const parentDistance = reader.distance()
  if (level === 0) {
    const toPivots = Float64Array.from({ length: pivots }, () => reader.distance())
    return { entry: objectEntry(item, toPivots), parentDistance }
  }
  const radius = reader.distance()
  const count = reader.whole(1, settings.capacity)
  const children = Array.from({ length: count }, () =>
    readMEntry(reader, take, level - 1, pivots, settings),
  )
  const entry = nodeEntry(
    item,
    children.map((child) => child.entry),
    children.map((child) => child.parentDistance),
    settings.bounds,
  )
  entry.radius = Math.min(entry.radius, radius)
  return { entry, parentDistance }
}
