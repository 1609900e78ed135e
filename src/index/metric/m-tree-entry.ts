import type { TriangleBounds } from '../../vector/metric/bounds.ts'
import type { Random } from '../../vector/random.ts'
import type { Item } from './search.ts'
import type { SnapshotReader } from './structure-snapshot.ts'

/** How a full node is divided: to the nearer of two centres, or evenly. */
export type Partition = 'hyperplane' | 'balanced'

/** Whether an insertion goes down one way, or looks for all leaves that cover the object. */
export type Insertion = 'single-way' | 'multi-way'

export interface MTreeSettings<T> {
  readonly capacity: number
  /** Children that a node other than the root has at least; at most half the capacity. */
  readonly minimum: number
  readonly partition: Partition
  readonly insertion: Insertion
  readonly bounds: TriangleBounds
  readonly random: Random
  readonly between: (a: Item<T>, b: Item<T>) => number
}

/** More levels than 2^32 objects can fill. */
export const MAX_LEVEL = 32

/**
 * An object (level 0) or a node (level 1 for leaves), the same shape so that splits and loading need
 * one form only. A node's item, its routing object, is always one of the objects below it.
 */
export class MEntry<T> {
  readonly level: number
  item: Item<T>
  parent: MEntry<T> | null = null
  /** The distance from the parent's item; 0 without a parent. */
  parentDistance = 0
  /** Covering radius: no object below is farther from `item`. 0 for an object. */
  radius = 0
  /** Hyper-ring: the least and greatest distance of the objects below from each pivot. */
  low: Float64Array
  high: Float64Array
  readonly children: MEntry<T>[]

  constructor(item: Item<T>, rings: Float64Array, children: readonly MEntry<T>[] = []) {
    this.level = children.length === 0 ? 0 : children[0]!.level + 1
    this.item = item
    this.low = rings
    this.high = rings
    this.children = [...children]
  }
}

/** Makes a node of these children, at these distances from `item`. */
export function nodeEntry<T>(
  item: Item<T>,
  children: readonly MEntry<T>[],
  distances: readonly number[],
  bounds: TriangleBounds,
): MEntry<T> {
  const node = new MEntry(item, children[0]!.low, children)
  node.radius = Number.POSITIVE_INFINITY
  children.forEach((child, i) => {
    child.parent = node
    child.parentDistance = distances[i]!
  })
  tighten(node, bounds)
  return node
}

/** Bounds how far from its parent's item an object below this entry may be. */
export function reach<T>(entry: MEntry<T>, parentDistance: number, bounds: TriangleBounds): number {
  return entry.level === 0 ? parentDistance : bounds.joined(parentDistance, entry.radius)
}

/** Sets the radius and rings that the children prove; the radius never grows. Computes no distance. */
export function tighten<T>(node: MEntry<T>, bounds: TriangleBounds): void {
  let radius = 0
  const low = new Float64Array(node.low.length).fill(Number.POSITIVE_INFINITY)
  const high = new Float64Array(low.length)
  for (const child of node.children) {
    radius = Math.max(radius, reach(child, child.parentDistance, bounds))
    for (let i = 0; i < low.length; i++) {
      low[i] = Math.min(low[i]!, child.low[i]!)
      high[i] = Math.max(high[i]!, child.high[i]!)
    }
  }
  node.radius = Math.min(node.radius, radius)
  node.low = low
  node.high = high
}

export function* entriesAt<T>(entry: MEntry<T>, level: number): Generator<MEntry<T>> {
  if (entry.level === level) yield entry
  else for (const child of entry.children) yield* entriesAt(child, level)
}

/** Sets the rings for other pivots, from the objects up. */
export function renewRings<T>(node: MEntry<T>, pivots: number, bounds: TriangleBounds): void {
  for (const child of node.children) if (child.level > 0) renewRings(child, pivots, bounds)
  node.low = new Float64Array(pivots)
  tighten(node, bounds)
}

/** Writes item, distance from the parent, then distances from the pivots, or radius, count and children. */
export function writeMEntry<T>(entry: MEntry<T>, numbers: number[]): void {
  numbers.push(entry.item.id, entry.parentDistance)
  if (entry.level === 0) {
    numbers.push(...entry.low)
    return
  }
  numbers.push(entry.radius, entry.children.length)
  for (const child of entry.children) writeMEntry(child, numbers)
}

/** Reads an entry; rings are not stored, since the objects' distances from the pivots give them. */
export function readMEntry<T>(
  reader: SnapshotReader<T>,
  level: number,
  pivots: number,
  settings: MTreeSettings<T>,
): MEntry<T> {
  const item = reader.item()
  const parentDistance = reader.distance()
  let entry: MEntry<T>
  if (level === 0) entry = new MEntry(item, Float64Array.from(reader.distances(pivots)))
  else {
    const radius = reader.distance()
    const count = reader.whole(1, settings.capacity)
    const children = Array.from({ length: count }, () =>
      readMEntry(reader, level - 1, pivots, settings),
    )
    const distances = children.map((child) => child.parentDistance)
    entry = nodeEntry(item, children, distances, settings.bounds)
    entry.radius = Math.min(entry.radius, radius)
  }
  entry.parentDistance = parentDistance
  return entry
}
