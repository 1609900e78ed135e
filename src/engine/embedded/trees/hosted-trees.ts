import { messageOf } from '../../../errors.ts'
import { type ResumableTreeSearch, RowTree, type TreeKind } from '../../../index/metric/row-tree.ts'
import type { RowAnswer, RowQuery } from '../../../index/row-index.ts'
import type { ResumableSearches } from '../../../index/scan/resumable-searches.ts'
import { type RowsView, rowSlot } from '../../../kernels/vector-rows.ts'
import { hasBit } from '../../../vector/bitset.ts'
import type { SpaceKind } from '../../../vector/space.ts'
import type { CachePlace } from '../cache-files/cache-place.ts'
import { TruthCheck } from '../cache-files/truth-check.ts'
import { FiledVersions } from './filed-versions.ts'
import type { FiledVector } from './tree-file.ts'
import { TreeFiles } from './tree-files.ts'

/** A number that the caller chose. */
interface Tree {
  readonly tree: number
}

interface TreeBuild extends Tree {
  readonly structure: TreeKind
  readonly space: SpaceKind
  readonly rows: RowsView
  readonly live: Uint32Array | null
  readonly file: TreeFilePlace | null
  /** Whether the file may be read in the place of building. */
  readonly fromFile: boolean
}

export interface TreeUpdate extends Tree {
  readonly rows: RowsView
  readonly live: Uint32Array
  readonly freed: Uint32Array
  readonly file: TreeFilePlace | null
}

export interface TreeSearch extends Tree {
  readonly rows: RowsView
  readonly query: RowQuery
}

/** The file of a tree, which is written at the end of a call. */
interface TreeFilePlace {
  readonly place: CachePlace
  /** The version of each row. */
  readonly keys: Float64Array
}

export interface TreeState {
  /** Rows in the tree now. */
  readonly size: number
  /** Rows that changed since it was last written to its file, or that was last tried. */
  readonly unsaved: number
  readonly fileEvents: readonly TreeFileEvent[]
}

export interface TreeFileEvent {
  readonly file: 'used' | 'not used' | 'not written'
  readonly reason: string
}

interface HostedTree {
  readonly rows: RowTree
  readonly structure: TreeKind
  unsaved: number
}

/**
 * The calls of the thread that holds the trees. What has no file to read or write is done before a method returns: calls
 * then come in order.
 */
export class HostedTrees {
  readonly #segments: readonly WebAssembly.Memory[]
  readonly #trees = new Map<number, HostedTree>()
  readonly #resumable: ResumableSearches<ResumableTreeSearch>

  /** @param resumable what searches have left for later ones. */
  constructor(
    segments: readonly WebAssembly.Memory[],
    resumable: ResumableSearches<ResumableTreeSearch>,
  ) {
    this.#segments = segments
    this.#resumable = resumable
  }

  /** Builds a tree over every row in use, in the place of an older one. */
  async build(args: TreeBuild): Promise<TreeState> {
    const { tree, structure, space, file } = args
    const events: TreeFileEvent[] = []
    this.#forget(tree)
    const loaded = args.fromFile && file !== null ? await this.#load(args, file, events) : null
    if (loaded !== null) {
      this.#trees.set(tree, loaded)
      return stateOf(loaded, events)
    }
    const rows = new RowTree(structure, space)
    rows.load(this.#vectorsOf(args.rows), rowsInUse(args))
    const built = { rows, structure, unsaved: 0 }
    this.#trees.set(tree, built)
    if (file !== null) await this.#save(built, args.rows, file, events)
    return stateOf(built, events)
  }

  /** A tree that a change has failed in is gone: it may have lost rows. */
  async update(args: TreeUpdate): Promise<TreeState> {
    const tree = this.#known(args.tree)
    const events: TreeFileEvent[] = []
    this.#forget(args.tree)
    tree.rows.update(this.#vectorsOf(args.rows), args)
    tree.unsaved += args.live.length + args.freed.length
    this.#trees.set(args.tree, tree)
    if (args.file !== null) await this.#save(tree, args.rows, args.file, events)
    return stateOf(tree, events)
  }

  search({ tree, rows, query }: TreeSearch): RowAnswer {
    const { resumableAs: name, ...rest } = query
    const named = name === undefined ? rest : { ...rest, resumableAs: `${tree}/${name}` }
    return this.#known(tree).rows.search(this.#vectorsOf(rows), named, this.#resumable)
  }

  drop({ tree }: Tree): void {
    this.#forget(tree)
  }

  /** Drops the tree, and the searches that may be resumed: they are of the tree as it was. */
  #forget(tree: number): void {
    this.#resumable.forget(`${tree}/`)
    this.#trees.delete(tree)
  }

  /** Resolves to null where there is no file, or it cannot be used. */
  async #load(
    args: TreeBuild,
    { place, keys }: TreeFilePlace,
    events: TreeFileEvent[],
  ): Promise<HostedTree | null> {
    const { structure, space, rows } = args
    const inUse = [...rowsInUse(args)]
    const versions = inUse.map((row) => [keys[row]!, row] as const)
    const found = new FiledVersions(new TruthCheck(this.#segments, rows, versions), inUse)
    const files = new TreeFiles(place, { tree: structure, dimensions: rows.layout.dimensions })
    try {
      const tree = await files.load(found.visit, (snapshot) => {
        found.checkFresh()
        const restored = new RowTree(structure, space)
        restored.tree.restore(snapshot, found.lookup)
        const changed = { live: found.missing, freed: new Uint32Array() }
        restored.update(this.#vectorsOf(rows), changed)
        return { rows: restored, structure, unsaved: found.changes }
      })
      if (tree !== null) events.push({ file: 'used', reason: found.summary })
      return tree
    } catch (error) {
      events.push({ file: 'not used', reason: messageOf(error) })
      return null
    }
  }

  /** Answers need no file: where it cannot be written, it is tried again after as many changes. */
  async #save(
    tree: HostedTree,
    { layout: { dimensions } }: RowsView,
    { place, keys }: TreeFilePlace,
    events: TreeFileEvent[],
  ): Promise<void> {
    tree.unsaved = 0
    try {
      const files = new TreeFiles(place, { tree: tree.structure, dimensions })
      await files.save(tree.rows.tree.serialise(), filed(tree.rows, keys))
    } catch (error) {
      events.push({ file: 'not written', reason: messageOf(error) })
    }
  }

  #vectorsOf(rows: RowsView) {
    return (row: number) => rowSlot(this.#segments, rows, row)
  }

  #known(number: number): HostedTree {
    const tree = this.#trees.get(number)
    if (tree === undefined) throw new Error(`there is no tree ${number}`)
    return tree
  }
}

function stateOf({ rows, unsaved }: HostedTree, fileEvents: readonly TreeFileEvent[]): TreeState {
  return { size: rows.tree.size, unsaved, fileEvents }
}

function* rowsInUse({ live, rows }: TreeBuild): Generator<number> {
  for (let row = 0; row < rows.count; row++) {
    if (live === null || hasBit(live, row)) yield row
  }
}

function* filed(rows: RowTree, keys: Float64Array): Generator<FiledVector> {
  for (const [id, vector] of rows.tree.objects()) yield { key: keys[id]!, id, vector }
}
