import type { Engine } from '../engine/engine.ts'
import type { MeasuredRecall } from '../engine/query.ts'
import type { Gauge } from '../http/metrics.ts'
import { FILTER_BANDS } from '../index/planner/search-facts.ts'
import type { ImageScheduler } from '../scheduling/image-scheduler.ts'

/** Lists the numbers of the service that are worth watching. */
export function gaugesOf(engine: Engine, scheduler: ImageScheduler): readonly Gauge[] {
  const queries = (measured: readonly MeasuredRecall[]) =>
    measured.reduce((sum, one) => sum + one.queries, 0)
  const recall = (measured: readonly MeasuredRecall[]) =>
    measured.reduce((sum, one) => sum + one.recall * one.queries, 0) / queries(measured)
  const low = (measured: readonly MeasuredRecall[]) => Math.min(...measured.map((one) => one.low))
  /** Shows one value for each band of the share of records that filters let through, if it has results. */
  const read = (pooled: (measured: readonly MeasuredRecall[]) => number) => () => {
    const measured = engine.status.recall
    return FILTER_BANDS.flatMap((filter) => {
      const own = measured.filter((one) => one.filter === filter)
      return own.length === 0 ? [] : [{ labels: { filter }, value: pooled(own) }]
    })
  }
  const labels = ['filter']
  return [
    { name: 'lookalike_collections', help: 'Collections.', read: () => engine.status.collections },
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
    {
      name: 'lookalike_recall',
      help: 'Recall of approximate answers, measured of late.',
      labels,
      read: read(recall),
    },
    {
      name: 'lookalike_recall_low',
      help: 'Least lower end of its 95 % confidence interval of a collection.',
      labels,
      read: read(low),
    },
    {
      name: 'lookalike_recall_queries',
      help: 'Real queries that it was measured with.',
      labels,
      read: read(queries),
    },
  ]
}
