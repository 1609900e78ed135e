import type { SearchLevel } from '../index/row-index.ts'
import type { DistanceSummary } from '../index/statistics/distance-summary.ts'

export interface StatisticsRequest {
  /** The radius, in the unit of `distance`, within which to count the expected hits. */
  readonly radius: number | null
  /** The number of hits, at least 1, for which to find the radius. */
  readonly count: number | null
  /** The seed of the sample: the same records, seed and size give the same answer. */
  readonly seed: number
  /** The most records to draw, 5 to 1,000, by default 320: a fifth of these are compared with all, and searched with. */
  readonly records?: number
}

export const DEFAULT_STATISTICS_RECORDS = 320

/**
 * The distances of a collection, by a sample of its records that are compared and searched with. Members are null where
 * there are too few records.
 */
export interface CollectionStatistics {
  /** The number of records in the collection. */
  readonly count: number
  readonly sample: {
    readonly seed: number
    /** The number of records drawn; the first `queries` of them are compared with all of them, and searched with. */
    readonly records: number
    readonly queries: number
    readonly pairs: number
    /** The number of nearest neighbours found for each query. */
    readonly neighbours: number
  }
  /** The published distances of the pairs. */
  readonly distances: DistanceSummary | null
  /** By Euclidean distances, which under cosine are those of the unit vectors. */
  readonly intrinsicDimension: { readonly rho: number | null; readonly lid: number | null }
  /** Only when requested. Expected when a stored record is searched by, which is left out. */
  readonly expectedHits?: { readonly radius: number; readonly hits: number | null }
  readonly expectedRadius?: { readonly count: number; readonly radius: number | null }
  /** The cost of one search of this sample, on average. */
  readonly cost: {
    readonly k: number
    readonly plan: string
    readonly levels: readonly SearchLevel[]
    readonly distances: number
  } | null
  /** The errors of approximate answers beside the exact ones (Zezula et al. 2006); null where all are exact. */
  readonly approximation: {
    readonly k: number
    /** The number of queries that were answered approximately. */
    readonly queries: number
    /** The mean of d / d' - 1 over the places of the answers, by Euclidean distances; null where all d' are 0. */
    readonly distanceError: number | null
    /** The mean of the places by which an object of an answer stands too early, divided by the records searched. */
    readonly positionError: number
  } | null
}
