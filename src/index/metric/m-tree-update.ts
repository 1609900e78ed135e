import { type Turn, wayToCovering } from './m-tree-covering.ts'
import {
  entriesAt,
  type MEntry,
  type MTreeSettings,
  nodeEntry,
  reach,
  tighten,
} from './m-tree-entry.ts'
import { splitEntries } from './m-tree-split.ts'
import type { Item } from './search.ts'

/**
 * Puts an object into a leaf, and splits what overflows. The single way down goes at each level to the node whose
 * centre is nearest among those that cover the object, or else to the one that grows least (Ciaccia, Patella and
 * Zezula, section 4). Multi-way insertion looks first for the nearest of all leaves that cover it.
 *
 * @returns the root, which is another one after the old has been split.
 */
export function insertIntoMTree<T>(
  root: MEntry<T>,
  object: MEntry<T>,
  settings: MTreeSettings<T>,
): MEntry<T> {
  const covering =
    settings.insertion === 'multi-way' ? wayToCovering(root, object, 1, settings) : null
  const trail = [...(covering ?? singleWay(root, object, settings))]
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
function singleWay<T>(root: MEntry<T>, object: MEntry<T>, settings: MTreeSettings<T>): Turn<T>[] {
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

/**
 * Takes an object out for good. A node that is left with too few children is dissolved; its objects
 * come back as `orphans`, to be inserted again.
 */
export function removeFromMTree<T>(
  entry: MEntry<T>,
  settings: MTreeSettings<T>,
): { root: MEntry<T> | null; orphans: MEntry<T>[] } {
  const orphans: MEntry<T>[] = []
  let node = unlink(entry)
  while (node.parent !== null && node.children.length < settings.minimum) {
    orphans.push(...entriesAt(node, 0))
    node = unlink(node)
  }
  const gone = new Set<Item<T>>([entry.item, ...orphans.map(({ item }) => item)])
  for (let at: MEntry<T> | null = node; at !== null; at = at.parent) {
    if (at.children.length > 0) mend(at, gone, settings)
    node = at
  }
  return { root: shrunk(node), orphans }
}

/** Takes an entry from its node, which it returns. */
function unlink<T>(entry: MEntry<T>): MEntry<T> {
  const { parent } = entry
  if (parent === null) throw new RangeError('the root has no parent to be taken from')
  parent.children.splice(parent.children.indexOf(entry), 1)
  entry.parent = null
  return parent
}

/** Gives a node whose routing object has gone another one, from the child nearest to the old. */
function mend<T>(node: MEntry<T>, gone: ReadonlySet<Item<T>>, settings: MTreeSettings<T>): void {
  if (gone.has(node.item)) {
    const heir = node.children.reduce((best, child) =>
      reach(child, child.parentDistance, settings.bounds) <
      reach(best, best.parentDistance, settings.bounds)
        ? child
        : best,
    )
    node.item = heir.item
    node.radius = Number.POSITIVE_INFINITY
    for (const child of node.children) {
      child.parentDistance = child === heir ? 0 : settings.between(node.item, child.item)
    }
    // A parent that is mended next sets this itself.
    if (node.parent !== null && !gone.has(node.parent.item)) {
      node.parentDistance = settings.between(node.parent.item, node.item)
    }
  }
  tighten(node, settings.bounds)
}

/** Finds the root below nodes of a single child; null when nothing is left. */
function shrunk<T>(root: MEntry<T>): MEntry<T> | null {
  let node = root
  while (node.level > 1 && node.children.length === 1) {
    node = node.children[0]!
    node.parent = null
    node.parentDistance = 0
  }
  return node.children.length === 0 ? null : node
}
