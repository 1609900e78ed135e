import { brandMetric, type Metric, NO_SLACK } from './metric.ts'

/** A tree whose nodes have labels, and whose children have an order. */
export interface LabelledTree {
  readonly label: string
  readonly children: readonly LabelledTree[]
}

/** The nodes of a tree in postorder. */
interface Postorder {
  readonly labels: readonly string[]
  /** For each node the place of the leftmost leaf below it. */
  readonly leftmost: readonly number[]
  /** The root, and each node that has a sibling to its left, in order. */
  readonly keyroots: readonly number[]
}

function postorder(tree: LabelledTree): Postorder {
  const labels: string[] = []
  const leftmost: number[] = []
  function visit({ label, children }: LabelledTree): number {
    let first = -1
    for (const child of children) {
      const leaf = visit(child)
      if (first === -1) first = leaf
    }
    if (first === -1) first = labels.length
    labels.push(label)
    leftmost.push(first)
    return first
  }
  visit(tree)
  const keyroots = labels.map((_, i) => i).filter((i) => leftmost.lastIndexOf(leftmost[i]!) === i)
  return { labels, leftmost, keyroots }
}

/**
 * Tree edit distance: the fewest nodes to relabel, delete (its children take its place) or insert that turn one tree
 * into the other (Zhang and Shasha, Simple fast algorithms for the editing distance between trees and related
 * problems, SIAM Journal on Computing 1989). Takes up to nodes^2 depth^2 steps, and a call of the stack a level, so
 * bound both.
 */
export const treeEditDistance: Metric<LabelledTree> = brandMetric('tree-edit', NO_SLACK, (a, b) => {
  const [one, other] = [postorder(a), postorder(b)]
  const width = other.labels.length
  /** The distance of the subtree of each node of the one to that of each node of the other. */
  const subtrees = new Uint32Array(one.labels.length * width)
  const stride = width + 1
  const forests = new Uint32Array((one.labels.length + 1) * stride)
  for (const i of one.keyroots) {
    for (const j of other.keyroots) forestDistances(one, i, other, j, { subtrees, forests, stride })
  }
  return subtrees.at(-1)!
})

interface Tables {
  readonly subtrees: Uint32Array
  /** Room for the distances of forests: those of the first nodes below i to the first nodes below j. */
  readonly forests: Uint32Array
  readonly stride: number
}

/** Fills in the distances of the subtrees whose leftmost leaves are those of node i of the one and j of the other. */
function forestDistances(
  one: Postorder,
  i: number,
  other: Postorder,
  j: number,
  { subtrees, forests, stride }: Tables,
): void {
  const firstI = one.leftmost[i]!
  const firstJ = other.leftmost[j]!
  forests[0] = 0
  for (let x = firstI; x <= i; x++) forests[(x - firstI + 1) * stride] = x - firstI + 1
  for (let y = firstJ; y <= j; y++) forests[y - firstJ + 1] = y - firstJ + 1
  for (let x = firstI; x <= i; x++) {
    for (let y = firstJ; y <= j; y++) {
      const at = (x - firstI + 1) * stride + (y - firstJ + 1)
      const edited = 1 + Math.min(forests[at - stride]!, forests[at - 1]!)
      const pair = x * (stride - 1) + y
      const leafX = one.leftmost[x]!
      const leafY = other.leftmost[y]!
      if (leafX === firstI && leafY === firstJ) {
        const relabelled = one.labels[x] === other.labels[y] ? 0 : 1
        forests[at] = Math.min(edited, forests[at - stride - 1]! + relabelled)
        subtrees[pair] = forests[at]
      } else {
        const before = forests[(leafX - firstI) * stride + (leafY - firstJ)]!
        forests[at] = Math.min(edited, before + subtrees[pair]!)
      }
    }
  }
}
