import { messageOf } from '../../../errors.ts'
import { type RowsView, rowSlot } from '../../../kernels/vector-rows.ts'
import { serveThread } from '../../../threads/thread-host.ts'
import type { CachePlace } from '../cache-files/cache-place.ts'
import { truthCheck } from '../cache-files/truth-check.ts'
import { eraseFromGraph, loadGraph, removeGraph, saveGraph } from './graph-folder.ts'
import { GRAPH_EF_CONSTRUCTION, GRAPH_LINKS, Hnsw } from './hnsw.ts'

export type GraphCalls = typeof calls

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

interface Erasure {
  readonly place: CachePlace
  readonly dimensions: number
  readonly keys: Float64Array
}

/** The result of loading a file; the reason is why it cannot be used. */
type Loaded =
  | { readonly kind: 'none' }
  | { readonly kind: 'refused'; readonly reason: string }
  | {
      readonly kind: 'loaded'
      /** Rows whose versions are in the graph, ascending. */
      readonly held: Uint32Array
      /** The number of other versions that it holds. */
      readonly dead: number
      /** Those of them whose vectors the file still has. */
      readonly ended: Float64Array
    }

interface HostedGraph {
  readonly hnsw: Hnsw
  readonly dimensions: number
  newestKey: number
}

/** Milliseconds of insertions before searches get their turn. */
const TURN_MS = 4

const segments: WebAssembly.Memory[] = []
const graphs = new Map<number, HostedGraph>()

// A bad file or a full disk is no failure of the thread: the reason is the result.
const calls = {
  create({ graph, dimensions }: Graph & { readonly dimensions: number }): void {
    graphs.set(graph, { hnsw: Hnsw.empty(dimensions), dimensions, newestKey: 0 })
  },

  async add({ graph, rows, numbers, keys }: VersionsInRows): Promise<void> {
    let turnEnds = performance.now() + TURN_MS
    for (const [i, row] of numbers.entries()) {
      if (performance.now() > turnEnds) {
        await new Promise(setImmediate)
        turnEnds = performance.now() + TURN_MS
      }
      const into = known(graph)
      into.hnsw.add(keys[i]!, rowSlot(segments, rows, row))
      into.newestKey = Math.max(into.newestKey, keys[i]!)
    }
  },

  remove({ graph, keys }: Graph & { readonly keys: Float64Array }): void {
    const { hnsw } = known(graph)
    for (const key of keys) hnsw.remove(key)
  },

  /** Returns the versions found by each query in order, the nearest first. */
  search: (queries: readonly GraphQuery[]): Float64Array[] =>
    queries.map(({ graph, vector, wanted, ef }) => known(graph).hnsw.search(vector, wanted, ef)),

  /** Writes the file; resolves to why that failed, else to null. No change of the graph may be under way. */
  async save({ graph, place }: Graph & { readonly place: CachePlace }): Promise<string | null> {
    try {
      const { hnsw, dimensions, newestKey } = known(graph)
      const shape = { ...wantedShape(dimensions), count: hnsw.count }
      await saveGraph(place, shape, newestKey, (path) => hnsw.write(path))
      return null
    } catch (error) {
      return messageOf(error)
    }
  },

  /** Reads the file, where that holds the truth: of what it holds, these versions are in use. */
  load: (wanted: Parameters<typeof load>[0]): Promise<Loaded> =>
    load(wanted).catch((error) => ({ kind: 'refused', reason: messageOf(error) })),

  /** Erases the vectors of versions that have ended from the file; resolves to why it is gone then, else to null. */
  async erase({ place, dimensions, keys }: Erasure): Promise<string | null> {
    try {
      await eraseFromGraph(place, wantedShape(dimensions), new Set(keys))
      return null
    } catch (error) {
      return messageOf(error)
    }
  },

  forget: removeGraph,

  drop({ graph }: Graph): void {
    graphs.delete(graph)
  },
}

async function load({
  graph,
  place,
  rows,
  numbers,
  keys,
}: VersionsInRows & { readonly place: CachePlace }): Promise<Loaded> {
  const { dimensions } = rows.layout
  const inUse = Array.from(keys, (key, i) => [key, numbers[i]!] as const)
  const rowOf = truthCheck(segments, rows, inUse)
  const held: number[] = []
  const ended: number[] = []
  const inFile: number[] = []
  const visit = (label: number, deleted: boolean, vector: Float32Array) => {
    const row = rowOf(label, deleted ? null : vector)
    if (row !== null) return void held.push(row)
    if (!deleted) ended.push(label)
    if (vector.some((component) => component !== 0)) inFile.push(label)
  }
  const read = async (path: string, newestKey: number) => {
    const hnsw = await Hnsw.read(path, dimensions)
    // What breaks the library at its first search breaks it while the mark of the loading is there.
    hnsw.search(new Float32Array(dimensions), 1, 64)
    return { hnsw, dimensions, newestKey }
  }
  const loaded = await loadGraph(place, wantedShape(dimensions), visit, read)
  if (loaded === null) return { kind: 'none' }
  for (const label of ended) loaded.hnsw.remove(label)
  graphs.set(graph, loaded)
  const dead = loaded.hnsw.count - held.length
  return {
    kind: 'loaded',
    held: Uint32Array.from(held).sort(),
    dead,
    ended: Float64Array.from(inFile),
  }
}

function known(number: number): HostedGraph {
  const graph = graphs.get(number)
  if (graph === undefined) throw new Error(`there is no graph ${number}`)
  return graph
}

function wantedShape(dimensions: number) {
  return { dimensions, links: GRAPH_LINKS, efConstruction: GRAPH_EF_CONSTRUCTION }
}

await serveThread(() => ({
  calls,
  notices: { segment: (memory: WebAssembly.Memory) => segments.push(memory) },
  // This comes between two calls of the library, also while versions are being added.
  end: () => process.exit(),
}))
