import { seededRandom } from '../vector/random.ts'
import { distanceFromSquared, type SpaceKind } from '../vector/space.ts'
import { numberClasses } from './class-numbers.ts'
import { type GalleryImages, leftOutOf } from './evaluate-gallery.ts'
import { bootstrapIntervals, type Interval } from './intervals.ts'
import { LowestScores } from './lowest-scores.ts'

/** How many known subjects are found while few unknown ones are taken for somebody. */
interface OpenSetRow {
  /** The wanted false accept rate: at most this share of the unknown subjects is within the threshold. */
  readonly far: number
  /** The largest such threshold among the distances seen, inclusive; null where the trials are too few to allow one. */
  readonly threshold: number | null
  /** The share of known subjects whose nearest image is of them, and within the threshold. */
  readonly dir: number
  readonly dirInterval: Interval
  /** Whether the threshold rests on 30 false accepts or more. */
  readonly enough: boolean
}

export interface OpenSetEvaluation {
  /** The number of queries that have a true match. */
  readonly known: number
  /** The number of queries that were asked as if nobody of their identity were there: all of them. */
  readonly unknown: number
  readonly rows: readonly OpenSetRow[]
}

const FALSE_ACCEPT_RATES = [1e-1, 5e-2, 1e-2, 1e-3] as const
const RESAMPLES = 200
/** Seeds the draws of identities that intervals come from. */
const SEED = 1

/**
 * Collects the trials of an open set (Phillips et al., Evaluation methods in face recognition, Handbook of Face Recognition, 2nd
 * ed. 2011): each query once as a known subject, where it has a true match, and once as an unknown one, by leaving out all
 * images of its identity.
 */
export class OpenSetTrials {
  readonly #queries: GalleryImages
  readonly #gallery: GalleryImages
  readonly #leftOut: (query: number, row: number) => boolean
  /** Squared distances of the nearest image of the query's own identity, and of any other; Infinity for none. */
  readonly #own: Float64Array
  readonly #others: Float64Array

  constructor(queries: GalleryImages, gallery: GalleryImages) {
    this.#queries = queries
    this.#gallery = gallery
    this.#leftOut = leftOutOf(queries, gallery)
    this.#own = new Float64Array(queries.classes.length)
    this.#others = new Float64Array(queries.classes.length)
  }

  /** Takes the squared distances of one query to the gallery. */
  see(query: number, squared: Float64Array): void {
    const wanted = this.#queries.classes[query]!
    const { classes } = this.#gallery
    let [own, others] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY]
    for (let row = 0; row < classes.length; row++) {
      const distance = squared[row]!
      if (classes[row] !== wanted) {
        if (distance < others) others = distance
      } else if (distance < own && !this.#leftOut(query, row)) own = distance
    }
    this.#own[query] = own
    this.#others[query] = others
  }

  /** Evaluates all queries, once each was seen; null where the gallery has nobody but the identity of some query. */
  evaluate(space: SpaceKind): OpenSetEvaluation | null {
    const [own, others] = [this.#own, this.#others]
    if (!others.every(Number.isFinite)) return null
    // Of the queries alone: an identity that only the gallery has would be drawn for nothing.
    const { classes, names } = numberClasses(Array.from(this.#queries.classes, String))
    const identities = names.length
    const scores = new LowestScores(others, classes, null, 1)
    const statistics = (weights: ArrayLike<number>) => {
      const total = classes.reduce((sum, number) => sum + weights[number]!, 0)
      return FALSE_ACCEPT_RATES.map((far) => {
        const threshold = scores.threshold(weights, far * total)
        let [known, found] = [0, 0]
        for (const [query, number] of classes.entries()) {
          const distance = own[query]!
          if (distance === Number.POSITIVE_INFINITY) continue
          const weight = weights[number]!
          known += weight
          const isFirst = distance <= others[query]!
          if (threshold !== null && distance <= threshold && isFirst) found += weight
        }
        return { threshold, dir: known === 0 ? 0 : found / known }
      })
    }
    const found = statistics(new Uint32Array(identities).fill(1))
    const intervals = bootstrapIntervals(
      identities,
      (weights) => statistics(weights).map(({ dir }) => dir),
      seededRandom(SEED),
      { resamples: RESAMPLES },
    )
    return {
      known: own.filter(Number.isFinite).length,
      unknown: classes.length,
      rows: FALSE_ACCEPT_RATES.map((far, i) => {
        const { threshold, dir } = found[i]!
        return {
          far,
          threshold: threshold === null ? null : distanceFromSquared(space, threshold),
          dir,
          dirInterval: intervals[i]!,
          enough: far * classes.length >= 30,
        }
      }),
    }
  }
}
