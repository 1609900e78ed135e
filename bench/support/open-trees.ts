import { MTree } from '../../src/index/metric/m-tree.ts'
import { entriesAt, type MEntry } from '../../src/index/metric/m-tree-entry.ts'
import type { VpNode } from '../../src/index/metric/vp-node.ts'
import { VpTree } from '../../src/index/metric/vp-tree.ts'

/** An M-tree that shows its nodes. */
export class OpenMTree<T> extends MTree<T> {
  get height(): number {
    return this.root?.level ?? 0
  }

  /** Gives the nodes from the root down. */
  *nodes(): Generator<MEntry<T>> {
    if (this.root === null) return
    for (let level = this.root.level; level > 0; level--) yield* entriesAt(this.root, level)
  }
}

/** A VP-tree that shows its nodes. */
export class OpenVpTree<T> extends VpTree<T> {
  get top(): VpNode<T> {
    return this.root
  }
}
