import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { VectorMemory } from '../../src/engine/collection-spec.ts'
import type { CachePlace } from '../../src/engine/embedded/cache-files/cache-place.ts'
import { GraphOwner } from '../../src/engine/embedded/graph/graph-owner.ts'
import { HnswGraph } from '../../src/engine/embedded/graph/hnsw-graph.ts'
import type { GraphNotice } from '../../src/engine/embedded/graph/kept-graph.ts'
import { RowFiles } from '../../src/engine/embedded/row-files/row-files.ts'
import { LiveRecall } from '../../src/engine/embedded/search/live-recall.ts'
import { SearchThreads } from '../../src/engine/embedded/search/search-threads.ts'
import type { TreeNotice } from '../../src/engine/embedded/trees/threaded-trees.ts'
import type { ApproximateIndex } from '../../src/index/graph/approximate-index.ts'
import type { Coefficients } from '../../src/index/planner/cost-model.ts'
import { RowCoding } from '../../src/index/scan/cascade/row-coding.ts'
import { BlockMemory } from '../../src/kernels/block-memory.ts'
import { StoredRows } from '../../src/kernels/stored-rows.ts'
import { VectorRows } from '../../src/kernels/vector-rows.ts'
import { seededRandom } from '../../src/vector/random.ts'
import { GenerationUnderTest } from './generation-under-test.ts'
import { SCAN_MODULE } from './kernels.ts'
import { searchPlanning } from './search-planning.ts'

export interface OpenedGeneration {
  readonly memory: BlockMemory
  readonly generation: GenerationUnderTest
  /** Null where rows are in a file. */
  readonly graph: HnswGraph | null
  readonly rows: VectorRows | StoredRows
  readonly notices: readonly GraphNotice[]
  readonly treeNotices: readonly TreeNotice[]
  close(): Promise<void>
}

interface GenerationOptions {
  /** What of the vectors is in memory. */
  readonly kept?: VectorMemory
  readonly graphFrom?: number
  readonly graphThread?: URL
  /** What the generation is given in place of the graph. */
  readonly wrapGraph?: (graph: ApproximateIndex) => ApproximateIndex
  readonly latencyBudgetMs?: number
  readonly recallTarget?: number
  /** Where the graph is kept, as that of collection 7; left out, nowhere. */
  readonly graphFolder?: string
  /** The same of its trees. */
  readonly treeFolder?: string
  /** What the planner takes work to cost. */
  readonly costs?: Partial<Coefficients>
}

/** A generation of the embedded engine under Euclidean distance, with its threads. */
export function openGeneration(
  dimensions: number,
  options: GenerationOptions = {},
): OpenedGeneration {
  const { kept: memoryOf = 'float32', graphFrom: fromRecords = Number.POSITIVE_INFINITY } = options
  const { latencyBudgetMs = 5, recallTarget = 0.95, costs } = options
  const memory = new BlockMemory()
  const threads = new SearchThreads({ memory, module: SCAN_MODULE, threads: 2, splitAbove: 50_000 })
  const owner = new GraphOwner(memory, options.graphThread)
  const coding = new RowCoding(memory, threads.coder, dimensions)
  const folder = mkdtempSync(join(tmpdir(), 'lookalike-generation-'))
  const files = new RowFiles(folder)
  const rows =
    memoryOf === 'codes'
      ? new StoredRows(memory, dimensions, files.open(dimensions))
      : new VectorRows(memory, dimensions)
  const place = placeIn(options.graphFolder)
  const notices: GraphNotice[] = []
  const notice = (given: GraphNotice) => notices.push(given)
  const index = threads.index(rows, 'euclidean', coding)
  const stored = rows instanceof StoredRows
  const treeNotices: TreeNotice[] = []
  const kept = {
    place: placeIn(options.treeFolder),
    notice: (given: TreeNotice) => treeNotices.push(given),
  }
  const trees = stored ? null : threads.trees(rows, 'euclidean', kept)
  const graph = stored ? null : new HnswGraph({ owner, rows, fromRecords, place, notice })
  const planning = searchPlanning(threads, { latencyBudgetMs, ...(costs && { costs }) })
  const recall = new LiveRecall({ recallTarget, random: seededRandom(1), clock: () => 0 })
  const { wrapGraph = (sound: ApproximateIndex) => sound } = options
  const searched = graph === null ? null : wrapGraph(graph)
  const generation = new GenerationUnderTest({
    vectors: rows,
    coding,
    index,
    trees,
    sets: null,
    selections: threads.selections,
    graph: searched,
    planning,
    recall,
  })
  return {
    memory,
    generation,
    graph,
    rows,
    notices,
    treeNotices,
    async close() {
      await Promise.all([threads.close(), owner.close()])
      files.close()
      rmSync(folder, { recursive: true })
    },
  }
}

function placeIn(folder: string | undefined): CachePlace | null {
  return folder === undefined ? null : { folder, collection: 7, generation: 0, metric: 'euclidean' }
}
