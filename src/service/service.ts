import { readFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { bundleCatalogue } from '../adapters/models-folder/bundle-catalogue.ts'
import { createSharpImageDecoder, type SharpImageDecoder } from '../adapters/sharp-image-decoder.ts'
import { GuardedUrlFetcher } from '../adapters/url-fetch/guarded-url-fetcher.ts'
import { Collections } from '../collection/collections.ts'
import { Embeddings } from '../collection/embeddings.ts'
import type { Job } from '../collection/jobs/job.ts'
import { fetchNothing, type UrlFetcher } from '../collection/url-fetcher.ts'
import type { Config } from '../config/config.ts'
import type { ModelRegistry } from '../embedding/model-registry.ts'
import type { CollectionSpec } from '../engine/collection-spec.ts'
import { keepGraphs } from '../engine/embedded/graph/graph-folder.ts'
import { GraphOwner } from '../engine/embedded/graph/graph-owner.ts'
import { type GraphNotice, HnswGraph } from '../engine/embedded/graph/hnsw-graph.ts'
import { checkProcessor } from '../engine/embedded/graph/processor.ts'
import { IdleWork } from '../engine/embedded/idle-work.ts'
import { MemoryGallery } from '../engine/embedded/memory-gallery.ts'
import { RowFiles } from '../engine/embedded/row-files/row-files.ts'
import { calibrate } from '../engine/embedded/search/calibrate.ts'
import { LiveRecall } from '../engine/embedded/search/live-recall.ts'
import { pooledRecall } from '../engine/embedded/search/pooled-recall.ts'
import { SearchPlanning } from '../engine/embedded/search/search-planning.ts'
import { SearchThreads } from '../engine/embedded/search/search-threads.ts'
import { lockDataFolder } from '../engine/embedded/store/data-folder-lock.ts'
import type { RecordStore, StoredCollection } from '../engine/embedded/store/record-store.ts'
import { openSqliteRecordStore } from '../engine/embedded/store/sqlite-record-store.ts'
import type { TreeNotice } from '../engine/embedded/trees/threaded-trees.ts'
import { keepTrees } from '../engine/embedded/trees/tree-files.ts'
import { TYPICAL_COEFFICIENTS } from '../index/planner/cost-model.ts'
import { Planner } from '../index/planner/planner.ts'
import { SearchLoad } from '../index/planner/search-load.ts'
import { MIN_DIMENSIONS, RowCoding } from '../index/scan/cascade/row-coding.ts'
import { BlockMemory } from '../kernels/block-memory.ts'
import { StoredRows } from '../kernels/stored-rows.ts'
import { VectorRows } from '../kernels/vector-rows.ts'
import { RightOfWay } from '../scheduling/right-of-way.ts'
import { seededRandom } from '../vector/random.ts'
import { createJobs, type JobParts } from './job-parts.ts'
import { type ModelEvents, openModels } from './open-models.ts'

interface Gauge {
  readonly name: string
  readonly help: string
  readonly labels?: readonly string[]
  readonly read: () => number | readonly LabelledValue[]
}

interface LabelledValue {
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

/** Of the queries that recall is measured with. */
const SAMPLE_SEED = 1

/** The parts of the service, joined, on one data folder that nobody else may open meanwhile. */
export interface Service {
  readonly collections: Collections
  readonly models: ModelRegistry
  readonly embeddings: Embeddings
  readonly urlFetcher: UrlFetcher
  /** To be opened by whoever serves. */
  readonly jobs: JobParts
  /** Resolves when every collection is loaded; until then calls on one may be NOT_READY. */
  readonly loaded: Promise<void>
  /** Rejects when the service can answer no more and should be started again; else never settles. */
  readonly broken: Promise<never>
  /** What to watch; names are Prometheus's. */
  readonly gauges: readonly Gauge[]
  close(): Promise<void>
}

/** What nobody waits for and the log should tell. */
interface ServiceEvents extends ModelEvents {
  jobFailed(job: Job, cause: unknown): void
  /** The file of a graph could not be used or written. */
  graphRefused(notice: GraphNotice): void
  /** The file of a metric tree was used, or could not be used or written. */
  treeFile(notice: TreeNotice): void
}

const NO_EVENTS: ServiceEvents = {
  jobFailed() {},
  graphRefused() {},
  treeFile() {},
  modelReplaced() {},
  modelNotReplaced() {},
}

/**
 * Opens the data folder and starts to load it.
 * @throws DATA_FOLDER_LOCKED, DATA_FOLDER_UNUSABLE, PROCESSOR_UNSUPPORTED.
 */
export async function startService(
  config: Config,
  heard: Partial<ServiceEvents> = {},
): Promise<Service> {
  const events = { ...NO_EVENTS, ...heard }
  const opened: (() => Promise<void> | void)[] = []
  async function close(): Promise<void> {
    while (opened.length > 0) await opened.pop()!()
  }
  try {
    checkProcessor()
    const lock = lockDataFolder(config.dataFolder)
    opened.push(() => lock.release())
    const broken = deferredFailure()
    const store = await openSqliteRecordStore({
      folder: config.dataFolder,
      onFailure: broken.fail,
    })
    opened.push(() => store.close())
    const memory = new BlockMemory()
    const kernels = new URL('../kernels/kernels.wasm', import.meta.url)
    const module = new WebAssembly.Module(await readFile(kernels))
    const files = new RowFiles(join(config.dataFolder, 'cache'))
    opened.push(() => files.close())
    const threads = new SearchThreads({ memory, module, threads: searchThreads() })
    opened.push(() => threads.close())
    const graphs = new GraphOwner(memory)
    const notice = events.graphRefused
    const graphFolder = join(config.dataFolder, 'graphs')
    const treeFolder = join(config.dataFolder, 'trees')
    opened.push(() => graphs.close())
    const fromRecords = config.graphFrom || Number.POSITIVE_INFINITY
    const load = new SearchLoad()
    let coefficients = TYPICAL_COEFFICIENTS
    const { registry: models, ...modelParts } = openModels(config, events)
    opened.push(() => modelParts.close())
    const decoder = createSharpImageDecoder({ maxPixels: config.maxPixels })
    opened.push(() => decoder.close())
    function planningOf({ latencyBudgetMs }: CollectionSpec): SearchPlanning {
      const planner = new Planner(() => coefficients)
      return new SearchPlanning({ planner, load, clock, split: threads.split, latencyBudgetMs })
    }
    const catalogue = bundleCatalogue(config.modelsFolder)
    const rightOfWay = new RightOfWay({
      clock,
      besideSearches: Math.ceil(availableParallelism() / 4),
    })
    const embeddings = new Embeddings({ models, catalogue, decoder, rightOfWay })
    const collections = new Collections({
      store,
      models,
      decoder,
      rightOfWay,
      gallery({ key, generation, spec }: StoredCollection) {
        const planning = planningOf(spec)
        const recall = new LiveRecall({ ...spec, random: seededRandom(SAMPLE_SEED), clock })
        const { dimensions, metric } = spec
        const coding = new RowCoding(memory, threads.coder, dimensions)
        if (spec.memory === 'codes' && dimensions >= MIN_DIMENSIONS) {
          const rows = new StoredRows(memory, dimensions, files.open(dimensions))
          const index = threads.index(rows, metric, coding)
          const none = { trees: null, sets: null, graph: null }
          return new MemoryGallery({ rows, index, coding, planning, recall, ...none })
        }
        const rows = new VectorRows(memory, dimensions)
        const index = threads.index(rows, metric, coding)
        const ofCollection = { collection: key, generation, metric }
        const trees = threads.trees(rows, metric, {
          place: { folder: treeFolder, ...ofCollection },
          notice: events.treeFile,
        })
        const sets = threads.sets(rows, metric)
        const place = { folder: graphFolder, ...ofCollection }
        const graph = new HnswGraph({ owner: graphs, rows, fromRecords, place, notice })
        return new MemoryGallery({ rows, index, coding, planning, recall, trees, sets, graph })
      },
      clock,
    })
    const loaded = collections.load()
    // Whoever awaits it hears of the failure; nobody has to.
    loaded.catch(() => undefined)
    const calibrated = loaded.then(async () => {
      coefficients = await calibrate(threads, memory)
    })
    // Plans are chosen by typical costs then. A thread that died is named by the next search.
    calibrated.catch(() => undefined)
    opened.push(() => loaded.catch(() => undefined))
    const measuring = new IdleWork({
      idle: () => load.underWay === 0,
      work: () => collections.measureRecall(),
    })
    opened.push(() => measuring.close())
    // What cannot be removed now is left to the next start.
    const tidied = loaded
      .then(() => removeOrphans({ graphFolder, treeFolder }, store))
      .catch(() => undefined)
    opened.push(() => tidied)
    const gauges = gaugesOf(collections, memory, decoder)
    const urlFetcher = urlFetcherOf(config)
    const jobs = createJobs({
      config,
      store,
      collections,
      models,
      catalogue,
      fetcher: urlFetcher,
      decoder,
      rightOfWay,
      onFailed: events.jobFailed,
      onBroken: broken.fail,
    })
    opened.push(() => jobs.close())
    return {
      ...{ collections, models, embeddings, urlFetcher, jobs },
      ...{ loaded, broken: broken.promise, gauges, close },
    }
  } catch (error) {
    await close()
    throw error
  }
}

/** The graphs and trees of collections, and of generations, that were dropped when the service ended before it could remove them. */
async function removeOrphans(
  { graphFolder, treeFolder }: { readonly graphFolder: string; readonly treeFolder: string },
  store: RecordStore,
): Promise<void> {
  const stored = await store.collections()
  const inForce = stored.map(({ key, generation }) => ({ collection: key, generation }))
  await keepGraphs(graphFolder, inForce)
  await keepTrees(treeFolder, inForce)
}

function clock(): number {
  return performance.now()
}

/** The service on a data folder, loaded, without HTTP, for work too short to make graphs for. @throws what `startService` throws. */
export async function openService(config: Config): Promise<Service> {
  const service = await startService({ ...config, graphFrom: 0 })
  try {
    await service.loaded
    return service
  } catch (error) {
    await service.close()
    throw error
  }
}

function deferredFailure(): { promise: Promise<never>; fail: (error: Error) => void } {
  let fail: (error: Error) => void = () => undefined
  const promise = new Promise<never>((_, reject) => {
    fail = reject
  })
  // Whoever awaits it hears of the failure; nobody has to.
  promise.catch(() => undefined)
  return { promise, fail }
}

function urlFetcherOf({ urlFetch, maxBodyBytes }: Config): UrlFetcher {
  return urlFetch === 'off' ? fetchNothing : new GuardedUrlFetcher({ maxBytes: maxBodyBytes })
}

function gaugesOf(
  collections: Collections,
  memory: BlockMemory,
  decoder: SharpImageDecoder,
): readonly Gauge[] {
  return [
    {
      name: 'lookalike_collections',
      help: 'Collections.',
      read: () => collections.collectionCount,
    },
    {
      name: 'lookalike_records',
      help: 'Records in all collections that are loaded.',
      read: () => collections.recordCount,
    },
    {
      name: 'lookalike_vector_memory_bytes',
      help: 'Shared memory that holds vectors.',
      read: () => memory.usedBytes,
    },
    {
      name: 'lookalike_decode_queue_images',
      help: 'Images that wait to be decoded.',
      read: () => decoder.waiting,
    },
    recallGauge(collections, 'recall', 'Recall of approximate answers, measured of late.'),
    recallGauge(
      collections,
      'low',
      'Least lower end of its 95 % confidence interval of a collection.',
    ),
    recallGauge(collections, 'queries', 'Real queries that it was measured with.'),
  ]
}

/** One value a band of the share of records that filters let through. */
function recallGauge(
  collections: Collections,
  part: 'recall' | 'low' | 'queries',
  help: string,
): Gauge {
  const name = part === 'recall' ? 'lookalike_recall' : `lookalike_recall_${part}`
  const read = () =>
    pooledRecall(collections.recall).map(({ filter, [part]: value }) => {
      return { labels: { filter }, value }
    })
  return { name, help, labels: ['filter'], read }
}

/** As many as there are cores, within what the scratch space of a segment allows. */
function searchThreads(): number {
  return Math.min(16, Math.max(1, availableParallelism()))
}
