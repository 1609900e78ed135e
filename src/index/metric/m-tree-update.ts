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

interface Turn<T> {
  readonly node: MEntry<T>
  /** The distance from the node's item to the new object. */
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

/**
 * Slim-down (Traina, Traina, Seeger and Faloutsos, Slim-trees, EDBT 2000): the object farthest from
 * the centre of its leaf moves to the nearest leaf that covers it already, so one radius shrinks and none
 * grows. Only among leaves of one parent, where everything above stays as it is.
 *
 * @returns how many objects have moved.
 */
export function slimDownMTree<T>(root: MEntry<T>, settings: MTreeSettings<T>): number {
  let moved = 0
  if (root.level < 2) return moved
  for (const parent of entriesAt(root, 2)) {
    for (const leaf of parent.children) {
      // Each move makes the leaf smaller, so this ends.
      while (moveFarthest(leaf, parent.children, settings)) moved++
    }
  }
  for (let level = 2; level <= root.level; level++) {
    for (const node of entriesAt(root, level)) tighten(node, settings.bounds)
  }
  return moved
}

function moveFarthest<T>(
  leaf: MEntry<T>,
  siblings: readonly MEntry<T>[],
  settings: MTreeSettings<T>,
): boolean {
  if (leaf.children.length <= settings.minimum) return false
  const farthest = leaf.children.reduce((best, child) =>
    child.parentDistance > best.parentDistance ? child : best,
  )
  // At distance 0, or as the routing object, there is nothing to gain.
  if (farthest.parentDistance === 0 || farthest.item === leaf.item) return false
  let nearest: MEntry<T> | null = null
  let least = Number.POSITIVE_INFINITY
  for (const sibling of siblings) {
    if (sibling === leaf || sibling.children.length >= settings.capacity) continue
    const distance = settings.between(sibling.item, farthest.item)
    if (distance > sibling.radius || distance >= least) continue
    nearest = sibling
    least = distance
  }
  if (nearest === null) return false
  leaf.children.splice(leaf.children.indexOf(farthest), 1)
  nearest.children.push(farthest)
  farthest.parent = nearest
  farthest.parentDistance = least
  tighten(leaf, settings.bounds)
  tighten(nearest, settings.bounds)
  return true
}
