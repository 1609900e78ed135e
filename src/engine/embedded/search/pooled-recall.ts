import { FILTER_BANDS, type FilterBand } from '../../../index/planner/search-facts.ts'
import type { MeasuredRecall } from './live-recall.ts'

/** The recall of several collections in one filter band. */
export interface PooledRecall {
  readonly filter: FilterBand
  /** Mean over all queries. */
  readonly recall: number
  /** The least lower end of an interval of one collection. */
  readonly low: number
  readonly queries: number
}

/** One entry a band that has results. */
export function pooledRecall(measured: readonly MeasuredRecall[]): readonly PooledRecall[] {
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
