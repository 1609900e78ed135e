import { kMeans } from '../vector/k-means.ts'
import { seededRandom } from '../vector/random.ts'
import type { RowMatrix } from '../vector/row-matrix.ts'
import { type Averages, averagesOf } from './averages.ts'
import { numberClasses } from './class-numbers.ts'
import { pairDistances } from './distances.ts'
import { normalisedMutualInformation } from './mutual-information.ts'
import { type RankingCalls, rankLabelled } from './rank-labelled.ts'

export interface EvaluationProgress {
  readonly stage: 'ranking' | 'clustering'
  readonly done: number
  readonly total: number
}

export interface EvaluationOptions extends Pick<RankingCalls, 'onQuery'> {
  /** Decides the clustering and the bootstrap. */
  readonly seed: number
  readonly onProgress?: (progress: EvaluationProgress) => void
}

export interface LabelledEvaluation {
  readonly images: number
  readonly classes: number
  /** The number of images that were queries: those of classes with two or more. */
  readonly queries: number
  /** The number of images that are alone in their class: searched, but never queries. */
  readonly alone: number
  readonly perImage: Averages
  readonly perClass: Averages
  readonly nmi: number
}

/**
 * Evaluates an embedding on labelled images: every image that has another of its class is a query,
 * and all other images are searched. It takes time of the order of images^2 * dimensions, in this
 * thread.
 *
 * @param labels of the rows, in order.
 * @throws NOTHING_TO_EVALUATE (see checkClassSizes).
 */
export async function evaluateLabelled(
  vectors: RowMatrix,
  labels: readonly string[],
  { seed, onProgress, onQuery }: EvaluationOptions,
): Promise<LabelledEvaluation> {
  const numbers = numberClasses(labels)
  const sums = await rankLabelled(pairDistances(vectors), numbers, {
    onProgress: (done, total) => onProgress?.({ stage: 'ranking', done, total }),
    onQuery,
  })
  const clusters = kMeans(vectors, {
    clusters: numbers.names.length,
    random: seededRandom(seed),
    onRestart: (done, total) => onProgress?.({ stage: 'clustering', done, total }),
  })
  const queries = sums.queries.reduce((sum, count) => sum + count, 0)
  return {
    images: vectors.count,
    classes: numbers.names.length,
    queries,
    alone: vectors.count - queries,
    perImage: averagesOf(sums, 'perImage', seededRandom(seed)),
    perClass: averagesOf(sums, 'perClass', seededRandom(seed)),
    nmi: normalisedMutualInformation(numbers.classes, clusters.assignment),
  }
}
