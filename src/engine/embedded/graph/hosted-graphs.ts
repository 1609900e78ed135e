import { rowSlot } from '../../../kernels/vector-rows.ts'
import type { Handlers } from '../../../threads/call-table.ts'
import { TruthCheck } from '../cache-files/truth-check.ts'
import type { GraphCalls, Refused } from './graph-calls.ts'
import { GraphFiles } from './graph-folder.ts'
import { GRAPH_EF_CONSTRUCTION, GRAPH_LINKS, Hnsw } from './hnsw.ts'

type Args<Kind extends keyof GraphCalls> = GraphCalls[Kind]['args']
type Result<Kind extends keyof GraphCalls> = GraphCalls[Kind]['result']

/** Milliseconds of insertions before searches get their turn. */
const TURN_MS = 4

interface HostedGraph {
  readonly hnsw: Hnsw
  readonly dimensions: number
  newestKey: number
}

/** The graphs of the thread that owns them. */
export class HostedGraphs implements Handlers<GraphCalls> {
  readonly #segments: readonly WebAssembly.Memory[]
  readonly #graphs = new Map<number, HostedGraph>()

  constructor(segments: readonly WebAssembly.Memory[]) {
    this.#segments = segments
  }

  create({ graph, dimensions }: Args<'create'>): undefined {
    this.#graphs.set(graph, { hnsw: Hnsw.empty(dimensions), dimensions, newestKey: 0 })
  }

  async add({ graph, rows, numbers, keys }: Args<'add'>): Promise<undefined> {
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

  remove({ graph, keys }: Args<'remove'>): undefined {
    const { hnsw } = this.#known(graph)
    for (const key of keys) hnsw.remove(key)
  }

  search(queries: Args<'search'>): Float64Array[] {
    return queries.map(({ graph, vector, wanted, ef }) =>
      this.#known(graph).hnsw.search(vector, wanted, ef),
    )
  }

  save({ graph, place }: Args<'save'>): Promise<Result<'save'>> {
    return refusable(async () => {
      const { hnsw, dimensions, newestKey } = this.#known(graph)
      const shape = { ...wantedShape(dimensions), count: hnsw.count }
      await new GraphFiles(place).save(shape, newestKey, (path) => hnsw.write(path))
      return { kind: 'saved' }
    })
  }

  load(args: Args<'load'>): Promise<Result<'load'>> {
    return refusable(() => this.#load(args))
  }

  async forget(place: Args<'forget'>): Promise<undefined> {
    await new GraphFiles(place).remove()
  }

  drop({ graph }: Args<'drop'>): undefined {
    this.#graphs.delete(graph)
  }

  async #load({ graph, place, rows, numbers, keys }: Args<'load'>): Promise<Result<'load'>> {
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
    const reason = error instanceof Error ? error.message : String(error)
    return { kind: 'refused', reason }
  }
}
