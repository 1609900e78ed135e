import { messageOf } from '../../../errors.ts'
import { DamagedFile } from '../../../files/durable-files.ts'
import { type ResumableTreeSearch, RowTree, type TreeKind } from '../../../index/metric/row-tree.ts'
import type { RestoredObject } from '../../../index/metric/structure-snapshot.ts'
import type { RowAnswer, RowQuery } from '../../../index/row-index.ts'
import type { ResumableSearches } from '../../../index/scan/resumable-searches.ts'
import { type RowsView, rowSlot } from '../../../kernels/vector-rows.ts'
import { NEVER_STOPPED, type StopSign } from '../../../threads/stop-flags.ts'
import { hasBit } from '../../../vector/bitset.ts'
import type { SpaceKind } from '../../../vector/space.ts'
import type { CachePlace } from '../cache-files/cache-place.ts'
import { truthCheck } from '../cache-files/truth-check.ts'
import { type FiledVector, loadTree, removeTree, saveTree, toleratedChanges } from './tree-file.ts'

/** A number that the caller chose. */
interface Tree {
  readonly tree: number
}

interface TreeBuild extends Tree {
  readonly structure: TreeKind
  readonly space: SpaceKind
  readonly rows: RowsView
  /** Bits of the rows in use; null when every row is. */
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

interface TreeSearch extends Tree {
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
    const { structure, space, rows, file } = args
    const fileEvents: TreeFileEvent[] = []
    this.drop(args)
    const loaded = args.fromFile && file !== null ? await this.#load(args, file, fileEvents) : null
    if (loaded !== null) {
      this.#trees.set(args.tree, loaded)
      return { size: loaded.rows.tree.size, unsaved: loaded.unsaved, fileEvents }
    }
    const tree = { rows: new RowTree(structure, space), structure, unsaved: 0 }
    tree.rows.load(this.#vectorsOf(rows), rowsInUse(args))
    this.#trees.set(args.tree, tree)
    if (file !== null) await save(tree, rows, file, fileEvents)
    return { size: tree.rows.tree.size, unsaved: tree.unsaved, fileEvents }
  }

  /** Changes a tree. One that a change has failed in is gone: it may have lost rows. */
  async update(args: TreeUpdate): Promise<TreeState> {
    const tree = this.#known(args.tree)
    const fileEvents: TreeFileEvent[] = []
    this.drop(args)
    tree.rows.update(this.#vectorsOf(args.rows), args)
    tree.unsaved += args.live.length + args.freed.length
    this.#trees.set(args.tree, tree)
    if (args.file !== null) await save(tree, args.rows, args.file, fileEvents)
    return { size: tree.rows.tree.size, unsaved: tree.unsaved, fileEvents }
  }

  search({ tree, rows, query }: TreeSearch, stop: StopSign = NEVER_STOPPED): RowAnswer {
    const { resumableAs: name, ...rest } = query
    const named = name === undefined ? rest : { ...rest, resumableAs: `${tree}/${name}` }
    const check = () => stop.check()
    return this.#known(tree).rows.search(this.#vectorsOf(rows), named, this.#resumable, check)
  }

  /** Drops the tree, and the searches that may be resumed: they are of the tree as it was. */
  drop({ tree }: Tree): void {
    this.#resumable.forget(`${tree}/`)
    this.#trees.delete(tree)
  }

  /** Resolves to null where there is no file, or it cannot be used. */
  async #load(
    build: TreeBuild,
    { place, keys }: TreeFilePlace,
    events: TreeFileEvent[],
  ): Promise<HostedTree | null> {
    const { structure, space, rows } = build
    const inUse = [...rowsInUse(build)]
    const versions = inUse.map((row) => [keys[row]!, row] as const)
    const rowOf = truthCheck(this.#segments, rows, versions)
    /** Rows in use whose versions are not in the file. */
    const missing = new Set(inUse)
    /** By the ids that the file names them by. */
    const objects = new Map<number, RestoredObject<Float32Array>>()
    let ended = 0
    const visit = ({ key, id, vector }: FiledVector) => {
      const row = rowOf(key, vector)
      if (row === null) ended++
      else missing.delete(row)
      objects.set(id, { id: row, object: vector })
    }
    const summary = () =>
      `of ${objects.size} records ${ended} have ended since, ${missing.size} are new`
    try {
      const file = { ...place, tree: structure, dimensions: rows.layout.dimensions }
      const tree = await loadTree(file, visit, (snapshot) => {
        const unsaved = ended + missing.size
        if (unsaved > toleratedChanges(objects.size)) {
          throw new DamagedFile(`it is out of date: ${summary()}`)
        }
        const restored = new RowTree(structure, space)
        restored.tree.restore(snapshot, (id) => objects.get(id))
        const changed = { live: Uint32Array.from(missing), freed: new Uint32Array() }
        restored.update(this.#vectorsOf(rows), changed)
        return { rows: restored, structure, unsaved }
      })
      if (tree !== null) events.push({ file: 'used', reason: summary() })
      // It holds their vectors.
      if (ended > 0) await removeTree(file)
      return tree
    } catch (error) {
      events.push({ file: 'not used', reason: messageOf(error) })
      return null
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

/** Answers need no file: where it cannot be written, that is tried again after more changes. */
async function save(
  tree: HostedTree,
  { layout: { dimensions } }: RowsView,
  { place, keys }: TreeFilePlace,
  events: TreeFileEvent[],
): Promise<void> {
  function* vectors(): Generator<FiledVector> {
    for (const [id, vector] of tree.rows.tree.objects()) yield { key: keys[id]!, id, vector }
  }
  tree.unsaved = 0
  try {
    const file = { ...place, tree: tree.structure, dimensions }
    await saveTree(file, tree.rows.tree.serialise(), vectors())
  } catch (error) {
    events.push({ file: 'not written', reason: messageOf(error) })
  }
}

function* rowsInUse({ live, rows }: TreeBuild): Generator<number> {
  for (let row = 0; row < rows.count; row++) {
    if (live === null || hasBit(live, row)) yield row
  }
}
