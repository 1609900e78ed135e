import { entriesAt, type MEntry, type MTreeSettings } from './m-tree-entry.ts'
import type { Item } from './search.ts'

/** Adds every invariant that does not hold to `problems`; computes each stored distance again. */
export function checkMTree<T>(
  root: MEntry<T>,
  pivots: readonly Item<T>[],
  settings: MTreeSettings<T>,
  problems: string[],
): void {
  if (root.parent !== null || root.parentDistance !== 0) problems.push('the root has a parent')
  for (let level = 1; level <= root.level; level++) {
    for (const node of entriesAt(root, level)) {
      checkNode(node, node === root, settings, problems)
      for (const object of entriesAt(node, 0)) checkRings(node, object, problems)
    }
  }
  for (const object of entriesAt(root, 0)) {
    pivots.forEach((pivot, i) => {
      const distance = settings.between(pivot, object.item)
      if (object.low[i] !== distance) {
        problems.push(
          `object ${object.item.id} stores ${object.low[i]} for pivot ${pivot.id} at ${distance}`,
        )
      }
    })
  }
}

function checkNode<T>(
  node: MEntry<T>,
  isRoot: boolean,
  { capacity, minimum, between }: MTreeSettings<T>,
  problems: string[],
): void {
  const name = `the node of ${node.item.id} at level ${node.level}`
  const least = isRoot ? Math.min(node.level, 2) : minimum
  if (node.children.length < least || node.children.length > capacity) {
    problems.push(`${name} has ${node.children.length} children, not ${least} to ${capacity}`)
  }
  for (const child of node.children) {
    if (child.parent !== node) problems.push(`a child of ${name} has another parent`)
    if (child.level !== node.level - 1) problems.push(`a child of ${name} has level ${child.level}`)
    const distance = between(node.item, child.item)
    if (child.parentDistance !== distance) {
      problems.push(
        `${name} is at ${distance} from ${child.item.id}, which stores ${child.parentDistance}`,
      )
    }
  }
  let routed = false
  for (const { item } of entriesAt(node, 0)) {
    routed ||= item === node.item
    const distance = between(node.item, item)
    if (!(distance <= node.radius)) {
      problems.push(`object ${item.id} is at ${distance} from ${name} of radius ${node.radius}`)
    }
  }
  if (!routed) problems.push(`${name} does not hold its routing object`)
}

function checkRings<T>(node: MEntry<T>, object: MEntry<T>, problems: string[]): void {
  object.low.forEach((distance, i) => {
    if (distance >= node.low[i]! && distance <= node.high[i]!) return
    problems.push(
      `object ${object.item.id} is at ${distance} from pivot ${i}, outside ${node.low[i]} to ${node.high[i]}`,
    )
  })
}
