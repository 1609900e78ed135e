import { AppError } from '../../errors.ts'

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
