import { type RowsNow, type RowTrees, TREE_KINDS, type TreeKind } from '../../index/row-trees.ts'
import type { VectorAnswer, VectorQuery } from '../../index/vector-index.ts'
import type { VectorRows } from '../../kernels/vector-rows.ts'
import type { SpaceKind } from '../../vector/space.ts'
import type { TreeBuilder } from './tree-builder.ts'
import type { TreeTask } from './tree-messages.ts'

interface Parts {
  readonly builder: TreeBuilder
  readonly rows: VectorRows
  readonly space: SpaceKind
  readonly admit: <T>(search: () => Promise<T>) => Promise<T>
}

interface Tree {
  readonly number: number
  readonly structure: TreeKind
  /** Rows that were written or freed since the tree heard of them last. */
  readonly changed: Set<number>
  state: 'none' | 'building' | 'ready'
  /** Why the last build failed, until a search has said so. */
  failure: unknown
  size: number
}

/** Vector components of changed rows that a search takes up on its way: tens of milliseconds. */
const COMPONENTS_ON_THE_WAY = 100_000

/** The trees of one collection, built and searched in the thread of a `TreeBuilder`. */
export class ThreadedTrees implements RowTrees {
  readonly #parts: Parts
  readonly #trees = new Map<TreeKind, Tree>()
  #released = false

  constructor(parts: Parts) {
    this.#parts = parts
    for (const structure of TREE_KINDS) {
      const number = parts.builder.newTree()
      const fresh = { changed: new Set<number>(), state: 'none', failure: null, size: 0 } as const
      this.#trees.set(structure, { ...fresh, number, structure })
    }
  }

  get memoryBytes(): number {
    let rows = 0
    for (const { size } of this.#trees.values()) rows += size
    return rows * this.#parts.rows.layout.dimensions * 4
  }

  touched(row: number): void {
    for (const tree of this.#trees.values()) if (tree.state !== 'none') tree.changed.add(row)
  }

  search(structure: TreeKind, query: VectorQuery, now: RowsNow): Promise<VectorAnswer> | null {
    const tree = this.#trees.get(structure)!
    if (tree.failure !== null) {
      const failure = tree.failure
      tree.failure = null
      return Promise.reject(failure)
    }
    if (this.#released || this.#parts.builder.busy) return null
    const dimensions = this.#parts.rows.layout.dimensions
    if (tree.state !== 'ready' || tree.changed.size * dimensions > COMPONENTS_ON_THE_WAY) {
      void this.#build(tree, now)
      return null
    }
    return this.#parts.admit(() => {
      const rows = this.#parts.rows.view()
      const update = tree.changed.size === 0 ? null : this.#takeChanges(tree, now.live)
      return this.#ask(tree, update, { kind: 'search', tree: tree.number, rows, query })
    })
  }

  release(): void {
    this.#released = true
    for (const tree of this.#trees.values()) if (tree.state === 'ready') this.#drop(tree)
  }

  async #ask(tree: Tree, update: TreeTask | null, search: TreeTask): Promise<VectorAnswer> {
    const { builder } = this.#parts
    try {
      // Both are sent in this turn, so that nothing comes between them.
      const [updated, { answer, size }] = await Promise.all([
        update === null ? null : builder.ask(update),
        builder.ask(search),
      ])
      tree.size = updated?.size ?? size
      return answer!
    } catch (error) {
      // The next search builds it anew.
      tree.state = 'none'
      tree.size = 0
      throw error
    }
  }

  /** Long changes too, so that no search waits for them. */
  async #build(tree: Tree, { live, hold }: RowsNow): Promise<void> {
    const { builder, rows, space } = this.#parts
    const { number, structure } = tree
    const anew = tree.state !== 'ready' || tree.changed.size * 2 > tree.size
    const task: TreeTask = anew
      ? { kind: 'build', tree: number, structure, space, rows: rows.view(), live }
      : this.#takeChanges(tree, live)
    tree.changed.clear()
    tree.state = 'building'
    const letGo = hold()
    try {
      tree.size = (await builder.askLong(task)).size
      tree.state = 'ready'
    } catch (error) {
      tree.failure = error
      tree.state = 'none'
      tree.size = 0
    } finally {
      letGo()
    }
    if (this.#released) this.#drop(tree)
  }

  #takeChanges(tree: Tree, live: Uint32Array | null): TreeTask {
    const inUse = (row: number) => live === null || ((live[row >>> 5]! >>> (row & 31)) & 1) === 1
    const changed = [...tree.changed]
    tree.changed.clear()
    return {
      kind: 'update',
      tree: tree.number,
      rows: this.#parts.rows.view(),
      live: Uint32Array.from(changed.filter(inUse)),
      freed: Uint32Array.from(changed.filter((row) => !inUse(row))),
    }
  }

  #drop(tree: Tree): void {
    tree.state = 'none'
    tree.size = 0
    tree.changed.clear()
    // A thread that has ended holds no tree any more.
    this.#parts.builder.ask({ kind: 'drop', tree: tree.number }).catch(() => undefined)
  }
}
