import type { Random } from '../vector/random.ts'

export type Interval = readonly [low: number, high: number]

export interface BootstrapOptions {
  /** The number of data sets drawn: 1,000 where left out, as an interval of level .95 wants. */
  readonly resamples?: number
  /** The share of resamples inside the interval, in (0, 1); .95 where left out. */
  readonly level?: number
}

/**
 * Estimates intervals by the percentile bootstrap over classes (Efron 1979): classes are drawn with
 * replacement, the number that there are, and every statistic is computed again. Classes and not
 * images are drawn, since images of one class are similar: drawing images would make intervals that are
 * far too narrow. All statistics see the same draws, so that the difference of two models is a paired
 * comparison.
 *
 * @param statistics gets how often each class was drawn.
 * @returns an interval for each statistic.
 */
export function bootstrapIntervals(
  classes: number,
  statistics: (weights: Uint32Array) => readonly number[],
  random: Random,
  { resamples = 1000, level = 0.95 }: BootstrapOptions = {},
): Interval[] {
  if (!Number.isInteger(resamples) || resamples < 1 || !(level > 0 && level < 1)) {
    const got = `got ${resamples} and ${level}`
    throw new RangeError(`expected at least 1 resample and a level in (0, 1), ${got}`)
  }
  const drawn: Float64Array[] = []
  const weights = new Uint32Array(classes)
  for (let resample = 0; resample < resamples; resample++) {
    weights.fill(0)
    for (let i = 0; i < classes; i++) weights[Math.floor(random() * classes)]!++
    for (const [i, value] of statistics(weights).entries()) {
      drawn[i] ??= new Float64Array(resamples)
      drawn[i]![resample] = value
    }
  }
  const tail = (1 - level) / 2
  return drawn.map((values) => {
    values.sort()
    return [quantile(values, tail), quantile(values, 1 - tail)]
  })
}

/** Interpolates between the order statistics. `sorted` holds at least one value. */
function quantile(sorted: Float64Array, share: number): number {
  const at = share * (sorted.length - 1)
  const below = Math.floor(at)
  const above = Math.min(below + 1, sorted.length - 1)
  return sorted[below]! + (at - below) * (sorted[above]! - sorted[below]!)
}

/** Student's t at .975 by degrees of freedom from 1; beyond 30 the normal distribution's is close. */
const T = [
  12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.16, 2.145,
  2.131, 2.12, 2.11, 2.101, 2.093, 2.086, 2.08, 2.074, 2.069, 2.064, 2.06, 2.056, 2.052, 2.048,
  2.045, 2.042,
]
const NORMAL = 1.96

/** Takes the mean of independent runs, at least two, with its 95 % interval by Student's t. */
export function meanOfRuns(values: readonly number[]): { mean: number; interval: Interval } {
  const count = values.length
  if (count < 2) throw new RangeError(`expected at least 2 runs, got ${count}`)
  const mean = values.reduce((sum, value) => sum + value, 0) / count
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0)
  const half = (T[count - 2] ?? NORMAL) * Math.sqrt(squares / (count - 1) / count)
  return { mean, interval: [mean - half, mean + half] }
}
