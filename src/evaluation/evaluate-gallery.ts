import { AppError } from '../errors.ts'
import type { RowMatrix } from '../vector/row-matrix.ts'
import { canonicalDistances, type Distances } from './distances.ts'
import { rankMatches } from './match-ranks.ts'
import { measuresOf } from './rank-measures.ts'

/** Images of subjects; without cameras no image is left out. */
export interface GalleryImages {
  readonly vectors: RowMatrix
  /** The number of the identity of each row. */
  readonly classes: Int32Array
  /** The number of the camera of each row, or null when cameras are unknown. */
  readonly cameras: Int32Array | null
  /** Of queries that are in the gallery too: the row of each, which is left out; -1 for one that is not. */
  readonly ownRows?: Int32Array
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
 * @param distances to rank by; those of the vectors unless given.
 * @throws NOTHING_TO_EVALUATE when no query has a true match; DIMENSION_MISMATCH.
 */
export async function evaluateGallery(
  queries: GalleryImages,
  gallery: GalleryImages,
  onQuery?: (query: number, reached: { precision: number; first: number }) => void,
  distances: Distances = canonicalDistances(queries.vectors, gallery.vectors),
): Promise<GalleryEvaluation> {
  if ((queries.cameras === null) !== (gallery.cameras === null)) {
    throw new RangeError('expected cameras of queries and gallery, or of neither, got one of both')
  }
  const task = {
    distances,
    queryClasses: queries.classes,
    rowClasses: gallery.classes,
    leftOut: leftOutOf(queries, gallery),
  }
  const firsts: number[] = []
  let [precisions, inversePenalties] = [0, 0]
  await rankMatches(task, (query, ranks) => {
    const [first] = ranks
    if (first === undefined) return
    const { map: precision } = measuresOf(ranks)
    firsts.push(first)
    precisions += precision
    inversePenalties += ranks.length / ranks.at(-1)!
    onQuery?.(query, { precision, first })
  })
  const [count, total] = [firsts.length, queries.vectors.count]
  if (count === 0) {
    const message = `expected a query with a true match in the gallery, got none among ${total}`
    throw new AppError('NOTHING_TO_EVALUATE', message)
  }
  const within = (rank: number) => firsts.filter((first) => first <= rank).length / count
  return {
    queries: count,
    skipped: total - count,
    rank1: within(1),
    rank5: within(5),
    rank10: within(10),
    map: precisions / count,
    minp: inversePenalties / count,
  }
}

/** Tells which images of the query's identity are no part of its ranking: itself, and what its own camera saw. */
export function leftOutOf(
  queries: GalleryImages,
  gallery: GalleryImages,
): (query: number, row: number) => boolean {
  return (query, row) =>
    queries.ownRows?.[query] === row ||
    (queries.cameras !== null && queries.cameras[query] === gallery.cameras?.[row])
}
