import type { CollectionSpec } from '../../engine/collection-spec.ts'
import { AppError } from '../../errors.ts'
import type { CalibrationResult } from '../../evaluation/calibrate.ts'

/** The document of this name is kept with the collection. */
export const CALIBRATION_DOCUMENT = 'calibration'

/** What labelled records of a collection said about its distances, as it is kept with it. */
export interface Calibration extends Omit<CalibrationResult, 'clusters'> {
  /** Left out of those that are older than it. */
  readonly clusters?: CalibrationResult['clusters']
  /** The generation, and the model, whose vectors it is of. */
  readonly generation: number
  readonly model: string | null
  /** Images of each probe. */
  readonly views: number
  readonly seed: number
  /** ISO 8601, UTC. */
  readonly calibratedAt: string
}

/** A calibration that holds for the active vectors, or the reason why there is none. */
export type KnownCalibration =
  | { readonly kind: 'valid'; readonly calibration: Calibration }
  | { readonly kind: 'outdated'; readonly calibration: Calibration }
  | { readonly kind: 'none' }

/** A calibration holds for the model that made its vectors alone. */
export function judged(
  calibration: Calibration | null,
  { generation, spec }: { readonly generation: number; readonly spec: CollectionSpec },
): KnownCalibration {
  if (calibration === null) return { kind: 'none' }
  const isValid = calibration.generation === generation && calibration.model === spec.model
  return { kind: isValid ? 'valid' : 'outdated', calibration }
}

/** @throws CALIBRATION_NOT_FOUND, CALIBRATION_OUTDATED. */
export function validCalibration(known: KnownCalibration, collection: string): Calibration {
  if (known.kind === 'valid') return known.calibration
  if (known.kind === 'none') {
    const message = `expected a collection that was calibrated, got ${collection}, which was not`
    throw new AppError('CALIBRATION_NOT_FOUND', message)
  }
  const { model, generation } = known.calibration
  throw new AppError(
    'CALIBRATION_OUTDATED',
    `expected a calibration of the active vectors of ${collection}, got one of the model ${model}, generation ${generation}`,
  )
}
