import type { Item } from './item.ts'

/** An item and its distances to the vantage points above it, the root's first. */
export interface VpEntry<T> {
  readonly item: Item<T>
  readonly path: number[]
}

interface VpLeaf<T> {
  readonly kind: 'leaf'
  readonly entries: VpEntry<T>[]
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

export type VpNode<T> = VpLeaf<T> | VpInner<T>

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
