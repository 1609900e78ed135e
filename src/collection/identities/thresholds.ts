import type { IdentityDistance } from '../../engine/query.ts'
import { AppError } from '../../errors.ts'
import type { CalibratedDistance } from '../../evaluation/calibrate.ts'
import type { ThresholdRow } from '../../evaluation/error-rates.ts'
import type { KnownCalibration } from './calibration.ts'
import { checkThresholds, type Thresholds } from './decision.ts'

/** `outdated`: there is a calibration, but of the vectors of another model. */
export type ThresholdSource = 'request' | 'calibration' | 'outdated' | 'none'

export interface ChosenThresholds {
  readonly distance: IdentityDistance
  /** Null: nothing is decided. */
  readonly thresholds: Thresholds | null
  readonly source: ThresholdSource
  /** The rate at which subjects who are not stored are taken for somebody, where it is known. */
  readonly falseAcceptRate: number | null
  /** What is known of the distance; null without a calibration. */
  readonly calibrated: CalibratedDistance | null
}

/** The rate that is wanted unless another is named, of accepts and of matches. */
const DEFAULT_RATE = 0.01

/** Chooses the distance, and the thresholds: those of the request, else those of the calibration, else none. */
export function chooseThresholds(
  asked: { readonly distance?: IdentityDistance; readonly thresholds?: Thresholds },
  known: KnownCalibration,
): ChosenThresholds {
  const calibration = known.kind === 'valid' ? known.calibration : null
  const distance = asked.distance ?? calibration?.best ?? 'nearest'
  const calibrated = calibration && calibratedBy(calibration.distances, distance)
  if (asked.thresholds !== undefined) {
    checkThresholds(asked.thresholds)
    const { thresholds } = asked
    return { distance, thresholds, source: 'request', falseAcceptRate: null, calibrated }
  }
  const row = calibrated && defaultRow(calibrated.accepts)
  if (!row) {
    const source = known.kind === 'outdated' ? 'outdated' : 'none'
    return { distance, thresholds: null, source, falseAcceptRate: null, calibrated }
  }
  const known99 = { known: row.threshold, unknown: Math.max(row.threshold, calibrated!.reach) }
  const falseAcceptRate = row.rate
  return { distance, thresholds: known99, source: 'calibration', falseAcceptRate, calibrated }
}

/** Votes order by views, and are as far as the mean of the nearest. */
function calibratedBy(
  distances: Readonly<Record<Exclude<IdentityDistance, 'votes'>, CalibratedDistance>>,
  distance: IdentityDistance,
): CalibratedDistance {
  return distances[distance === 'votes' ? 'mean-nearest' : distance]
}

type KnownRow = ThresholdRow & { readonly threshold: number }

/** Gives the row of the rate wanted by default, or of the next larger one that the trials allowed. */
export function defaultRow(rows: readonly ThresholdRow[]): KnownRow | undefined {
  return allowed(rows).findLast(({ rate }) => rate >= DEFAULT_RATE)
}

/**
 * Gives the row of the largest rate that is no more than what is wanted.
 * @throws INVALID_REQUEST where the trials were too few for such a rate.
 */
export function rowFor(rows: readonly ThresholdRow[], wanted: number): KnownRow {
  const known = allowed(rows)
  const row = known.find(({ rate }) => rate <= wanted)
  if (row !== undefined) return row
  const rates = known.map(({ rate }) => rate).join(', ') || 'none'
  throw new AppError(
    'INVALID_REQUEST',
    `/falseMatchRate: expected at least one of the rates that the calibration knows (${rates}), got ${wanted}`,
  )
}

function allowed(rows: readonly ThresholdRow[]): KnownRow[] {
  return rows.filter((row): row is KnownRow => row.threshold !== null)
}
