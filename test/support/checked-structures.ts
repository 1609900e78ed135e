import { LinearScan } from '../../src/index/metric/linear-scan.ts'
import { MTree } from '../../src/index/metric/m-tree.ts'
import { entriesAt, type MEntry } from '../../src/index/metric/m-tree-entry.ts'
import type { MetricIndex } from '../../src/index/metric/metric-index.ts'
import { PivotTable } from '../../src/index/metric/pivot-table.ts'
import type { Item } from '../../src/index/metric/search.ts'
import { countOf, entriesOf, type VpNode } from '../../src/index/metric/vp-node.ts'
import { VpTree } from '../../src/index/metric/vp-tree.ts'

/** A metric structure that looks into itself. */
export interface CheckedIndex<T> extends MetricIndex<T> {
  /** Names every invariant that does not hold; computes many distances. */
  check(): string[]
}

/** Adds what is wrong with the items that a structure holds, as against the objects that it answers for. */
export function checkItems<T>(
  index: MetricIndex<T>,
  stored: Iterable<Item<T>>,
  problems: string[],
): void {
  const objects = new Map(index.objects())
  const seen = new Set<Item<T>>()
  for (const item of stored) {
    if (seen.has(item)) problems.push(`object ${item.id} is stored twice`)
    if (!item.alive || !objects.has(item.id) || objects.get(item.id) !== item.object) {
      problems.push(`object ${item.id} is no longer here`)
    }
    seen.add(item)
  }
  if (new Set([...seen].map(({ id }) => id)).size !== seen.size) problems.push('an id comes twice')
  if (seen.size !== index.size) {
    problems.push(`the structure holds ${seen.size} objects of ${index.size}`)
  }
}

export class CheckedLinearScan<T> extends LinearScan<T> {
  check(): string[] {
    const problems: string[] = []
    checkItems(this, this.stored(), problems)
    return problems
  }
}

export class CheckedPivotTable<T> extends PivotTable<T> {
  check(): string[] {
    const { pivots, rows, metric } = this
    const problems: string[] = []
    for (const pivot of pivots) {
      if (!rows.has(pivot)) problems.push(`pivot ${pivot.id} is not in the table`)
    }
    if (new Set(pivots).size !== pivots.length) problems.push('a pivot comes twice')
    for (const [item, row] of rows) {
      const computed = pivots.map((pivot) => metric.distance(pivot.object, item.object))
      if (row.length !== computed.length || row.some((distance, i) => distance !== computed[i])) {
        problems.push(`the row of object ${item.id} is ${row.join(' ')}, not ${computed.join(' ')}`)
      }
    }
    checkItems(this, this.stored(), problems)
    return problems
  }
}

export class CheckedVpTree<T> extends VpTree<T> {
  check(): string[] {
    const problems: string[] = []
    this.#checkNode(this.root, 0, problems)
    const dead = [...entriesOf(this.root)].filter(({ item }) => !item.alive).length
    if (dead !== this.dead) problems.push(`${dead} deleted entries are counted as ${this.dead}`)
    checkItems(this, this.stored(), problems)
    return problems
  }

  /** Computes each stored distance again. */
  #checkNode(node: VpNode<T>, depth: number, problems: string[]): void {
    const { leafCapacity } = this.building
    const entries = [...entriesOf(node)]
    if (node.kind === 'leaf') {
      if (entries.length > leafCapacity) {
        problems.push(`a leaf holds ${entries.length} of ${leafCapacity} entries`)
      }
      for (const { item, path } of entries) {
        if (path.length !== depth) {
          problems.push(`object ${item.id} at depth ${depth} has ${path.length} distances`)
        }
      }
      return
    }
    const { vantage, near, far, count } = node
    if (count !== entries.length) {
      problems.push(`a node of ${entries.length} entries counts ${count}`)
    }
    if (vantage.path.length !== depth) {
      problems.push(`vantage point ${vantage.item.id} has a path of the wrong length`)
    }
    for (const branch of [near, far]) {
      if (countOf(branch.node) === 0) problems.push('a branch is empty')
      for (const { item, path } of entriesOf(branch.node)) {
        const distance = this.metric.distance(vantage.item.object, item.object)
        if (path[depth] !== distance) {
          problems.push(`object ${item.id} stores ${path[depth]} for the distance ${distance}`)
        }
        if (!(distance >= branch.low && distance <= branch.high)) {
          problems.push(
            `object ${item.id} at ${distance} is outside ${branch.low} to ${branch.high}`,
          )
        }
      }
      this.#checkNode(branch.node, depth + 1, problems)
    }
  }
}

export class CheckedMTree<T> extends MTree<T> {
  check(): string[] {
    const problems: string[] = []
    if (this.root !== null) this.#checkTree(this.root, problems)
    for (const item of this.stored()) {
      if (this.places.get(item)?.item !== item) problems.push(`object ${item.id} has no place`)
    }
    checkItems(this, this.stored(), problems)
    return problems
  }

  nodesAt(level: number): Iterable<MEntry<T>> {
    return this.root === null ? [] : entriesAt(this.root, level)
  }

  /** Computes each stored distance again. */
  #checkTree(root: MEntry<T>, problems: string[]): void {
    if (root.parent !== null || root.parentDistance !== 0) problems.push('the root has a parent')
    for (let level = 1; level <= root.level; level++) {
      for (const node of entriesAt(root, level)) {
        this.#checkNode(node, problems)
        for (const object of entriesAt(node, 0)) checkRings(node, object, problems)
      }
    }
    for (const { item, low } of entriesAt(root, 0)) {
      this.pivots.forEach((pivot, i) => {
        const distance = this.#between(pivot, item)
        if (low[i] !== distance) {
          problems.push(`object ${item.id} stores ${low[i]} for pivot ${pivot.id} at ${distance}`)
        }
      })
    }
  }

  #checkNode(node: MEntry<T>, problems: string[]): void {
    const { capacity, minimum } = this.settings
    const name = `the node of ${node.item.id} at level ${node.level}`
    const least = node === this.root ? Math.min(node.level, 2) : minimum
    if (node.children.length < least || node.children.length > capacity) {
      problems.push(`${name} has ${node.children.length} children, not ${least} to ${capacity}`)
    }
    for (const child of node.children) {
      if (child.parent !== node) problems.push(`a child of ${name} has another parent`)
      if (child.level !== node.level - 1) {
        problems.push(`a child of ${name} has level ${child.level}`)
      }
      const distance = this.#between(node.item, child.item)
      if (child.parentDistance !== distance) {
        problems.push(
          `${name} is at ${distance} from ${child.item.id}, which stores ${child.parentDistance}`,
        )
      }
    }
    let routed = false
    for (const { item } of entriesAt(node, 0)) {
      routed ||= item === node.item
      const distance = this.#between(node.item, item)
      if (!(distance <= node.radius)) {
        problems.push(`object ${item.id} is at ${distance} from ${name} of radius ${node.radius}`)
      }
    }
    if (!routed) problems.push(`${name} does not hold its routing object`)
  }

  #between(a: Item<T>, b: Item<T>): number {
    return this.metric.distance(a.object, b.object)
  }
}

function checkRings<T>(node: MEntry<T>, object: MEntry<T>, problems: string[]): void {
  object.low.forEach((distance, i) => {
    if (distance >= node.low[i]! && distance <= node.high[i]!) return
    problems.push(
      `object ${object.item.id} is at ${distance} from pivot ${i}, outside ${node.low[i]} to ${node.high[i]}`,
    )
  })
}
