import type { Random } from '../vector/random.ts'
import { type Averaging, type ClassSums, meanOf, meansOf, measureRecord } from './class-sums.ts'
import { type BootstrapOptions, bootstrapIntervals, type Interval } from './intervals.ts'
import { MEASURES, type Measure, type Measures } from './rank-measures.ts'

export interface Averages {
  readonly means: Measures
  readonly intervals: Readonly<Record<Measure, Interval>>
}

/** Takes means, with their bootstrap intervals over classes. */
export function averagesOf(sums: ClassSums, averaging: Averaging, random: Random): Averages {
  const intervals = bootstrapIntervals(
    sums.queries.length,
    (weights) => MEASURES.map((measure) => meanOf(sums, measure, averaging, weights)),
    random,
  )
  return {
    means: meansOf(sums, averaging),
    intervals: measureRecord((measure) => intervals[MEASURES.indexOf(measure)]!),
  }
}

export interface Lift {
  /** Mean of the candidate minus mean of the baseline. */
  readonly value: number
  readonly interval: Interval
}

/**
 * Compares a candidate with a baseline on the same images by their mean MAP@R over images, paired by
 * class: how hard a class is for both cancels out. An interval above 0 is evidence for the
 * candidate.
 */
export function liftOf(
  baseline: ClassSums,
  candidate: ClassSums,
  random: Random,
  bootstrap: BootstrapOptions = {},
): Lift {
  const { queries } = baseline
  if (String(candidate.queries) !== String(queries)) {
    throw new RangeError('expected two evaluations of the same images, got classes that differ')
  }
  const mean = (sums: ClassSums, weights: Uint32Array) =>
    meanOf(sums, 'mapAtR', 'perImage', weights)
  const difference = (weights: Uint32Array) => mean(candidate, weights) - mean(baseline, weights)
  const [interval] = bootstrapIntervals(
    queries.length,
    (weights) => [difference(weights)],
    random,
    bootstrap,
  )
  return { value: difference(new Uint32Array(queries.length).fill(1)), interval: interval! }
}
