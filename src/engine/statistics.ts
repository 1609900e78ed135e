import type { SearchLevel } from '../index/row-index.ts'
import type { DistanceSummary } from '../index/statistics/distance-summary.ts'

export interface StatisticsRequest {
  /** In the unit of `distance`: how many hits are to be expected within it. */
  readonly radius: number | null
  /** Hits, at least 1: the radius in which to expect them. */
  readonly count: number | null
  /** Of the sample: the same records and seed give the same answer. */
  readonly seed: number
}

/**
 * What the distances of a collection look like, from a sample of its records that are searched with and compared.
 * Members are null where there are too few records to tell.
 */
export interface CollectionStatistics {
  /** Records in the collection. */
  readonly count: number
  readonly sample: {
    readonly seed: number
    /** Records drawn; the first `queries` of them are compared with all of them, and searched with. */
    readonly records: number
    readonly queries: number
    readonly pairs: number
    /** Nearest neighbours found for each query. */
    readonly neighbours: number
  }
  /** Published distances of the pairs. */
  readonly distances: DistanceSummary | null
  /** Of the Euclidean distances, which under cosine are those of the unit vectors. */
  readonly intrinsicDimension: { readonly rho: number | null; readonly lid: number | null }
  /** Only when asked for. Expected when a stored record is searched by, which is left out. */
  readonly expectedHits?: { readonly radius: number; readonly hits: number | null }
  readonly expectedRadius?: { readonly count: number; readonly radius: number | null }
  /** Of the searches of this sample, on average. */
  readonly cost: {
    readonly k: number
    readonly plan: string
    readonly levels: readonly SearchLevel[]
    readonly distances: number
  } | null
  /**
   * What the approximate answers to the queries of the sample are off by, next to the exact ones (Zezula et al. 2006);
   * null where they are answered exactly.
   */
  readonly approximation: {
    readonly k: number
    /** Those that were answered approximately. */
    readonly queries: number
    /** Mean of d / d' - 1 over the places of the answers, by Euclidean distances; null where all d' are 0. */
    readonly distanceError: number | null
    /** Mean of the places by which an object of an answer stands too early, divided by the records searched. */
    readonly positionError: number
  } | null
}
