import type { Item } from './item.ts'
import { entriesAt, type MEntry, reach, tighten } from './m-tree-entry.ts'
import type { MTreeSettings } from './m-tree-settings.ts'

/**
 * Takes an object out for good. A node that is left with too few children is dissolved; its objects
 * come back as `orphans`, to be inserted anew.
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

/** The node that the entry was taken from. */
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

/** The root without nodes of a single child above it; null when nothing is left. */
function shrunk<T>(root: MEntry<T>): MEntry<T> | null {
  let node = root
  while (node.level > 1 && node.children.length === 1) {
    node = node.children[0]!
    node.parent = null
    node.parentDistance = 0
  }
  return node.children.length === 0 ? null : node
}
