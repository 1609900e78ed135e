import { rowSlot } from '../../../kernels/vector-rows.ts'
import { TruthCheck } from '../cache-files/truth-check.ts'
import { GraphFiles } from './graph-folder.ts'
import type { GraphResult, GraphTask } from './graph-messages.ts'
import { GRAPH_EF_CONSTRUCTION, GRAPH_LINKS, Hnsw } from './hnsw.ts'

type Task<Kind extends GraphTask['kind']> = GraphTask & { readonly kind: Kind }

/** Insertions go on this long before those who search get their turn. */
const TURN_MS = 4

interface OwnGraph {
  readonly hnsw: Hnsw
  readonly dimensions: number
  newestKey: number
}

/** The graphs of the thread that owns them. */
export class OwnGraphs {
  readonly #segments: readonly WebAssembly.Memory[]
  readonly #graphs = new Map<number, OwnGraph>()

  constructor(segments: readonly WebAssembly.Memory[]) {
    this.#segments = segments
  }

  async run(task: GraphTask): Promise<GraphResult | null> {
    switch (task.kind) {
      case 'create': {
        const { graph, dimensions } = task
        this.#graphs.set(graph, { hnsw: Hnsw.empty(dimensions), dimensions, newestKey: 0 })
        return null
      }
      case 'add':
        await this.#add(task)
        return null
      case 'remove': {
        const { hnsw } = this.#known(task.graph)
        for (const key of task.keys) hnsw.remove(key)
        return null
      }
      case 'search':
        return {
          kind: 'found',
          keys: task.queries.map(({ graph, vector, wanted, ef }) =>
            this.#known(graph).hnsw.search(vector, wanted, ef),
          ),
        }
      case 'save':
        return refusable(() => this.#save(task))
      case 'load':
        return refusable(() => this.#load(task))
      case 'forget':
        await new GraphFiles(task.place).remove()
        return null
      case 'drop':
        this.#graphs.delete(task.graph)
        return null
    }
  }

  async #add({ graph, rows, numbers, keys }: Task<'add'>): Promise<void> {
    let turnEnds = performance.now() + TURN_MS
    for (const [i, row] of numbers.entries()) {
      if (performance.now() > turnEnds) {
        await new Promise(setImmediate)
        turnEnds = performance.now() + TURN_MS
      }
      const own = this.#known(graph)
      own.hnsw.add(keys[i]!, rowSlot(this.#segments, rows, row))
      own.newestKey = Math.max(own.newestKey, keys[i]!)
    }
  }

  async #save({ graph, place }: Task<'save'>): Promise<null> {
    const { hnsw, dimensions, newestKey } = this.#known(graph)
    const shape = { ...wantedShape(dimensions), count: hnsw.count }
    await new GraphFiles(place).save(shape, newestKey, (path) => hnsw.write(path))
    return null
  }

  async #load(task: Task<'load'>): Promise<GraphResult> {
    const { rows, numbers, keys } = task
    const { dimensions } = rows.layout
    const inUse = Array.from(keys, (key, i) => [key, numbers[i]!] as const)
    const check = new FiledVersions(new TruthCheck(this.#segments, rows, inUse))
    const files = new GraphFiles(task.place)
    const own = await files.load(wantedShape(dimensions), check.visit, async (path, sidecar) => {
      const hnsw = await Hnsw.read(path, dimensions)
      // What breaks the library at its first search breaks it while the mark of the loading is there.
      hnsw.search(new Float32Array(dimensions), 1, 64)
      return { hnsw, dimensions, newestKey: sidecar.newestKey }
    })
    if (own === null) return { kind: 'refused', reason: null }
    for (const label of check.ended) own.hnsw.remove(label)
    this.#graphs.set(task.graph, own)
    const held = Uint32Array.from(check.held).sort()
    return { kind: 'loaded', held, dead: own.hnsw.count - held.length }
  }

  #known(number: number): OwnGraph {
    const graph = this.#graphs.get(number)
    if (graph === undefined) throw new Error(`there is no graph ${number}`)
    return graph
  }
}

function wantedShape(dimensions: number) {
  return { dimensions, links: GRAPH_LINKS, efConstruction: GRAPH_EF_CONSTRUCTION }
}

/** The versions in a file, as against those in use. */
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

/** What is wrong with a file, or with the disk, is no failure of the thread. */
async function refusable(work: () => Promise<GraphResult | null>): Promise<GraphResult | null> {
  try {
    return await work()
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    return { kind: 'refused', reason }
  }
}
