import { AppError } from '../errors.ts'
import { seededRandom } from '../vector/random.ts'
import type { RowMatrix } from '../vector/row-matrix.ts'
import { type Averages, averagesOf } from './averages.ts'
import type { BootstrapOptions } from './bootstrap.ts'
import { type ClassNumbers, numberClasses } from './class-numbers.ts'
import {
  type Averaging,
  addQuery,
  type ClassSums,
  emptyClassSums,
  withoutEmptyClasses,
} from './class-sums.ts'
import { kMeans } from './k-means.ts'
import { MatchCounter } from './match-counter.ts'
import { rankMatches } from './match-ranks.ts'
import { normalisedMutualInformation } from './mutual-information.ts'
import { MAX_PAIRED, type PairDistances, pairDistances } from './pair-distances.ts'
import { type Measures, measuresOf } from './rank-measures.ts'

export interface EvaluationProgress {
  readonly stage: 'ranking' | 'clustering'
  readonly done: number
  readonly total: number
}

export interface EvaluationOptions {
  /** Of the clustering and of the bootstrap. */
  readonly seed: number
  readonly bootstrap?: Partial<BootstrapOptions>
  readonly restarts?: number
  readonly onProgress?: (progress: EvaluationProgress) => void
  /** What each query reached, by its row. */
  readonly onQuery?: (query: number, measures: Measures) => void
}

export interface LabelledEvaluation {
  readonly images: number
  readonly classes: number
  /** Images that were asked with: those of classes with two or more. */
  readonly queries: number
  /** Images that are alone in their class: searched, but never asked with. */
  readonly alone: number
  readonly perImage: Averages
  readonly perClass: Averages
  readonly nmi: number
  readonly sums: ClassSums
}

/**
 * Evaluates an embedding on labelled images: every image that has another of its class asks, and
 * all other images are searched. Takes time of the order of images^2 * dimensions, in this thread.
 *
 * @param labels of the rows, in order.
 * @throws NOTHING_TO_EVALUATE (see checkClassSizes).
 */
export function evaluateLabelled(
  vectors: RowMatrix,
  labels: readonly string[],
  options: EvaluationOptions,
): LabelledEvaluation {
  const { seed, bootstrap = {}, restarts, onProgress, onQuery } = options
  const numbers = numberClasses(labels)
  const sums = rankLabelled(vectors, numbers, {
    onProgress: (done, total) => onProgress?.({ stage: 'ranking', done, total }),
    onQuery,
  })
  const clusters = kMeans(vectors, {
    clusters: numbers.names.length,
    random: seededRandom(seed),
    ...(restarts === undefined ? {} : { restarts }),
    onRestart: (done, total) => onProgress?.({ stage: 'clustering', done, total }),
  })
  const averages = (averaging: Averaging) =>
    averagesOf(sums, averaging, seededRandom(seed), bootstrap)
  const queries = sums.queries.reduce((sum, count) => sum + count, 0)
  return {
    images: vectors.count,
    classes: numbers.names.length,
    queries,
    alone: vectors.count - queries,
    perImage: averages('perImage'),
    perClass: averages('perClass'),
    nmi: normalisedMutualInformation(numbers.classes, clusters.assignment),
    sums,
  }
}

export interface RankingCalls {
  readonly onProgress?: (done: number, total: number) => void
  readonly onQuery?: EvaluationOptions['onQuery'] | undefined
}

/**
 * The ranking alone, without clustering and intervals: what choosing between models needs.
 * @returns the sums of the classes of two images or more, in the order of their numbers.
 * @throws NOTHING_TO_EVALUATE (see checkClassSizes).
 */
export function rankLabelled(
  vectors: RowMatrix,
  numbers: ClassNumbers,
  calls: RankingCalls = {},
): ClassSums {
  checkClassSizes(numbers.sizes)
  // Half of the work, where all distances can be held.
  if (vectors.count <= MAX_PAIRED) return rankPairs(pairDistances(vectors), numbers, calls)
  const rows = { vectors, classes: numbers.classes }
  const { onProgress, onQuery } = calls
  const reached = new ReachedMeasures(numbers, onQuery)
  rankMatches(
    { queries: rows, gallery: rows, leftOut: (query, row) => query === row, onProgress },
    (query, ranks) => reached.add(query, ranks),
  )
  return reached.sums
}

/**
 * As rankLabelled, by distances that are known.
 * @throws NOTHING_TO_EVALUATE (see checkClassSizes).
 */
export function rankPairs(
  { squared, count }: PairDistances,
  numbers: ClassNumbers,
  { onProgress, onQuery }: RankingCalls = {},
): ClassSums {
  checkClassSizes(numbers.sizes)
  const { classes } = numbers
  const counter = new MatchCounter(count)
  const reached = new ReachedMeasures(numbers, onQuery)
  for (let query = 0; query < count; query++) {
    const distances = squared.subarray(query * count, (query + 1) * count)
    const ranks = counter.ranks(distances, classes, classes[query]!, (row) => row === query)
    reached.add(query, ranks)
    onProgress?.(query + 1, count)
  }
  return reached.sums
}

/** Sums up what the queries reach. */
export class ReachedMeasures {
  readonly #classes: Int32Array
  readonly #onQuery: RankingCalls['onQuery']
  readonly #sums: ClassSums

  constructor({ classes, sizes }: ClassNumbers, onQuery: RankingCalls['onQuery']) {
    this.#classes = classes
    this.#onQuery = onQuery
    this.#sums = emptyClassSums(sizes.length)
  }

  /** @param ranks of the matches; a query without any does not count. */
  add(query: number, ranks: Uint32Array): void {
    if (ranks.length === 0) return
    const measures = measuresOf(ranks)
    addQuery(this.#sums, this.#classes[query]!, measures)
    this.#onQuery?.(query, measures)
  }

  get sums(): ClassSums {
    return withoutEmptyClasses(this.#sums)
  }
}

/** @throws NOTHING_TO_EVALUATE for fewer than two classes, or when no class has two images. */
export function checkClassSizes(sizes: readonly number[]): void {
  if (sizes.length < 2) {
    throw new AppError('NOTHING_TO_EVALUATE', `expected at least 2 classes, got ${sizes.length}`)
  }
  if (sizes.every((size) => size < 2)) {
    throw new AppError(
      'NOTHING_TO_EVALUATE',
      `expected a class of at least 2 images, got one image in each of ${sizes.length} classes`,
    )
  }
}
