import { AppError } from '../../errors.ts'

/** Two distances, inclusive: up to `known` it is somebody, beyond `unknown` nobody who is stored. */
export interface Thresholds {
  readonly known: number
  readonly unknown: number
}

/** `doubtful`: between both thresholds, for a person to look at. `undecided`: there are no thresholds. */
export type Decision = 'known' | 'doubtful' | 'unknown' | 'undecided'

/** @param distance that of the first candidate; null where there is none. */
export function decide(distance: number | null, thresholds: Thresholds | null): Decision {
  if (thresholds === null) return 'undecided'
  if (distance === null || distance > thresholds.unknown) return 'unknown'
  return distance <= thresholds.known ? 'known' : 'doubtful'
}

/** @throws INVALID_REQUEST for thresholds the wrong way round. */
export function checkThresholds({ known, unknown }: Thresholds): void {
  if (known <= unknown) return
  throw new AppError(
    'INVALID_REQUEST',
    `/thresholds: expected known to be at most unknown, got ${known} and ${unknown}`,
  )
}
