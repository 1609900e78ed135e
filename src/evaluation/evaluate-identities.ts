import { matrixOf, type RowMatrix, rowOf } from '../vector/row-matrix.ts'
import type { SpaceKind } from '../vector/space.ts'
import { canonicalDistances, type Distances, seenDistances } from './distances.ts'
import { evaluateGallery, type GalleryEvaluation, type GalleryImages } from './evaluate-gallery.ts'
import { ExpandedQueries } from './expanded-queries.ts'
import { kReciprocalDistances } from './k-reciprocal.ts'
import { meanRow } from './mean-row.ts'
import { type OpenSetEvaluation, OpenSetTrials } from './open-set.ts'

interface IdentityEvaluation extends GalleryEvaluation {
  /** The shares of queries with a true match among the first 1 to 50. */
  readonly cmc: readonly number[]
}

export interface IdentityEvaluations {
  /** Each image is a query. */
  readonly single: IdentityEvaluation
  /** The mean of what one camera saw of an identity is a query; null without cameras. */
  readonly multi: IdentityEvaluation | null
  /** Single queries, re-ranked by k-reciprocal neighbours; null where there are more than 3,000 images, or queries are in the gallery. */
  readonly reranked: IdentityEvaluation | null
  /** Single queries, each expanded by its five nearest images. */
  readonly expanded: IdentityEvaluation
  /** Single queries as known and as unknown subjects; null where the gallery has nobody but the identity of some query. */
  readonly openSet: OpenSetEvaluation | null
}

const CMC_RANKS = 50
/** Re-ranking holds the distances of all images to each other: 72 MB of them. */
const MAX_RERANKED = 3000

/**
 * Evaluates re-identification by the protocol of Market-1501 (see `evaluateGallery`), by single and by multiple queries
 * (Zheng et al., ICCV 2015, section 4.2: averages of the query images of one camera). Memory is bounded by blocks of queries.
 *
 * @param check is called for queries, and ends the evaluation by what it throws.
 * @throws NOTHING_TO_EVALUATE.
 */
export async function evaluateIdentities(
  queries: GalleryImages,
  gallery: GalleryImages,
  space: SpaceKind,
  check: () => void,
): Promise<IdentityEvaluations> {
  const trials = new OpenSetTrials(queries, gallery)
  const expanding = new ExpandedQueries(queries)
  const seen = seenDistances(
    canonicalDistances(queries.vectors, gallery.vectors),
    (query, squared) => {
      trials.see(query, squared)
      expanding.see(query, squared)
    },
  )
  const single = await withCurve(queries, gallery, check, seen)
  const multi =
    queries.cameras === null
      ? null
      : await withCurve(meansOf(queries, queries.cameras, space), gallery, check)
  const reranked = await rerankedOf(queries, gallery, check)
  const vectors = expanding.vectors(gallery.vectors, space)
  const expanded = await withCurve({ ...queries, vectors }, gallery, check)
  return { single, multi, reranked, expanded, openSet: trials.evaluate(space) }
}

async function rerankedOf(
  queries: GalleryImages,
  gallery: GalleryImages,
  check: () => void,
): Promise<IdentityEvaluation | null> {
  const [asked, rows] = [queries.vectors, gallery.vectors]
  if (asked.count + rows.count > MAX_RERANKED) return null
  // As its own neighbour a query would be in every encoding twice.
  if (queries.ownRows?.some((row) => row >= 0)) return null
  const values = new Float32Array(asked.values.length + rows.values.length)
  values.set(asked.values)
  values.set(rows.values, asked.values.length)
  const all = matrixOf(values, rows.dimensions)
  const squared = await canonicalDistances(all, all).measure(0, all.count)
  const reranked = kReciprocalDistances(squared, asked.count)
  const distances = {
    queries: asked.count,
    rows: rows.count,
    within: 0,
    measure: async (first: number, end: number) =>
      reranked.slice(first * rows.count, end * rows.count),
    canonical: (query: number, row: number) => reranked[query * rows.count + row]!,
  }
  return await withCurve(queries, gallery, check, distances)
}

async function withCurve(
  queries: GalleryImages,
  gallery: GalleryImages,
  check: () => void,
  distances?: Distances,
): Promise<IdentityEvaluation> {
  const firsts = new Float64Array(CMC_RANKS + 1)
  const measures = await evaluateGallery(
    queries,
    gallery,
    (_query, { first }) => {
      check()
      if (first <= CMC_RANKS) firsts[first]!++
    },
    distances,
  )
  let found = 0
  const cmc = Array.from({ length: CMC_RANKS }, (_, i) => {
    found += firsts[i + 1]!
    return found / measures.queries
  })
  return { ...measures, cmc }
}

/** Gives one query for each identity and camera: the mean of its images, of unit length under cosine. */
function meansOf(
  { vectors, classes }: GalleryImages,
  cameras: Int32Array,
  space: SpaceKind,
): GalleryImages {
  const groups = new Map<string, number[]>()
  for (const [row, number] of classes.entries()) {
    const name = `${number} ${cameras[row]}`
    groups.set(name, [...(groups.get(name) ?? []), row])
  }
  const all = [...groups.values()]
  return {
    vectors: meanRows(vectors, all, space),
    classes: Int32Array.from(all, ([first]) => classes[first!]!),
    cameras: Int32Array.from(all, ([first]) => cameras[first!]!),
  }
}

function meanRows(
  vectors: RowMatrix,
  groups: readonly (readonly number[])[],
  space: SpaceKind,
): RowMatrix {
  const { dimensions } = vectors
  const means = new Float32Array(groups.length * dimensions)
  for (const [i, rows] of groups.entries()) {
    const mean = meanRow(
      rows.map((row) => rowOf(vectors, row)),
      space,
    )
    means.set(mean, i * dimensions)
  }
  return matrixOf(means, dimensions)
}
