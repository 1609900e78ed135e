import { type MEntry, nodeEntry, tighten } from './m-tree-entry.ts'
import type { MTreeSettings } from './m-tree-settings.ts'
import { splitEntries } from './m-tree-split.ts'

interface Turn<T> {
  readonly node: MEntry<T>
  /** From the node's item to the new object. */
  readonly distance: number
}

/**
 * Puts an object into the leaf whose centre is nearest among those that cover it, or else into the
 * one that grows least, and splits what overflows (Ciaccia, Patella and Zezula, section 4).
 *
 * @returns the root, which is another one after the old has been split.
 */
export function insertIntoMTree<T>(
  root: MEntry<T>,
  object: MEntry<T>,
  settings: MTreeSettings<T>,
): MEntry<T> {
  const trail = wayDown(root, object, settings)
  const leaf = trail.at(-1)!
  object.parent = leaf.node
  object.parentDistance = leaf.distance
  leaf.node.children.push(object)
  for (const { node, distance } of trail) {
    node.radius = Math.max(node.radius, distance)
    node.low = node.low.map((low, i) => Math.min(low, object.low[i]!))
    node.high = node.high.map((high, i) => Math.max(high, object.high[i]!))
  }
  let top = root
  for (const { node } of trail.reverse()) {
    if (node.children.length <= settings.capacity) break
    top = divide(node, settings) ?? top
  }
  return top
}

/** Computes every distance before anything is changed, so that a metric that throws does no harm. */
function wayDown<T>(root: MEntry<T>, object: MEntry<T>, settings: MTreeSettings<T>): Turn<T>[] {
  let turn = { node: root, distance: settings.between(root.item, object.item) }
  const trail: Turn<T>[] = [turn]
  while (turn.node.level > 1) {
    let best: Turn<T> | null = null
    let bestGrowth = Number.POSITIVE_INFINITY
    for (const child of turn.node.children) {
      const same = child.item === turn.node.item
      const distance = same ? turn.distance : settings.between(child.item, object.item)
      const growth = Math.max(0, distance - child.radius)
      if (
        best === null ||
        growth < bestGrowth ||
        (growth === bestGrowth && distance < best.distance)
      ) {
        best = { node: child, distance }
        bestGrowth = growth
      }
    }
    turn = best!
    trail.push(turn)
  }
  return trail
}

/** Puts two nodes in the place of an overfull one; returns the new root where that was the root. */
function divide<T>(node: MEntry<T>, settings: MTreeSettings<T>): MEntry<T> | null {
  const { first, second, distance } = splitEntries(node.children, settings)
  const { parent } = node
  if (parent === null) return nodeEntry(first.item, [first, second], [0, distance], settings.bounds)
  for (const half of [first, second]) {
    half.parent = parent
    half.parentDistance =
      half.item === node.item ? node.parentDistance : settings.between(parent.item, half.item)
  }
  parent.children.splice(parent.children.indexOf(node), 1, first, second)
  tighten(parent, settings.bounds)
  return null
}
