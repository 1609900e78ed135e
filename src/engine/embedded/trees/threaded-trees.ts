import { TREE_KINDS, type TreeKind } from '../../../index/metric/row-tree.ts'
import type { RowAnswer, RowQuery } from '../../../index/row-index.ts'
import type { VectorRows } from '../../../kernels/vector-rows.ts'
import type { ThreadClient } from '../../../threads/thread-client.ts'
import { hasBit } from '../../../vector/bitset.ts'
import type { SpaceKind } from '../../../vector/space.ts'
import type { CachePlace } from '../cache-files/cache-place.ts'
import type {
  HostedTrees,
  TreeFileEvent,
  TreeSearch,
  TreeState,
  TreeUpdate,
} from './hosted-trees.ts'
import { toleratedChanges } from './tolerated-changes.ts'
import { TreeFiles } from './tree-files.ts'

/**
 * The one thread that holds the metric trees of all collections. It does one long call at a time, and while it is busy
 * with that nobody waits for it: a scan answers.
 */
export interface TreeBuilder {
  readonly thread: ThreadClient<HostedTrees>
  isBusy: boolean
  /** Trees that were ever given a number. */
  trees: number
}

interface Parts {
  readonly builder: TreeBuilder
  readonly rows: VectorRows
  readonly space: SpaceKind
  readonly admit: <T>(search: () => Promise<T>) => Promise<T>
  /** Where their files are, for the next start; null for nowhere. */
  readonly place: CachePlace | null
  /** Is called with what came of a file. */
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

export interface TreeNotice extends TreeFileEvent {
  readonly collection: number
  readonly tree: TreeKind
}

interface Tree {
  readonly number: number
  readonly structure: TreeKind
  /** Rows that were written or freed since the tree was last updated. */
  readonly changed: Set<number>
  state: 'none' | 'building' | 'ready'
  /** Why the last build failed, until a search has thrown it. */
  failure: unknown
  size: number
  /** Changes that are in the tree and not in its file. */
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
      const number = parts.builder.trees++
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
    if (this.#released || this.#parts.builder.isBusy) return null
    if (tree.state !== 'ready' || this.#isLong(tree)) {
      void this.#build(tree, now)
      return null
    }
    return this.#parts.admit(() => {
      const rows = this.#parts.rows.view()
      const update = tree.changed.size === 0 ? null : this.#takeChanges(tree, now.live, null)
      return this.#search(tree, update, { tree: tree.number, rows, query })
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

  async #search(tree: Tree, update: TreeUpdate | null, search: TreeSearch): Promise<RowAnswer> {
    const { thread } = this.#parts.builder
    try {
      // Both are sent in this turn, so that nothing comes between them.
      const [state, answer] = await Promise.all([
        update === null ? null : thread.call('update', update),
        thread.call('search', search),
      ])
      if (state !== null) this.#changed(tree, state)
      return answer
    } catch (error) {
      // The next search builds it again.
      this.#forget(tree)
      throw error
    }
  }

  /** Long changes too, so that no search waits for them. */
  async #build(tree: Tree, { live, keys, pin }: RowsNow): Promise<void> {
    const { builder, rows, space, place } = this.#parts
    const { number, structure } = tree
    const isRebuilt = tree.state !== 'ready' || tree.changed.size * 2 > tree.size
    const file = place === null ? null : { place, keys: keys() }
    const fromFile = !tree.fileTried
    const facts = { tree: number, structure, space, rows: rows.view(), live, file, fromFile }
    const update = isRebuilt ? null : this.#takeChanges(tree, live, file)
    tree.changed.clear()
    tree.fileTried = true
    tree.state = 'building'
    builder.isBusy = true
    const release = pin()
    try {
      const { thread } = builder
      const built = update === null ? thread.call('build', facts) : thread.call('update', update)
      this.#changed(tree, await built)
      tree.state = 'ready'
    } catch (error) {
      tree.failure = error
      this.#forget(tree)
    } finally {
      builder.isBusy = false
      release()
    }
    if (this.#released) this.#drop(tree)
  }

  #changed(tree: Tree, { size, unsaved, fileEvents }: TreeState): void {
    const { place, notice } = this.#parts
    tree.size = size
    tree.unsaved = unsaved
    if (place === null) return
    const { collection } = place
    for (const event of fileEvents) notice({ collection, tree: tree.structure, ...event })
  }

  #takeChanges(tree: Tree, live: Uint32Array | null, file: TreeUpdate['file']): TreeUpdate {
    const inUse = (row: number) => live === null || hasBit(live, row)
    const changed = [...tree.changed]
    tree.changed.clear()
    return {
      tree: tree.number,
      rows: this.#parts.rows.view(),
      live: Uint32Array.from(changed.filter(inUse)),
      freed: Uint32Array.from(changed.filter((row) => !inUse(row))),
      file,
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
    if (state === 'ready') builder.thread.call('drop', { tree: number }).catch(() => undefined)
    if (place === null) return
    const { dimensions } = rows.layout
    // What cannot be removed, the next start removes.
    new TreeFiles(place, { tree: structure, dimensions }).remove().catch(() => undefined)
  }
}
