import { entriesAt, type MEntry, tighten } from './m-tree-entry.ts'
import type { MTreeSettings } from './m-tree-settings.ts'

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
