import { messageOf } from '../../../errors.ts'
import { type RowsView, rowSlot } from '../../../kernels/vector-rows.ts'
import type { CachePlace } from '../cache-files/cache-place.ts'
import { TruthCheck } from '../cache-files/truth-check.ts'
import { GraphFiles } from './graph-folder.ts'
import { GRAPH_EF_CONSTRUCTION, GRAPH_LINKS, Hnsw } from './hnsw.ts'

/** A number that the caller chose. */
interface Graph {
  readonly graph: number
}

/** Versions and where their vectors are; none of the rows may be written meanwhile. */
interface VersionsInRows extends Graph {
  readonly rows: RowsView
  /** Row `numbers[i]` holds version `keys[i]`. */
  readonly numbers: Uint32Array
  readonly keys: Float64Array
}

/** A query for up to `wanted` versions, with a candidate list of `ef`. */
export interface GraphQuery extends Graph {
  readonly vector: Float32Array
  readonly wanted: number
  readonly ef: number
}

/** The file was not written, or cannot be used; null: there is none. */
interface Refused {
  readonly kind: 'refused'
  readonly reason: string | null
}

interface Loaded {
  readonly kind: 'loaded'
  /** Rows whose versions are in the graph, ascending. */
  readonly held: Uint32Array
  /** The number of other versions that it holds. */
  readonly dead: number
}

/** Milliseconds of insertions before searches get their turn. */
const TURN_MS = 4

interface HostedGraph {
  readonly hnsw: Hnsw
  readonly dimensions: number
  newestKey: number
}

/** The calls of the thread that owns the graphs. */
export class HostedGraphs {
  readonly #segments: readonly WebAssembly.Memory[]
  readonly #graphs = new Map<number, HostedGraph>()

  constructor(segments: readonly WebAssembly.Memory[]) {
    this.#segments = segments
  }

  create({ graph, dimensions }: Graph & { readonly dimensions: number }): void {
    this.#graphs.set(graph, { hnsw: Hnsw.empty(dimensions), dimensions, newestKey: 0 })
  }

  async add({ graph, rows, numbers, keys }: VersionsInRows): Promise<void> {
    let turnEnds = performance.now() + TURN_MS
    for (const [i, row] of numbers.entries()) {
      if (performance.now() > turnEnds) {
        await new Promise(setImmediate)
        turnEnds = performance.now() + TURN_MS
      }
      const known = this.#known(graph)
      known.hnsw.add(keys[i]!, rowSlot(this.#segments, rows, row))
      known.newestKey = Math.max(known.newestKey, keys[i]!)
    }
  }

  remove({ graph, keys }: Graph & { readonly keys: Float64Array }): void {
    const { hnsw } = this.#known(graph)
    for (const key of keys) hnsw.remove(key)
  }

  /** Returns the versions found by each query in order, the nearest first. */
  search(queries: readonly GraphQuery[]): Float64Array[] {
    return queries.map(({ graph, vector, wanted, ef }) =>
      this.#known(graph).hnsw.search(vector, wanted, ef),
    )
  }

  /** Writes the file. No change of the graph may be under way. */
  save({ graph, place }: Graph & { readonly place: CachePlace }): Promise<Refused | null> {
    return refusable(async () => {
      const { hnsw, dimensions, newestKey } = this.#known(graph)
      const shape = { ...wantedShape(dimensions), count: hnsw.count }
      await new GraphFiles(place).save(shape, newestKey, (path) => hnsw.write(path))
      return null
    })
  }

  /** Reads the file, where that holds the truth: of what it holds, these versions are in use. */
  load(wanted: VersionsInRows & { readonly place: CachePlace }): Promise<Loaded | Refused> {
    return refusable(() => this.#load(wanted))
  }

  /** Removes the file. */
  async forget(place: CachePlace): Promise<void> {
    await new GraphFiles(place).remove()
  }

  drop({ graph }: Graph): void {
    this.#graphs.delete(graph)
  }

  async #load({
    graph,
    place,
    rows,
    numbers,
    keys,
  }: VersionsInRows & { readonly place: CachePlace }): Promise<Loaded | Refused> {
    const { dimensions } = rows.layout
    const inUse = Array.from(keys, (key, i) => [key, numbers[i]!] as const)
    const check = new FiledVersions(new TruthCheck(this.#segments, rows, inUse))
    const files = new GraphFiles(place)
    const loaded = await files.load(wantedShape(dimensions), check.visit, async (path, sidecar) => {
      const hnsw = await Hnsw.read(path, dimensions)
      // What breaks the library at its first search breaks it while the mark of the loading is there.
      hnsw.search(new Float32Array(dimensions), 1, 64)
      return { hnsw, dimensions, newestKey: sidecar.newestKey }
    })
    if (loaded === null) return { kind: 'refused', reason: null }
    for (const label of check.ended) loaded.hnsw.remove(label)
    this.#graphs.set(graph, loaded)
    const held = Uint32Array.from(check.held).sort()
    return { kind: 'loaded', held, dead: loaded.hnsw.count - held.length }
  }

  #known(number: number): HostedGraph {
    const graph = this.#graphs.get(number)
    if (graph === undefined) throw new Error(`there is no graph ${number}`)
    return graph
  }
}

function wantedShape(dimensions: number) {
  return { dimensions, links: GRAPH_LINKS, efConstruction: GRAPH_EF_CONSTRUCTION }
}

/** Compares the versions in a file with those in use. */
class FiledVersions {
  /** Rows whose versions are in the file. */
  readonly held: number[] = []
  /** Versions in the file that have ended, and are not marked so. */
  readonly ended: number[] = []
  readonly #truth: TruthCheck

  constructor(truth: TruthCheck) {
    this.#truth = truth
  }

  readonly visit = (label: number, deleted: boolean, vector: Float32Array): void => {
    const row = this.#truth.rowOf(label, deleted ? null : vector)
    if (row !== null) this.held.push(row)
    else if (!deleted) this.ended.push(label)
  }
}

/** Returns an error as a refusal: a bad file or a full disk is no failure of the thread. */
async function refusable<T>(work: () => Promise<T>): Promise<T | Refused> {
  try {
    return await work()
  } catch (error) {
    return { kind: 'refused', reason: messageOf(error) }
  }
}
