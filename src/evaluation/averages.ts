import type { Random } from '../vector/random.ts'
import { type BootstrapOptions, bootstrapIntervals, type Interval } from './bootstrap.ts'
import { type Averaging, type ClassSums, meanOf, meansOf, measureRecord } from './class-sums.ts'
import { MEASURES, type Measure, type Measures } from './rank-measures.ts'

export interface Averages {
  readonly means: Measures
  readonly intervals: Readonly<Record<Measure, Interval>>
}

/** Means with their bootstrap intervals over classes. */
export function averagesOf(
  sums: ClassSums,
  averaging: Averaging,
  random: Random,
  bootstrap: Partial<BootstrapOptions> = {},
): Averages {
  const intervals = bootstrapIntervals(
    sums.queries.length,
    (weights) => MEASURES.map((measure) => meanOf(sums, measure, averaging, weights)),
    random,
    bootstrap,
  )
  return {
    means: meansOf(sums, averaging),
    intervals: measureRecord((measure) => intervals[MEASURES.indexOf(measure)]!),
  }
}
