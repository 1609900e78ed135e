import { AppError } from '../../errors.ts'

declare const brand: unique symbol

/**
 * How far a computed distance D may be from the true metric d that it stands for:
 * |D - d| <= relative * d + absolute. Both are 0 where D is computed without rounding.
 */
export interface Slack {
  /** At most 2^-10. */
  readonly relative: number
  readonly absolute: number
}

/**
 * A distance that is a metric: never negative, 0 from an object to itself, symmetric, and
 * d(a, c) <= d(a, b) + d(b, c). It may be 0 between different objects. Trees prune by the last of
 * these, so only the makers of this folder, who prove it, and `checkedMetric` give out the brand.
 */
export interface Metric<in T> {
  readonly name: string
  /** Where it is beyond `limit`, which is Infinity where left out, any number beyond `limit` will do. */
  readonly distance: (a: T, b: T, limit?: number) => number
  readonly slack: Slack
  readonly [brand]: true
}

/** The slack of distances that are whole numbers below 2^53. */
export const NO_SLACK: Slack = { relative: 0, absolute: 0 }

/** Makes a metric. For the files of this folder alone (a test holds that): whoever calls it vouches for both. */
export function brandMetric<T>(
  name: string,
  slack: Slack,
  distance: Metric<T>['distance'],
): Metric<T> {
  return { name, distance, slack } as Metric<T>
}

/** The longest vector for which the slack of these metrics was derived. */
const MAX_NUMBERS = 16_384

/** @throws DIMENSION_MISMATCH for vectors of different length, or longer than 16,384 numbers. */
export function checkSameLength(a: ArrayLike<number>, b: ArrayLike<number>): void {
  if (a.length === b.length && a.length <= MAX_NUMBERS) return
  throw new AppError(
    'DIMENSION_MISMATCH',
    `expected vectors of the same length, at most ${MAX_NUMBERS}, got ${a.length} and ${b.length}`,
  )
}
