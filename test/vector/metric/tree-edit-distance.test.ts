import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  type LabelledTree,
  treeEditDistance,
} from '../../../src/vector/metric/tree-edit-distance.ts'
import { type Random, seededRandom } from '../../../src/vector/random.ts'
import { tree, treeSpace } from '../../support/metric-spaces.ts'

const SEED = 17

interface Node {
  readonly label: string
  readonly above: ReadonlySet<Node>
}

/** All nodes in preorder, each with its ancestors. */
function nodesOf({ label, children }: LabelledTree, above: readonly Node[] = []): Node[] {
  const nodes: Node[] = [{ label, above: new Set(above) }]
  for (const child of children) nodes.push(...nodesOf(child, [...above, nodes[0]!]))
  return nodes
}

/**
 * Tai's definition: the least cost of a one-to-one mapping that keeps ancestors and left to right. Nodes that are not
 * in it are deleted or inserted, pairs of different labels relabelled. Tries all mappings.
 */
function byMappings(a: LabelledTree, b: LabelledTree): number {
  const [nodes, others] = [nodesOf(a), nodesOf(b)]
  let least = Number.POSITIVE_INFINITY
  function extend(i: number, pairs: readonly (readonly [number, number])[], cost: number): void {
    if (i === nodes.length) {
      least = Math.min(least, cost + others.length - pairs.length)
      return
    }
    extend(i + 1, pairs, cost + 1)
    for (const [j, other] of others.entries()) {
      const fits = pairs.every(([x, y]) => {
        // In preorder: x is before i, so y must be before j; and each is an ancestor just where the other is.
        return y < j && nodes[i]!.above.has(nodes[x]!) === other.above.has(others[y]!)
      })
      if (fits) extend(i + 1, [...pairs, [i, j]], cost + (nodes[i]!.label === other.label ? 0 : 1))
    }
  }
  extend(0, [], 0)
  return least
}

function small(random: Random): LabelledTree {
  const [found] = treeSpace.make(random, 1)
  const { children } = found!
  return nodesOf(found!).length <= 7 ? found! : { label: 'a', children: children.slice(0, 1) }
}

test('the distance is that of the example of Zhang and Shasha', () => {
  const one = tree('f', tree('d', tree('a'), tree('c', tree('b'))), tree('e'))
  const other = tree('f', tree('c', tree('d', tree('a'), tree('b'))), tree('e'))
  assert.equal(treeEditDistance.distance(one, other), 2)
})

test('the distance is the least cost of all mappings of nodes', () => {
  const random = seededRandom(SEED)
  const trees = Array.from({ length: 40 }, () => small(random)).filter(
    (one) => nodesOf(one).length <= 7,
  )
  assert.ok(trees.length > 15)
  const distances = new Set<number>()
  for (const a of trees) {
    for (const b of trees) {
      const distance = treeEditDistance.distance(a, b)
      distances.add(distance)
      assert.equal(distance, byMappings(a, b), `seed ${SEED}: ${JSON.stringify([a, b])}`)
    }
  }
  assert.ok(distances.size >= 5, `seed ${SEED}: ${[...distances].join(' ')}`)
})

test('trees that are chains have the edit distance of their labels', () => {
  const chain = (word: string) =>
    [...word].reduceRight<LabelledTree[]>((below, label) => [{ label, children: below }], [])[0]!
  assert.equal(treeEditDistance.distance(chain('kitten'), chain('sitting')), 3)
})
