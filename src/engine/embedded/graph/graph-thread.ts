import { messageOf } from '../../../errors.ts'
import type { FoundVersions } from '../../../index/graph/approximate-index.ts'
import { RowSet } from '../../../index/graph/row-set.ts'
import { type RowsView, rowSlot } from '../../../kernels/vector-rows.ts'
import { serveThread } from '../../../threads/thread-host.ts'
import type { CachePlace } from '../cache-files/cache-place.ts'
import { truthCheck } from '../cache-files/truth-check.ts'
import { eraseFromGraph, loadGraph, removeGraph, saveGraph } from './graph-folder.ts'
import { GraphNodes } from './graph-nodes.ts'
import { GRAPH_EF_CONSTRUCTION, GRAPH_LINKS, Hnsw } from './hnsw.ts'
import { hashOfVector } from './nodes-by-hash.ts'

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
  /** The labels of the nodes that are gone. */
  readonly labels: Float64Array
}

/** The result of loading a file; the reason is why it cannot be used. */
type Loaded =
  | { readonly kind: 'none' }
  | { readonly kind: 'refused'; readonly reason: string }
  | {
      readonly kind: 'loaded'
      /** Rows whose versions are in the graph, ascending. */
      readonly held: Uint32Array
      /** The number of vectors in it, and of those that are of no version in use. */
      readonly nodes: number
      readonly dead: number
      /** Those of them whose vectors the file still has. */
      readonly ended: Float64Array
    }

interface HostedGraph {
  readonly nodes: GraphNodes
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
    graphs.set(graph, { nodes: GraphNodes.empty(dimensions), dimensions, newestKey: 0 })
  },

  /** Returns the number of vectors that it has now. */
  async add({ graph, rows, numbers, keys }: VersionsInRows): Promise<number> {
    let turnEnds = performance.now() + TURN_MS
    for (const [i, row] of numbers.entries()) {
      if (performance.now() > turnEnds) {
        await new Promise(setImmediate)
        turnEnds = performance.now() + TURN_MS
      }
      const into = known(graph)
      into.nodes.add(keys[i]!, rowSlot(segments, rows, row))
      into.newestKey = Math.max(into.newestKey, keys[i]!)
    }
    return known(graph).nodes.hnsw.count
  },

  /** Returns the labels of the nodes that are gone with them: the vectors of the others are of other versions too. */
  remove({ graph, keys }: Graph & { readonly keys: Float64Array }): Float64Array {
    const { nodes } = known(graph)
    const gone = Array.from(keys, (key) => nodes.remove(key))
    return Float64Array.from(gone.filter((label) => label !== null))
  },

  /** Returns the versions found by each query in order. */
  search: (queries: readonly GraphQuery[]): FoundVersions[] =>
    queries.map(({ graph, vector, wanted, ef }) => known(graph).nodes.search(vector, wanted, ef)),

  /** Writes the file; resolves to why that failed, else to null. No change of the graph may be under way. */
  async save({ graph, place }: Graph & { readonly place: CachePlace }): Promise<string | null> {
    try {
      const { nodes, dimensions, newestKey } = known(graph)
      const { hnsw } = nodes
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

  /** Erases the vectors of nodes that are gone from the file; resolves to why it is gone then, else to null. */
  async erase({ place, dimensions, labels }: Erasure): Promise<string | null> {
    try {
      await eraseFromGraph(place, wantedShape(dimensions), new Set(labels))
      return null
    } catch (error) {
      return messageOf(error)
    }
  },

  forget: (place: CachePlace) => removeGraph(place),

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
  const inFile = new RowSet()
  const labels: (readonly [label: number, hash: number])[] = []
  const ended: number[] = []
  /** The labels of versions that are not in use, whose vectors the file still has. */
  const unused: number[] = []
  let erased = 0
  const visit = (label: number, deleted: boolean, vector: Float32Array) => {
    const row = rowOf(label, deleted ? null : vector)
    if (row !== null) inFile.add(row)
    else if (!deleted) ended.push(label)
    const isErased = row === null && vector.every((component) => component === 0)
    if (row === null && !isErased) unused.push(label)
    if (deleted) return
    if (isErased) erased++
    else labels.push([label, hashOfVector(vector)])
  }
  const read = async (path: string, newestKey: number) => {
    const hnsw = await Hnsw.read(path, dimensions)
    // What breaks the library at its first search breaks it while the mark of the loading is there.
    hnsw.search(new Float32Array(dimensions), 1, 64)
    return { nodes: GraphNodes.read(hnsw, labels), dimensions, newestKey }
  }
  const loaded = await loadGraph(place, wantedShape(dimensions), visit, read)
  if (loaded === null) return { kind: 'none' }
  const { nodes } = loaded
  for (const label of ended) nodes.vacate(label)
  // The file names one version of each vector. The others that have it are found again by it.
  const held = numbers.filter((row, i) => {
    return inFile.has(row) || nodes.join(keys[i]!, rowSlot(segments, rows, row))
  })
  const dead = nodes.hnsw.count - labels.length + nodes.removeEmpty() - erased
  graphs.set(graph, loaded)
  const gone = unused.filter((label) => !nodes.isShared(label))
  return { kind: 'loaded', held, nodes: nodes.hnsw.count, dead, ended: Float64Array.from(gone) }
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
