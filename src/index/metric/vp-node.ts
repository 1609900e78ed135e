import type { Item } from './search.ts'
import { invalidSnapshot, type SnapshotReader } from './structure-snapshot.ts'

/** An item and its distances to the vantage points above it, the root's first. */
export interface VpEntry<T> {
  readonly item: Item<T>
  readonly path: number[]
}

export interface VpInner<T> {
  readonly kind: 'inner'
  readonly vantage: VpEntry<T>
  readonly near: VpBranch<T>
  readonly far: VpBranch<T>
  /** Entries in here, the vantage point and the deleted included. */
  count: number
}

/** A child, and the least and greatest distance of its entries from the vantage point. */
export interface VpBranch<T> {
  node: VpNode<T>
  low: number
  high: number
}

export type VpNode<T> = { readonly kind: 'leaf'; readonly entries: VpEntry<T>[] } | VpInner<T>

export function countOf<T>(node: VpNode<T>): number {
  return node.kind === 'leaf' ? node.entries.length : node.count
}

/** All entries in a node, the deleted included. */
export function* entriesOf<T>(node: VpNode<T>): Generator<VpEntry<T>> {
  if (node.kind === 'leaf') {
    yield* node.entries
  } else {
    yield node.vantage
    yield* entriesOf(node.near.node)
    yield* entriesOf(node.far.node)
  }
}

/** Deeper than any tree that is kept balanced; keeps a made-up snapshot from overflowing the stack. */
const MAX_DEPTH = 512

/** Writes a leaf as 0, count, entries; an inner node as 1, vantage point, then for each branch low, high, node. */
export function writeVpNode<T>(node: VpNode<T>, numbers: number[]): void {
  if (node.kind === 'leaf') {
    numbers.push(0, node.entries.length)
    for (const { item, path } of node.entries) numbers.push(item.id, ...path)
    return
  }
  numbers.push(1, node.vantage.item.id, ...node.vantage.path)
  for (const branch of [node.near, node.far]) {
    numbers.push(branch.low, branch.high)
    writeVpNode(branch.node, numbers)
  }
}

export function readVpNode<T>(
  reader: SnapshotReader<T>,
  depth: number,
  leafCapacity: number,
): VpNode<T> {
  if (depth > MAX_DEPTH) throw invalidSnapshot(`expected at most ${MAX_DEPTH} levels, got more`)
  function entry(): VpEntry<T> {
    return { item: reader.item(), path: reader.distances(depth) }
  }
  function branch(): VpBranch<T> {
    const low = reader.distance()
    const high = reader.distance()
    if (low > high) throw invalidSnapshot(`expected a ring from low to high, got ${low} to ${high}`)
    return { low, high, node: readVpNode(reader, depth + 1, leafCapacity) }
  }
  if (reader.whole(0, 1) === 0) {
    const count = reader.whole(0, leafCapacity)
    return { kind: 'leaf', entries: Array.from({ length: count }, entry) }
  }
  const vantage = entry()
  const near = branch()
  const far = branch()
  return { kind: 'inner', vantage, near, far, count: 1 + countOf(near.node) + countOf(far.node) }
}
