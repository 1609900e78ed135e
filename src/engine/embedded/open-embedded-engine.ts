import { readFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { AppError } from '../../errors.ts'
import { TYPICAL_COEFFICIENTS } from '../../index/planner/cost-model.ts'
import { Planner } from '../../index/planner/planner.ts'
import { SearchLoad } from '../../index/planner/search-load.ts'
import { MIN_DIMENSIONS, RowCoding } from '../../index/scan/cascade/row-coding.ts'
import { BlockMemory } from '../../kernels/block-memory.ts'
import { StoredRows } from '../../kernels/stored-rows.ts'
import { VectorRows } from '../../kernels/vector-rows.ts'
import { seededRandom } from '../../vector/random.ts'
import { keepActive } from './cache-files/cache-place.ts'
import { EmbeddedEngine } from './embedded-engine.ts'
import { ExpirySweep } from './expiry-sweep.ts'
import type { GenerationParts } from './generation-parts.ts'
import { GraphOwner } from './graph/graph-owner.ts'
import { HnswGraph } from './graph/hnsw-graph.ts'
import type { GraphNotice } from './graph/kept-graph.ts'
import { checkProcessor } from './graph/processor.ts'
import { IdleWork } from './idle-work.ts'
import { RowFiles } from './row-files/row-files.ts'
import { calibrate } from './search/calibrate.ts'
import { LiveRecall } from './search/live-recall.ts'
import { SearchPlanning } from './search/search-planning.ts'
import { SearchThreads } from './search/search-threads.ts'
import { lockDataFolder } from './store/data-folder-lock.ts'
import { openRecordStore, type RecordStore } from './store/record-store.ts'
import type { StoredCollection } from './store/stored-row.ts'
import type { TreeNotice } from './trees/threaded-trees.ts'

export interface EmbeddedEngineOptions {
  /** The data folder, which nobody else may open meanwhile. */
  readonly folder: string
  /** The number of records from which a graph is made; Infinity for never. */
  readonly graphFrom: number
  /** The most collections; one more is not created. */
  readonly maxCollections: number
  /** Reports that the file of a graph could not be used or written. */
  readonly onGraphFile: (notice: GraphNotice) => void
  /** Reports that the file of a metric tree was used, or could not be used or written. */
  readonly onTreeFile: (notice: TreeNotice) => void
  /** Reports that the store ended: the engine will answer no more. */
  readonly onFailure: (error: Error) => void
  /** Reports that the disk was found full, so that only deletions are taken, and that there is room again. */
  readonly onDisk?: (isFull: boolean) => void
  /** The time by which records expire; left out, that of the machine. */
  readonly now?: () => Date
}

/** Seeds the sample of queries that recall is measured on. */
const SAMPLE_SEED = 1
/** The time that a stop gives to erase from the files of graphs what was deleted last; the next start does the rest. */
const FINISH_WITHIN_MS = 5000
const clock = () => performance.now()

/**
 * Opens a data folder and begins to load its collections.
 * @throws DATA_FOLDER_LOCKED, DATA_FOLDER_UNUSABLE, LOG_MISSING, PROCESSOR_UNSUPPORTED.
 */
export async function openEmbeddedEngine(options: EmbeddedEngineOptions): Promise<EmbeddedEngine> {
  const opened: (() => Promise<void> | void)[] = []
  const closing = new AbortController()
  async function close(): Promise<void> {
    closing.abort(new AppError('SHUTTING_DOWN', 'the engine is closing'))
    while (opened.length > 0) await opened.pop()!()
  }
  try {
    checkProcessor()
    const { folder, maxCollections } = options
    const lock = lockDataFolder(folder)
    opened.push(() => lock.release())
    let isFull = false
    const onDisk = (full: boolean) => {
      isFull = full
      options.onDisk?.(full)
    }
    const { onFailure, now = () => new Date() } = options
    const store = await openRecordStore({ folder, onFailure, onDisk, now })
    opened.push(() => store.close())
    // Also those of collections that were dropped in the last moment.
    opened.push(() => removeOrphans(folder, store).catch(() => undefined))
    const searchers = await openSearchers(options)
    opened.push(() => searchers.close())
    const { memory, load, open: openGeneration } = searchers
    const vectorBytes = () => memory.usedBytes
    const engine = new EmbeddedEngine({
      store,
      openGeneration,
      vectorBytes,
      maxCollections,
      closing: closing.signal,
      isWritable: () => !isFull,
      close,
    })
    opened.push(() => engine.loaded.catch(() => undefined))
    // Plans are chosen by typical costs until then. A thread that died is named by the next search.
    engine.loaded.then(() => searchers.calibrate()).catch(() => undefined)
    const work = (signal: AbortSignal) => engine.measureRecall(signal)
    const measuring = new IdleWork({ idle: () => load.underWay === 0, work })
    opened.push(() => measuring.close())
    let sweep: ExpirySweep | null = null
    const sweeping = engine.loaded
      .catch(() => undefined)
      .then(() => {
        if (closing.signal.aborted) return
        sweep = new ExpirySweep({ sweep: () => engine.deleteExpired(closing.signal) })
      })
    opened.push(async () => {
      await sweeping
      await sweep?.close()
    })
    // What cannot be removed now is left to the next start.
    const tidied = engine.loaded.then(() => removeOrphans(folder, store)).catch(() => undefined)
    opened.push(() => tidied)
    return engine
  } catch (error) {
    await close()
    throw error
  }
}

/** Opens what holds and searches the rows of all collections. */
async function openSearchers({
  folder,
  graphFrom: fromRecords,
  onGraphFile,
  onTreeFile,
}: EmbeddedEngineOptions) {
  const memory = new BlockMemory()
  const kernels = new URL('../../kernels/kernels.wasm', import.meta.url)
  const module = new WebAssembly.Module(await readFile(kernels))
  const files = new RowFiles(join(folder, 'cache'))
  const processors = Math.min(16, availableParallelism())
  const threads = new SearchThreads({ memory, module, threads: processors })
  const owner = new GraphOwner(memory)
  const graphs = new Set<HnswGraph>()
  const load = new SearchLoad()
  let coefficients = TYPICAL_COEFFICIENTS

  function open({ key, generation, spec }: StoredCollection): GenerationParts {
    const { dimensions, metric, latencyBudgetMs, recallTarget } = spec
    const planner = new Planner(() => coefficients)
    const { split } = threads
    const planning = new SearchPlanning({ planner, load, clock, split, latencyBudgetMs })
    const random = seededRandom(SAMPLE_SEED)
    const recall = new LiveRecall({ recallTarget, random, clock })
    const coding = new RowCoding(memory, threads.coder, dimensions)
    const { sets, selections, pairs } = threads
    const common = { coding, planning, recall, selections, pairs }
    if (spec.memory === 'codes' && dimensions >= MIN_DIMENSIONS) {
      const vectors = new StoredRows(memory, dimensions, files.open(dimensions))
      const index = threads.index(vectors, metric, coding)
      return { ...common, vectors, index, trees: null, sets: null, graph: null }
    }
    const vectors = new VectorRows(memory, dimensions)
    const index = threads.index(vectors, metric, coding)
    const placeIn = (name: string) => {
      return { folder: join(folder, name), collection: key, generation, metric }
    }
    const treeFiles = { place: placeIn('trees'), notice: onTreeFile }
    const trees = threads.trees(vectors, metric, treeFiles)
    const graph = new HnswGraph({
      owner,
      rows: vectors,
      fromRecords,
      place: placeIn('graphs'),
      notice: onGraphFile,
    })
    graphs.add(graph)
    return { ...common, vectors, index, trees, sets, graph }
  }

  return {
    memory,
    load,
    open,
    async calibrate() {
      coefficients = await calibrate(threads, memory)
    },
    async close() {
      const finished = Promise.all([...graphs].map((graph) => graph.finish()))
      await Promise.race([finished, wait(FINISH_WITHIN_MS, undefined, { ref: false })])
      await owner.close()
      await threads.close()
      files.close()
    },
  }
}

/** Removes the graphs and trees of collections, and of generations, that were dropped when the service ended before it could. */
async function removeOrphans(folder: string, store: RecordStore): Promise<void> {
  const stored = await store.collections()
  const active = stored.map(({ key, generation }) => ({ collection: key, generation }))
  for (const name of ['graphs', 'trees']) await keepActive(join(folder, name), active)
}
