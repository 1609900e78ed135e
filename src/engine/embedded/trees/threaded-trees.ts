import { TREE_KINDS, type TreeKind } from '../../../index/metric/row-tree.ts'
import type { RowAnswer, RowQuery } from '../../../index/row-index.ts'
import type { VectorRows } from '../../../kernels/vector-rows.ts'
import { Pending } from '../../../scheduling/pending.ts'
import type { ThreadClient } from '../../../threads/thread-client.ts'
import { hasBit } from '../../../vector/bitset.ts'
import type { SpaceKind } from '../../../vector/space.ts'
import type { CachePlace } from '../cache-files/cache-place.ts'
import type { Pinnable } from '../rows/pinned.ts'
import type { RowSlots } from '../rows/row-slots.ts'
import type { HostedTrees, TreeFileEvent, TreeState, TreeUpdate } from './hosted-trees.ts'
import { removeTree, toleratedChanges } from './tree-file.ts'

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
  readonly notice: (notice: TreeNotice) => void
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
  /** Whether there may be a file, and whether it may hold a vector of a row that was freed since. */
  file: 'none' | 'sound' | 'outdated'
}

/** Vector components of changed rows that the tree is given on the way of a search: tens of milliseconds. */
const COMPONENTS_ON_THE_WAY = 100_000

/**
 * Metric trees over the rows of one collection, each loaded from its file or built when it is first wanted, in the
 * thread of a `TreeBuilder`.
 */
export class ThreadedTrees {
  readonly #parts: Parts
  readonly #trees = new Map<TreeKind, Tree>()
  /** Files that are being written or removed. */
  readonly #filing = new Pending()
  #released = false

  constructor(parts: Parts) {
    this.#parts = parts
    const file = parts.place === null ? 'none' : 'sound'
    const none = { state: 'none', failure: null, size: 0, unsaved: 0, fileTried: false } as const
    for (const structure of TREE_KINDS) {
      const number = parts.builder.trees++
      this.#trees.set(structure, { ...none, file, number, structure, changed: new Set() })
    }
  }

