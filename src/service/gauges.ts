import type { Engine, MeasuredRecall } from '../engine/engine.ts'
import type { Gauge } from '../http/metrics.ts'
import { FILTER_BANDS, type FilterBand } from '../index/planner/search-facts.ts'
import type { ImageScheduler } from '../scheduling/image-scheduler.ts'

export function gaugesOf(engine: Engine, scheduler: ImageScheduler): readonly Gauge[] {
  return [
    {
      name: 'lookalike_collections',
      help: 'Collections.',
      read: () => engine.status.collections,
    },
    {
      name: 'lookalike_records',
      help: 'Records in all collections that are loaded.',
      read: () => engine.status.records,
    },
    {
      name: 'lookalike_vector_memory_bytes',
      help: 'Shared memory that holds vectors.',
      read: () => engine.status.vectorBytes,
    },
    {
      name: 'lookalike_decode_queue_images',
      help: 'Images that wait to be decoded.',
      read: () => scheduler.waitingForDecoder,
    },
    recallGauge(engine, 'recall', 'Recall of approximate answers, measured of late.'),
    recallGauge(engine, 'low', 'Least lower end of its 95 % confidence interval of a collection.'),
    recallGauge(engine, 'queries', 'Real queries that it was measured with.'),
  ]
}

/** One value for each band of the share of records that filters let through. */
function recallGauge(engine: Engine, part: 'recall' | 'low' | 'queries', help: string): Gauge {
  const name = part === 'recall' ? 'lookalike_recall' : `lookalike_recall_${part}`
  const read = () =>
    pooledRecall(engine.status.recall).map(({ filter, [part]: value }) => {
      return { labels: { filter }, value }
    })
  return { name, help, labels: ['filter'], read }
}

/** The recall of several collections in one filter band. */
interface PooledRecall {
  readonly filter: FilterBand
  /** Mean over all queries. */
  readonly recall: number
  /** The least lower end of an interval of one collection. */
  readonly low: number
  readonly queries: number
}

/** One entry a band that has results. */
function pooledRecall(measured: readonly MeasuredRecall[]): readonly PooledRecall[] {
  return FILTER_BANDS.flatMap((filter) => {
    const own = measured.filter((one) => one.filter === filter)
    if (own.length === 0) return []
    const queries = own.reduce((sum, one) => sum + one.queries, 0)
    const found = own.reduce((sum, one) => sum + one.recall * one.queries, 0)
    return [
      { filter, recall: found / queries, low: Math.min(...own.map(({ low }) => low)), queries },
    ]
  })
}
