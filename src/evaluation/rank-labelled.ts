import { AppError } from '../errors.ts'
import type { ClassNumbers } from './class-numbers.ts'
import { addQuery, type ClassSums, emptyClassSums, withoutEmptyClasses } from './class-sums.ts'
import type { Distances } from './distances.ts'
import { rankMatches } from './match-ranks.ts'
import { type Measures, measuresOf } from './rank-measures.ts'

export interface RankingCalls {
  readonly onProgress?: (done: number, total: number) => void
  /** Gets what each query reached, by its row. */
  readonly onQuery?: ((query: number, measures: Measures) => void) | undefined
}

/**
 * Ranks labelled images: every one that has another of its class is a query, and all others are
 * searched.
 *
 * @param distances of the images to each other.
 * @returns the sums of the classes of two images or more, in the order of their numbers.
 * @throws NOTHING_TO_EVALUATE (see checkClassSizes).
 */
export async function rankLabelled(
  distances: Distances,
  { classes, sizes }: ClassNumbers,
  { onProgress, onQuery }: RankingCalls = {},
): Promise<ClassSums> {
  checkClassSizes(sizes)
  const sums = emptyClassSums(sizes.length)
  const leftOut = (query: number, row: number) => query === row
  const task = { distances, queryClasses: classes, rowClasses: classes, leftOut, onProgress }
  await rankMatches(task, (query, ranks) => {
    if (ranks.length === 0) return
    const measures = measuresOf(ranks)
    addQuery(sums, classes[query]!, measures)
    onQuery?.(query, measures)
  })
  return withoutEmptyClasses(sums)
}

/** @throws NOTHING_TO_EVALUATE for fewer than two classes, or when no class has two images. */
export function checkClassSizes(sizes: readonly number[]): void {
  if (sizes.length >= 2 && sizes.some((size) => size >= 2)) return
  const message =
    sizes.length < 2
      ? `expected at least 2 classes, got ${sizes.length}`
      : `expected a class of at least 2 images, got one image in each of ${sizes.length} classes`
  throw new AppError('NOTHING_TO_EVALUATE', message)
}