  get memoryBytes(): number {
    let rows = 0
    for (const { size } of this.#trees.values()) rows += size
    return rows * this.#parts.rows.layout.dimensions * 4
  }

  /** To be called when a row was written. */
  touched(row: number): void {
    for (const tree of this.#trees.values()) if (tree.state !== 'none') tree.changed.add(row)
  }

  /** To be called when a row was freed: no file may keep its vector. */
  freed(row: number): void {
    this.touched(row)
    for (const tree of this.#trees.values()) {
      if (tree.file === 'none') continue
      tree.file = 'outdated'
      // The file that is being written would come after.
      if (tree.state !== 'building') this.#removeFile(tree)
    }
  }

  /**
   * Answers as a scan would, or ends with the reason of `signal`. The caller pins the rows until then. Null while the tree
   * is not ready: it is then being loaded or built.
   */
  search(
    structure: TreeKind,
    query: RowQuery,
    rows: Pinnable & { readonly slots: RowSlots },
    signal?: AbortSignal,
  ): Promise<RowAnswer> | null {
    const tree = this.#trees.get(structure)!
    if (tree.failure !== null) {
      const failure = tree.failure
      tree.failure = null
      return Promise.reject(failure)
    }
    if (this.#released || this.#parts.builder.isBusy) return null
    if (tree.state !== 'ready' || this.#isLong(tree)) {
      void this.#filing.track(this.#build(tree, rows.slots, rows.pin()))
      return null
    }
    return this.#parts.admit(() => this.#search(tree, query, rows.slots, signal))
  }

  /** Resolves once no file has a vector of a row that was freed before. */
  async erased(): Promise<void> {
    await this.#filing.settled()
    // A file that was being written may be removed only now.
    await this.#filing.settled()
  }

  /** To be called when the collection is gone. */
  release(): void {
    this.#released = true
    for (const tree of this.#trees.values()) if (tree.state !== 'building') this.#drop(tree)
  }

  /** Tells whether what has changed is more than a search should wait for. */
  #isLong({ changed, size, unsaved }: Tree): boolean {
    const { place, rows } = this.#parts
    if (changed.size * rows.layout.dimensions > COMPONENTS_ON_THE_WAY) return true
    return place !== null && unsaved + changed.size > toleratedChanges(size)
  }

  async #search(
    tree: Tree,
    query: RowQuery,
    slots: RowSlots,
    signal: AbortSignal | undefined,
  ): Promise<RowAnswer> {
    const { thread } = this.#parts.builder
    const at = { tree: tree.number, rows: this.#parts.rows.view() }
    const changes = tree.changed.size === 0 ? null : this.#takeChanges(tree, slots)
    // Both are sent in this turn, so that nothing comes between them. Both are waited for: a search that is stopped can
    // end first, but the update reads the rows too, and only it tells that its changes are lost.
    const [updated, answered] = await Promise.allSettled([
      changes && thread.call('update', { ...at, ...changes, file: null }),
      thread.call('search', { ...at, query }, { signal }),
    ])
    if (updated.status === 'fulfilled' && updated.value !== null) this.#changed(tree, updated.value)
    const isStopped =
      answered.status === 'rejected' &&
      signal?.aborted === true &&
      answered.reason === signal.reason
    // The next search builds it again, unless this one was only stopped.
    if (updated.status === 'rejected' || (answered.status === 'rejected' && !isStopped)) {
      this.#forget(tree)
    }
    if (updated.status === 'rejected' && !isStopped) throw updated.reason
    if (answered.status === 'rejected') throw answered.reason
    return answered.value
  }

  /** Takes up long changes too, so that no search waits for them. */
  async #build(tree: Tree, slots: RowSlots, release: () => void): Promise<void> {
    const { builder, rows, space, place } = this.#parts
    const { thread } = builder
    const { number, structure, changed } = tree
    const file = place === null ? null : { place, keys: slots.keys() }
    const facts = { tree: number, rows: rows.view(), file }
    const isRebuilt = tree.state !== 'ready' || changed.size * 2 > tree.size
    const fromFile = !tree.fileTried
    const built = isRebuilt
      ? thread.call('build', { ...facts, structure, space, live: slots.liveBits(), fromFile })
      : thread.call('update', { ...facts, ...this.#takeChanges(tree, slots) })
    changed.clear()
    tree.fileTried = true
    tree.state = 'building'
    if (place !== null) tree.file = 'sound'
    builder.isBusy = true
    try {
      this.#changed(tree, await built)
      tree.state = 'ready'
    } catch (error) {
      tree.failure = error
      this.#forget(tree)
    } finally {
      builder.isBusy = false
      release()
      if (tree.file === 'outdated') this.#removeFile(tree)
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

  #takeChanges({ changed }: Tree, slots: RowSlots): Pick<TreeUpdate, 'live' | 'freed'> {
    const inUse = slots.liveBits()
    const rows = [...changed]
    changed.clear()
    const live = rows.filter((row) => inUse === null || hasBit(inUse, row))
    const freed = rows.filter((row) => inUse !== null && !hasBit(inUse, row))
    return { live: Uint32Array.from(live), freed: Uint32Array.from(freed) }
  }

  #forget(tree: Tree): void {
    tree.state = 'none'
    tree.size = 0
  }

  #drop(tree: Tree): void {
    const { builder } = this.#parts
    const { state, number } = tree
    this.#forget(tree)
    tree.changed.clear()
    // A thread that has ended holds no tree any more.
    if (state === 'ready') builder.thread.call('drop', { tree: number }).catch(() => undefined)
    this.#removeFile(tree)
  }

  /** What of a dropped collection cannot be removed, the next start removes. */
  #removeFile(tree: Tree): void {
    const { place, rows } = this.#parts
    tree.file = 'none'
    if (place === null) return
    const { dimensions } = rows.layout
    const removed = removeTree({ ...place, tree: tree.structure, dimensions })
    void this.#filing.track(removed.catch(() => undefined))
  }
}
