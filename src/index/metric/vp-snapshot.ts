import type { Item } from './item.ts'
import { invalidSnapshot, type NumberReader } from './structure-snapshot.ts'
import { countOf, type VpBranch, type VpEntry, type VpNode } from './vp-node.ts'

/** Deeper than any tree that is kept balanced; keeps a made-up snapshot from overflowing the stack. */
const MAX_DEPTH = 512

/** Leaf: 0, count, entries. Inner: 1, vantage point, then for each branch low, high, node. */
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
  reader: NumberReader,
  take: () => Item<T>,
  depth: number,
  leafCapacity: number,
): VpNode<T> {
  if (depth > MAX_DEPTH) throw invalidSnapshot(`expected at most ${MAX_DEPTH} levels, got more`)
  function entry(): VpEntry<T> {
    return { item: take(), path: Array.from({ length: depth }, () => reader.distance()) }
  }
  function branch(): VpBranch<T> {
    const low = reader.distance()
    const high = reader.distance()
    if (low > high) throw invalidSnapshot(`expected a ring from low to high, got ${low} to ${high}`)
    return { low, high, node: readVpNode(reader, take, depth + 1, leafCapacity) }
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
