import { AppError } from '../errors.ts'
import type { RowMatrix } from '../vector/row-matrix.ts'
import { canonicalDistances } from './distances.ts'
import { rankMatches } from './match-ranks.ts'

/** Images of subjects; without cameras no image is left out. */
export interface GalleryImages {
  readonly vectors: RowMatrix
  /** The number of the identity of each row. */
  readonly classes: Int32Array
  /** The number of the camera of each row, or null when cameras are unknown. */
  readonly cameras: Int32Array | null
}

export interface GalleryEvaluation {
  /** The number of queries that have a true match. */
  readonly queries: number
  /** The number of queries without one, which count nowhere. */
  readonly skipped: number
  /** CMC: the share of queries with a true match among the first 1, 5 and 10. */
  readonly rank1: number
  readonly rank5: number
  readonly rank10: number
  /** Mean of the average precision: the mean of the precisions at the ranks of the true matches. */
  readonly map: number
  /** Mean of R / (rank of the last true match): what finding all of them costs. */
  readonly minp: number
}

/**
 * Evaluates re-identification by the protocol of Market-1501 (Zheng et al., ICCV 2015): a gallery
 * image with the query's identity and camera is left out of that query's ranking; queries without a
 * true match are skipped and counted. Average precision is the plain mean of precisions; the
 * authors' first script took trapezoids, which gives slightly other numbers. mINP: Ye et al., Deep
 * Learning for Person Re-identification, TPAMI 2021.
 *
 * @param onQuery gets what each query that has a true match reached: its average precision, and the
 * rank of its first match.
 * @throws NOTHING_TO_EVALUATE when no query has a true match; DIMENSION_MISMATCH.
 */
export async function evaluateGallery(
  queries: GalleryImages,
  gallery: GalleryImages,
  onQuery?: (query: number, reached: { precision: number; first: number }) => void,
): Promise<GalleryEvaluation> {
  const [ofQueries, ofGallery] = [queries.cameras, gallery.cameras]
  if ((ofQueries === null) !== (ofGallery === null)) {
    throw new RangeError('expected cameras of queries and gallery, or of neither, got one of both')
  }
  const task = {
    distances: canonicalDistances(queries.vectors, gallery.vectors),
    queryClasses: queries.classes,
    rowClasses: gallery.classes,
    leftOut: (query: number, row: number) =>
      ofQueries !== null && ofQueries[query] === ofGallery?.[row],
  }
  const sums = { queries: 0, rank1: 0, rank5: 0, rank10: 0, precision: 0, inversePenalty: 0 }
  await rankMatches(task, (query, ranks) => {
    const [nearest] = ranks
    if (nearest === undefined) return
    sums.queries++
    if (nearest <= 1) sums.rank1++
    if (nearest <= 5) sums.rank5++
    if (nearest <= 10) sums.rank10++
    const precision = ranks.reduce((sum, rank, i) => sum + (i + 1) / rank, 0) / ranks.length
    sums.precision += precision
    onQuery?.(query, { precision, first: nearest })
    sums.inversePenalty += ranks.length / ranks[ranks.length - 1]!
  })
  const total = queries.vectors.count
  if (sums.queries === 0) {
    throw new AppError(
      'NOTHING_TO_EVALUATE',
      `expected a query with a true match in the gallery, got none among ${total}`,
    )
  }
  return {
    queries: sums.queries,
    skipped: total - sums.queries,
    rank1: sums.rank1 / sums.queries,
    rank5: sums.rank5 / sums.queries,
    rank10: sums.rank10 / sums.queries,
    map: sums.precision / sums.queries,
    minp: sums.inversePenalty / sums.queries,
  }
}
