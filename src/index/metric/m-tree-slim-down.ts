import { wayToCovering } from './m-tree-covering.ts'
import { entriesAt, type MEntry, type MTreeSettings, reach, tighten } from './m-tree-entry.ts'

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
  move(farthest, leaf, nearest, least, settings)
  return true
}

/** Moves an entry from one node to another, at that distance from its centre. */
function move<T>(
  entry: MEntry<T>,
  from: MEntry<T>,
  to: MEntry<T>,
  distance: number,
  { bounds }: MTreeSettings<T>,
): void {
  from.children.splice(from.children.indexOf(entry), 1)
  to.children.push(entry)
  entry.parent = to
  entry.parentDistance = distance
  tighten(from, bounds)
  tighten(to, bounds)
}

/**
 * Generalised slim-down (Skopal, Pokorny, Kratky and Snasel, Revisiting M-tree building principles, ADBIS 2003): at
 * every level from the leaves up, and between nodes of any parents, the entry that reaches farthest moves to the nearest
 * other node that covers it.
 *
 * @returns how many entries have moved.
 */
export function slimDownAllLevels<T>(root: MEntry<T>, settings: MTreeSettings<T>): number {
  let moved = 0
  for (let level = 1; level < root.level; level++) {
    for (const node of entriesAt(root, level)) {
      // Each move makes the node smaller, so this ends.
      while (moveFarthestReaching(root, node, settings)) moved++
    }
    for (let above = level; above <= root.level; above++) {
      for (const node of entriesAt(root, above)) tighten(node, settings.bounds)
    }
  }
  return moved
}

function moveFarthestReaching<T>(
  root: MEntry<T>,
  node: MEntry<T>,
  settings: MTreeSettings<T>,
): boolean {
  if (node.children.length <= settings.minimum) return false
  const reached = (child: MEntry<T>) => reach(child, child.parentDistance, settings.bounds)
  const farthest = node.children.reduce((best, child) =>
    reached(child) > reached(best) ? child : best,
  )
  if (farthest.parentDistance === 0 || isRoutedThrough(node, farthest)) return false
  const way = wayToCovering(root, farthest, node.level, settings, (other) => {
    return other !== node && other.children.length < settings.capacity
  })
  if (way === null) return false
  const { node: nearest, distance } = way.at(-1)!
  move(farthest, node, nearest, distance, settings)
  return true
}

/** Whether the routing object of a node, or of one above it, is below the entry, which therefore has to stay. */
function isRoutedThrough<T>(node: MEntry<T>, entry: MEntry<T>): boolean {
  const items = new Set(Array.from(entriesAt(entry, 0), ({ item }) => item))
  for (let at: MEntry<T> | null = node; at !== null; at = at.parent) {
    if (items.has(at.item)) return true
  }
  return false
}
