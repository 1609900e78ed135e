import { type ResumableTreeSearch, RowTree } from '../../../index/metric/row-tree.ts'
import type { RowAnswer } from '../../../index/row-index.ts'
import type { ResumableSearches } from '../../../index/scan/resumable-searches.ts'
import { hasBit } from '../../../vector/bitset.ts'
import { TruthCheck } from '../cache-files/truth-check.ts'
import { FiledVersions } from './filed-versions.ts'
import type { FiledVector } from './tree-file.ts'
import { TreeFiles } from './tree-files.ts'
import type { TreeFileNews, TreeKeeping, TreeReply, TreeTask } from './tree-messages.ts'

type Task<Kind extends TreeTask['kind']> = TreeTask & { readonly kind: Kind }

interface OwnTree {
  readonly rows: RowTree
  readonly structure: Task<'build'>['structure']
  unsaved: number
}

/** The trees of the thread that holds them. */
export class OwnTrees {
  readonly #segments: readonly WebAssembly.Memory[]
  readonly #trees = new Map<number, OwnTree>()
  readonly #resumable: ResumableSearches<ResumableTreeSearch>

  /** @param resumable what searches have left for later ones. */
  constructor(
    segments: readonly WebAssembly.Memory[],
    resumable: ResumableSearches<ResumableTreeSearch>,
  ) {
    this.#segments = segments
    this.#resumable = resumable
  }

  /** What has no file to read or write is done before this returns: tasks then come in order. */
  async run(task: TreeTask): Promise<Omit<TreeReply, 'number'>> {
    const news: TreeFileNews[] = []
    let answer: RowAnswer | null = null
    // They are of the tree as it was.
    if (task.kind !== 'search') this.#resumable.forget(`${task.tree}/`)
    switch (task.kind) {
      case 'build':
        await this.#build(task, news)
        break
      case 'update':
        this.#update(task)
        if (task.keeping !== null) await this.#save(task, task.keeping, news)
        break
      case 'search':
        answer = this.#search(task)
        break
      case 'drop':
        this.#trees.delete(task.tree)
    }
    const tree = this.#trees.get(task.tree)
    return { answer, size: tree?.rows.size ?? 0, unsaved: tree?.unsaved ?? 0, news }
  }

  #search({ tree, rows, query }: Task<'search'>): RowAnswer {
    const { resumableAs: name, ...rest } = query
    const named = name === undefined ? rest : { ...rest, resumableAs: `${tree}/${name}` }
    return this.#known(tree).rows.search(this.#segments, rows, named, this.#resumable)
  }

  async #build(task: Task<'build'>, news: TreeFileNews[]): Promise<void> {
    const { tree, structure, keeping } = task
    this.#trees.delete(tree)
    const loaded = task.fromFile && keeping !== null ? await this.#load(task, keeping, news) : null
    if (loaded !== null) {
      this.#trees.set(tree, loaded)
      return
    }
    const rows = new RowTree(structure, task.space)
    rows.load(this.#segments, task.rows, rowsInUse(task))
    this.#trees.set(tree, { rows, structure, unsaved: 0 })
    if (keeping !== null) await this.#save(task, keeping, news)
  }

  /** A tree that a change has failed in is gone: it may have lost rows. */
  #update(task: Task<'update'>): void {
    const tree = this.#known(task.tree)
    this.#trees.delete(task.tree)
    tree.rows.update(this.#segments, task.rows, task)
    tree.unsaved += task.live.length + task.freed.length
    this.#trees.set(task.tree, tree)
  }

  /** Null where there is no file, or it cannot be used. */
  async #load(
    task: Task<'build'>,
    { place, keys }: TreeKeeping,
    news: TreeFileNews[],
  ): Promise<OwnTree | null> {
    const { structure, space, rows } = task
    const inUse = [...rowsInUse(task)]
    const versions = inUse.map((row) => [keys[row]!, row] as const)
    const found = new FiledVersions(new TruthCheck(this.#segments, rows, versions), inUse)
    const files = new TreeFiles(place, { tree: structure, dimensions: rows.layout.dimensions })
    try {
      const tree = await files.load(found.visit, (snapshot) => {
        found.checkFresh()
        const restored = new RowTree(structure, space)
        restored.restore(snapshot, found.lookup)
        const changed = { live: found.missing, freed: new Uint32Array() }
        restored.update(this.#segments, rows, changed)
        return { rows: restored, structure, unsaved: found.changes }
      })
      if (tree !== null) news.push({ file: 'used', reason: found.summary })
      return tree
    } catch (error) {
      news.push({ file: 'not used', reason: reasonOf(error) })
      return null
    }
  }

  /** Answers need no file: where it cannot be written, it is tried again after as many changes. */
  async #save(
    task: Task<'build' | 'update'>,
    { place, keys }: TreeKeeping,
    news: TreeFileNews[],
  ): Promise<void> {
    const tree = this.#known(task.tree)
    const { dimensions } = task.rows.layout
    tree.unsaved = 0
    try {
      const files = new TreeFiles(place, { tree: tree.structure, dimensions })
      await files.save(tree.rows.serialise(), filed(tree.rows, keys))
    } catch (error) {
      news.push({ file: 'not written', reason: reasonOf(error) })
    }
  }

  #known(number: number): OwnTree {
    const tree = this.#trees.get(number)
    if (tree === undefined) throw new Error(`there is no tree ${number}`)
    return tree
  }
}

function* rowsInUse({ live, rows }: Task<'build'>): Generator<number> {
  for (let row = 0; row < rows.count; row++) {
    if (live === null || hasBit(live, row)) yield row
  }
}

function* filed(rows: RowTree, keys: Float64Array): Generator<FiledVector> {
  for (const [id, vector] of rows.objects()) yield { key: keys[id]!, id, vector }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
