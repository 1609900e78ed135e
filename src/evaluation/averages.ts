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
  const mean = (measure: Measure, weights: Uint32Array) => meanOf(sums, measure, averaging, weights)
  return {
    means: meansOf(sums, averaging),
    intervals: intervalsOf(sums.queries.length, mean, random),
  }
}

export interface Lift {
  /** Mean of the candidate minus mean of the baseline. */
  readonly value: number
  readonly interval: Interval
}

/**
 * Compares a candidate with a baseline on the same images by their means over images, paired by
 * class: how hard a class is for both cancels out. An interval above 0 is evidence for the
 * candidate.
 */
export function liftOf(
  baseline: ClassSums,
  candidate: ClassSums,
  random: Random,
  bootstrap: Partial<BootstrapOptions> = {},
): Record<Measure, Lift> {
  const classes = baseline.queries.length
  const same =
    candidate.queries.length === classes &&
    candidate.queries.every((count, i) => count === baseline.queries[i])
  if (!same) {
    throw new RangeError('expected two evaluations of the same images, got classes that differ')
  }
  const difference = (measure: Measure, weights: Uint32Array) =>
    meanOf(candidate, measure, 'perImage', weights) - meanOf(baseline, measure, 'perImage', weights)
  const intervals = intervalsOf(classes, difference, random, bootstrap)
  const [before, after] = [meansOf(baseline, 'perImage'), meansOf(candidate, 'perImage')]
  return measureRecord((measure) => ({
    value: after[measure] - before[measure],
    interval: intervals[measure],
  }))
}

/** @param statistic gets how often each class was drawn. */
function intervalsOf(
  classes: number,
  statistic: (measure: Measure, weights: Uint32Array) => number,
  random: Random,
  bootstrap: Partial<BootstrapOptions> = {},
): Record<Measure, Interval> {
  const intervals = bootstrapIntervals(
    classes,
    (weights) => MEASURES.map((measure) => statistic(measure, weights)),
    random,
    bootstrap,
  )
  return measureRecord((measure) => intervals[MEASURES.indexOf(measure)]!)
}
