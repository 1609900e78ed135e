import { type MEntry, type MTreeSettings, reach } from './m-tree-entry.ts'

/** A node on the way down to the place of an entry. */
export interface Turn<T> {
  readonly node: MEntry<T>
  /** The distance from the node's item to that of the entry. */
  readonly distance: number
}

/**
 * Finds the nearest node of a level that covers an entry and all below it, as all nodes above do, so that it can be put
 * there without anything growing (Skopal, Pokorny, Kratky and Snasel, Revisiting M-tree building principles, ADBIS
 * 2003). Changes nothing.
 *
 * @param takes says which nodes of the level come into question; all where left out.
 * @returns the way there from the root; null where no node covers it.
 */
export function wayToCovering<T>(
  root: MEntry<T>,
  entry: MEntry<T>,
  level: number,
  settings: MTreeSettings<T>,
  takes: (node: MEntry<T>) => boolean = () => true,
): readonly Turn<T>[] | null {
  const { between, bounds } = settings
  let best: readonly Turn<T>[] | null = null
  let least = Number.POSITIVE_INFINITY
  function visit(node: MEntry<T>, distance: number, above: readonly Turn<T>[]): void {
    if (reach(entry, distance, bounds) > node.radius) return
    const way = [...above, { node, distance }]
    if (node.level === level) {
      if (distance >= least || !takes(node)) return
      best = way
      least = distance
      return
    }
    for (const child of node.children) {
      if (bounds.apart(distance, child.parentDistance) > child.radius) continue
      const same = child.item === node.item
      visit(child, same ? distance : between(child.item, entry.item), way)
    }
  }
  visit(root, between(root.item, entry.item), [])
  return best
}
