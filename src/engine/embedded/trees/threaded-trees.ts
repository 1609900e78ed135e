import { TREE_KINDS, type TreeKind } from '../../../index/metric/row-tree.ts'
import type { RowAnswer, RowQuery } from '../../../index/row-index.ts'
import type { VectorRows } from '../../../kernels/vector-rows.ts'
import { hasBit } from '../../../vector/bitset.ts'
import type { SpaceKind } from '../../../vector/space.ts'
import type { CachePlace } from '../cache-files/cache-place.ts'
import { toleratedChanges } from './tolerated-changes.ts'
import type { TreeBuilder } from './tree-builder.ts'
import { TreeFiles } from './tree-files.ts'
import type { TreeFileNews, TreeKeeping, TreeReply, TreeTask } from './tree-messages.ts'

interface Parts {
  readonly builder: TreeBuilder
  readonly rows: VectorRows
  readonly space: SpaceKind
  readonly admit: <T>(search: () => Promise<T>) => Promise<T>
  /** Where they are kept from one start to the next; null for nowhere. */
  readonly place: CachePlace | null
  /** Hears of what came of a file. */
  readonly notice: (notice: TreeNotice) => void
}

/** The rows as they are in the turn of a call. */
export interface RowsNow {
  /** Bits of the rows in use; null when every row is. */
  readonly live: Uint32Array | null
  /** Copies the version that each row holds, or held last (see StoredRecord.key). */
  readonly keys: () => Float64Array
  /** Keeps rows that are freed from being used again, until what it returns is called. */
  readonly pin: () => () => void
}

export interface TreeNotice extends TreeFileNews {
  readonly collection: number
  readonly tree: TreeKind
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
  /** Changes that it has heard of and its file has not. */
  unsaved: number
  fileTried: boolean
}

const FRESH = { state: 'none', failure: null, size: 0, unsaved: 0, fileTried: false } as const

/** Vector components of changed rows that a search takes up on its way: tens of milliseconds. */
const COMPONENTS_ON_THE_WAY = 100_000

/**
 * Metric trees over the rows of one collection, each loaded from its file or built when it is first asked for, in the
 * thread of a `TreeBuilder`.
 */
export class ThreadedTrees {
  readonly #parts: Parts
  readonly #trees = new Map<TreeKind, Tree>()
  #released = false

  constructor(parts: Parts) {
    this.#parts = parts
    for (const structure of TREE_KINDS) {
      const number = parts.builder.newTree()
      this.#trees.set(structure, { ...FRESH, number, structure, changed: new Set() })
    }
  }

  get memoryBytes(): number {
    let rows = 0
    for (const { size } of this.#trees.values()) rows += size
    return rows * this.#parts.rows.layout.dimensions * 4
  }

  /** To be called when a row was written or freed. */
  touched(row: number): void {
    for (const tree of this.#trees.values()) if (tree.state !== 'none') tree.changed.add(row)
  }

  /**
   * Answers as a scan would. The caller pins the rows until then. Null while the tree is not ready: loading or
   * building it has then begun, or goes on.
   */
  search(structure: TreeKind, query: RowQuery, now: RowsNow): Promise<RowAnswer> | null {
    const tree = this.#trees.get(structure)!
    if (tree.failure !== null) {
      const failure = tree.failure
      tree.failure = null
      return Promise.reject(failure)
    }
    if (this.#released || this.#parts.builder.busy) return null
    if (tree.state !== 'ready' || this.#isLong(tree)) {
      void this.#build(tree, now)
      return null
    }
    return this.#parts.admit(() => {
      const rows = this.#parts.rows.view()
      const update = tree.changed.size === 0 ? null : this.#takeChanges(tree, now.live, null)
      return this.#ask(tree, update, { kind: 'search', tree: tree.number, rows, query })
    })
  }

  /** To be called when the collection is gone. */
  release(): void {
    this.#released = true
    for (const tree of this.#trees.values()) if (tree.state !== 'building') this.#drop(tree)
  }

  /** Whether what has changed is more than a search should wait for. */
  #isLong({ changed, size, unsaved }: Tree): boolean {
    const { place, rows } = this.#parts
    if (changed.size * rows.layout.dimensions > COMPONENTS_ON_THE_WAY) return true
    return place !== null && unsaved + changed.size > toleratedChanges(size)
  }

  async #ask(tree: Tree, update: TreeTask | null, search: TreeTask): Promise<RowAnswer> {
    const { builder } = this.#parts
    try {
      // Both are sent in this turn, so that nothing comes between them.
      const [, reply] = await Promise.all([
        update === null ? null : builder.ask(update),
        builder.ask(search),
      ])
      this.#heard(tree, reply)
      return reply.answer!
    } catch (error) {
      // The next search builds it anew.
      this.#forget(tree)
      throw error
    }
  }

  /** Long changes too, so that no search waits for them. */
  async #build(tree: Tree, { live, keys, pin }: RowsNow): Promise<void> {
    const { builder, rows, space, place } = this.#parts
    const { number, structure } = tree
    const anew = tree.state !== 'ready' || tree.changed.size * 2 > tree.size
    const keeping = place === null ? null : { place, keys: keys() }
    const fromFile = !tree.fileTried
    const task: TreeTask = anew
      ? {
          kind: 'build',
          tree: number,
          structure,
          space,
          rows: rows.view(),
          live,
          keeping,
          fromFile,
        }
      : this.#takeChanges(tree, live, keeping)
    tree.changed.clear()
    tree.fileTried = true
    tree.state = 'building'
    const release = pin()
    try {
      this.#heard(tree, await builder.askLong(task))
      tree.state = 'ready'
    } catch (error) {
      tree.failure = error
      this.#forget(tree)
    } finally {
      release()
    }
    if (this.#released) this.#drop(tree)
  }

  #heard(tree: Tree, { size, unsaved, news }: TreeReply): void {
    const { place, notice } = this.#parts
    tree.size = size
    tree.unsaved = unsaved
    if (place === null) return
    for (const told of news) notice({ collection: place.collection, tree: tree.structure, ...told })
  }

  #takeChanges(tree: Tree, live: Uint32Array | null, keeping: TreeKeeping | null): TreeTask {
    const inUse = (row: number) => live === null || hasBit(live, row)
    const changed = [...tree.changed]
    tree.changed.clear()
    return {
      kind: 'update',
      tree: tree.number,
      rows: this.#parts.rows.view(),
      live: Uint32Array.from(changed.filter(inUse)),
      freed: Uint32Array.from(changed.filter((row) => !inUse(row))),
      keeping,
    }
  }

  #forget(tree: Tree): void {
    tree.state = 'none'
    tree.size = 0
  }

  /** With its file. */
  #drop(tree: Tree): void {
    const { builder, place, rows } = this.#parts
    const { state, number, structure } = tree
    this.#forget(tree)
    tree.changed.clear()
    // A thread that has ended holds no tree any more.
    if (state === 'ready') builder.ask({ kind: 'drop', tree: number }).catch(() => undefined)
    if (place === null) return
    const { dimensions } = rows.layout
    // What cannot be removed, the next start removes.
    new TreeFiles(place, { tree: structure, dimensions }).remove().catch(() => undefined)
  }
}
