import type { VpBuilding } from './vp-build.ts'
import { countOf, entriesOf, type VpNode } from './vp-node.ts'

/** Adds every invariant that does not hold to `problems`; computes each stored distance again. */
export function checkVpNode<T>(
  node: VpNode<T>,
  building: VpBuilding<T>,
  problems: string[],
  depth = 0,
): void {
  const entries = [...entriesOf(node)]
  if (node.kind === 'leaf') {
    if (entries.length > building.leafCapacity) {
      problems.push(`a leaf holds ${entries.length} of ${building.leafCapacity} entries`)
    }
    for (const { item, path } of entries) {
      if (path.length !== depth) {
        problems.push(`object ${item.id} at depth ${depth} has ${path.length} distances`)
      }
    }
    return
  }
  if (node.count !== entries.length) {
    problems.push(`a node of ${entries.length} entries counts ${node.count}`)
  }
  if (node.vantage.path.length !== depth) {
    problems.push(`vantage point ${node.vantage.item.id} has a path of the wrong length`)
  }
  for (const branch of [node.near, node.far]) {
    if (countOf(branch.node) === 0) problems.push('a branch is empty')
    for (const { item, path } of entriesOf(branch.node)) {
      const distance = building.between(node.vantage.item, item)
      if (path[depth] !== distance) {
        problems.push(`object ${item.id} stores ${path[depth]} for the distance ${distance}`)
      }
      if (!(distance >= branch.low && distance <= branch.high)) {
        problems.push(`object ${item.id} at ${distance} is outside ${branch.low} to ${branch.high}`)
      }
    }
    checkVpNode(branch.node, building, problems, depth + 1)
  }
}
