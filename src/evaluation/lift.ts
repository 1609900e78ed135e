import type { Random } from '../vector/random.ts'
import { type BootstrapOptions, bootstrapIntervals, type Interval } from './bootstrap.ts'
import { type Averaging, type ClassSums, meanOf, meansOf, measureRecord } from './class-sums.ts'
import { MEASURES, type Measure } from './rank-measures.ts'

export interface Lift {
  /** Mean of the candidate minus mean of the baseline. */
  readonly value: number
  readonly interval: Interval
}

/**
 * How much better the candidate does than the baseline on the same images, paired by class: how hard
 * a class is for both cancels out. An interval above 0 is evidence for the candidate.
 */
export function liftOf(
  baseline: ClassSums,
  candidate: ClassSums,
  random: Random,
  options: Partial<BootstrapOptions> & { readonly averaging?: Averaging } = {},
): Record<Measure, Lift> {
  const { averaging = 'perImage', ...bootstrap } = options
  const classes = baseline.queries.length
  const same =
    candidate.queries.length === classes &&
    candidate.queries.every((count, i) => count === baseline.queries[i])
  if (!same) {
    throw new RangeError('expected two evaluations of the same images, got classes that differ')
  }
  const difference = (measure: Measure, weights: Uint32Array) =>
    meanOf(candidate, measure, averaging, weights) - meanOf(baseline, measure, averaging, weights)
  const intervals = bootstrapIntervals(
    classes,
    (weights) => MEASURES.map((measure) => difference(measure, weights)),
    random,
    bootstrap,
  )
  const [before, after] = [meansOf(baseline, averaging), meansOf(candidate, averaging)]
  return measureRecord((measure) => ({
    value: after[measure] - before[measure],
    interval: intervals[MEASURES.indexOf(measure)]!,
  }))
}
