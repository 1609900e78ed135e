import type { Interval } from './bootstrap.ts'

export interface MeanOfRuns {
  readonly mean: number
  readonly interval: Interval
}

/** Student's t at .975 by degrees of freedom from 1; beyond 30 the normal distribution's is close. */
const T = [
  ...[12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228],
  ...[2.201, 2.179, 2.16, 2.145, 2.131, 2.12, 2.11, 2.101, 2.093, 2.086],
  ...[2.08, 2.074, 2.069, 2.064, 2.06, 2.056, 2.052, 2.048, 2.045, 2.042],
]
const NORMAL = 1.96

/** The mean of independent runs, at least two, with its 95 % interval by Student's t. */
export function meanOfRuns(values: readonly number[]): MeanOfRuns {
  const count = values.length
  if (count < 2) throw new RangeError(`expected at least 2 runs, got ${count}`)
  const mean = values.reduce((sum, value) => sum + value, 0) / count
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0)
  const half = (T[count - 2] ?? NORMAL) * Math.sqrt(squares / (count - 1) / count)
  return { mean, interval: [mean - half, mean + half] }
}
