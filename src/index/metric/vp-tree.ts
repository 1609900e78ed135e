import type { Metric } from '../../vector/metric/metric.ts'
import type { Random } from '../../vector/random.ts'
import { MetricIndex } from './metric-index.ts'
import { checkWhole, type Item, type Search } from './search.ts'
import type { SnapshotReader } from './structure-snapshot.ts'
import { buildVpNode, type VpBuilding } from './vp-build.ts'
import {
  countOf,
  entriesOf,
  readVpNode,
  type VpBranch,
  type VpEntry,
  type VpInner,
  type VpNode,
  writeVpNode,
} from './vp-node.ts'

interface VpTreeOptions<T> {
  readonly metric: Metric<T>
  readonly random: Random
  readonly leafCapacity?: number
}

/** The query's distance to each vantage point on the way, the last one first. */
interface Way {
  readonly distance: number
  readonly before: Way | null
}

interface Step<T> {
  readonly node: VpNode<T>
  readonly way: Way | null
  readonly depth: number
}

/** A choice on the way down. */
interface Turn<T> {
  readonly node: VpInner<T>
  readonly branch: VpBranch<T>
}

/** A child may hold this share of its parent's entries before the parent is built again. */
const MAX_SHARE = 0.7

/**
 * Vantage-point tree (Yianilos, Data structures and algorithms for nearest neighbor search in general
 * metric spaces, SODA 1993: the vps^b tree, with the distances to all vantage points above stored).
 *
 * A full leaf is split; a part that insertions have unbalanced is built again. The deleted are marked,
 * and the tree is built again when they are a quarter of it.
 */
export class VpTree<T> extends MetricIndex<T, Step<T>> {
  protected readonly kind = 'vp-tree'
  protected readonly building: VpBuilding<T>
  protected root: VpNode<T> = { kind: 'leaf', entries: [] }
  /** Deleted entries that are still there. */
  protected dead = 0

  constructor({ metric, random, leafCapacity = 8 }: VpTreeOptions<T>) {
    super(metric)
    checkWhole('the leaf capacity', leafCapacity, 2)
    this.building = { leafCapacity, random, between: this.between }
  }

  begin(search: Search<T, Step<T>>): void {
    search.visit({ node: this.root, way: null, depth: 0 }, 0)
  }

  expand({ node, way, depth }: Step<T>, lower: number, search: Search<T, Step<T>>): void {
    if (node.kind === 'inner') {
      const distance = search.distance(node.vantage.item)
      search.offer(node.vantage.item, distance)
      const longer = { distance, before: way }
      for (const { node: child, low, high } of [node.near, node.far]) {
        const bound = Math.max(lower, this.bounds.ring(distance, low, high))
        search.visit({ node: child, way: longer, depth: depth + 1 }, bound)
      }
      return
    }
    const distances = new Float64Array(depth)
    for (let at = way, i = depth - 1; at !== null; at = at.before, i--) distances[i] = at.distance
    for (const { item, path } of node.entries) {
      let bound = lower
      for (let i = 0; i < depth; i++) {
        const apart = this.bounds.apart(distances[i]!, path[i]!)
        if (apart > bound) bound = apart
      }
      search.candidate(item, bound)
    }
  }

  protected add(item: Item<T>): void {
    const entry: VpEntry<T> = { item, path: [] }
    const trail: Turn<T>[] = []
    let node = this.root
    while (node.kind === 'inner') {
      const distance = this.between(node.vantage.item, item)
      entry.path.push(distance)
      const branch = branchFor(distance, node.near, node.far)
      trail.push({ node, branch })
      node = branch.node
    }
    node.entries.push(entry)
    trail.forEach((turn, depth) => {
      turn.node.count++
      turn.branch.low = Math.min(turn.branch.low, entry.path[depth]!)
      turn.branch.high = Math.max(turn.branch.high, entry.path[depth]!)
    })
    this.#rebalance(trail, node)
  }

  /** Builds the highest part on the way that has become lopsided again, or else the leaf if it is full. */
  #rebalance(trail: readonly Turn<T>[], leaf: VpNode<T>): void {
    const { leafCapacity } = this.building
    let depth = trail.findIndex(
      ({ node, branch }) => countOf(branch.node) > MAX_SHARE * node.count + leafCapacity,
    )
    if (depth === -1) {
      if (countOf(leaf) <= leafCapacity) return
      depth = trail.length
    }
    const lopsided = trail[depth]?.node ?? leaf
    const rebuilt = this.#rebuilt(lopsided, depth)
    const forgotten = countOf(lopsided) - countOf(rebuilt)
    for (const { node } of trail.slice(0, depth)) node.count -= forgotten
    this.dead -= forgotten
    const holder = trail[depth - 1]
    if (holder === undefined) this.root = rebuilt
    else holder.branch.node = rebuilt
  }

  /** Builds a node of the live entries of another, with the paths down to it kept. */
  #rebuilt(node: VpNode<T>, depth: number): VpNode<T> {
    const entries = [...entriesOf(node)]
      .filter(({ item }) => item.alive)
      .map(({ item, path }) => ({ item, path: path.slice(0, depth) }))
    return buildVpNode(entries, depth, this.building)
  }

  protected remove(): void {
    this.dead++
    if (this.dead * 4 >= countOf(this.root)) this.#forgetDead()
  }

  #forgetDead(): void {
    this.root = this.#rebuilt(this.root, 0)
    this.dead = 0
  }

  protected build(items: readonly Item<T>[]): void {
    const entries = items.map((item) => ({ item, path: [] }))
    this.root = buildVpNode(entries, 0, this.building)
    this.dead = 0
  }

  protected *stored(): Iterable<Item<T>> {
    for (const { item } of entriesOf(this.root)) if (item.alive) yield item
  }

  protected write(numbers: number[]): void {
    if (this.dead > 0) this.#forgetDead()
    writeVpNode(this.root, numbers)
  }

  protected read(reader: SnapshotReader<T>): void {
    this.root = readVpNode(reader, 0, this.building.leafCapacity)
  }
}

/** Chooses the branch that needs to widen less, or, where they are equal, holds less. */
function branchFor<T>(distance: number, near: VpBranch<T>, far: VpBranch<T>): VpBranch<T> {
  const toNear = Math.max(near.low - distance, distance - near.high, 0)
  const toFar = Math.max(far.low - distance, distance - far.high, 0)
  if (toNear !== toFar) return toNear < toFar ? near : far
  return countOf(near.node) <= countOf(far.node) ? near : far
}
