import type { IdentityDistance } from '../../engine/query.ts'
import { probabilityAt } from '../../evaluation/match-probability.ts'
import { distanceOfSets } from '../../index/sets/set-distance.ts'
import type { SearchParts } from '../query-vector.ts'
import { type KnownCalibration, validCalibration } from './calibration.ts'
import { type IdentitySet, identityFieldOf, subjectViews } from './subject-views.ts'
import { defaultRow, rowFor, type ThresholdSource } from './thresholds.ts'

/** The distances of two sets by themselves; votes are of all identities. */
export type PairDistance = Exclude<IdentityDistance, 'votes'>

export interface VerifyRequest<Image = Uint8Array> {
  /** One or several views of one subject; where the distance has a direction, those that look for their nearest. */
  readonly a: IdentitySet<Image>
  readonly b: IdentitySet<Image>
  /** Left out: the best by the calibration, else `nearest`. */
  readonly distance?: PairDistance
  /** The largest distance of one and the same, inclusive. */
  readonly threshold?: number
  /** The false match rate whose threshold is taken from the calibration; left out, .01 or the next larger one that is known. */
  readonly falseMatchRate?: number
}

export interface VerifyAnswer {
  /** Whether both are the same; null without a threshold, as there is where nothing is calibrated and none is given. */
  readonly same: boolean | null
  readonly distance: number
  /** The distance that was taken. */
  readonly by: PairDistance
  readonly threshold: number | null
  readonly source: ThresholdSource
  /** Of being the same, where the distance is calibrated. */
  readonly probability: number | null
  /** Expected of a threshold of the calibration; else null. */
  readonly falseMatchRate: number | null
  readonly falseNonMatchRate: number | null
}

/** Compares two subjects. @throws as `subjectViews`; COLLECTION_WITHOUT_IDENTITIES for one that is named by its identity. */
export async function verify(
  { a, b, threshold, falseMatchRate, ...asked }: VerifyRequest,
  parts: SearchParts,
  known: KnownCalibration,
  signal?: AbortSignal,
): Promise<VerifyAnswer> {
  const { spec } = parts.generation
  if (a.kind === 'identity' || b.kind === 'identity') identityFieldOf(spec)
  if (falseMatchRate !== undefined) validCalibration(known, spec.name)
  const calibration = known.kind === 'valid' ? known.calibration : null
  const distance = asked.distance ?? calibration?.best ?? 'nearest'
  const calibrated = calibration?.distances[distance]
  const [one, other] = await Promise.all([
    subjectViews(a, parts, signal),
    subjectViews(b, parts, signal),
  ])
  const far = distanceOfSets(distance, one.vectors, other.vectors, spec.metric)
  const probability = calibrated ? probabilityAt(calibrated.probability, far) : null
  const answer = { distance: far, by: distance, probability }
  const none = { falseMatchRate: null, falseNonMatchRate: null }
  if (threshold !== undefined) {
    return { same: far <= threshold, ...answer, threshold, source: 'request', ...none }
  }
  if (calibrated === undefined) {
    const source = known.kind === 'outdated' ? 'outdated' : 'none'
    return { same: null, ...answer, threshold: null, source, ...none }
  }
  const row =
    falseMatchRate === undefined
      ? defaultRow(calibrated.matches)
      : rowFor(calibrated.matches, falseMatchRate)
  if (row === undefined) return { same: null, ...answer, threshold: null, source: 'none', ...none }
  const rates = { falseMatchRate: row.rate, falseNonMatchRate: row.missed }
  const source = 'calibration'
  return { same: far <= row.threshold, ...answer, threshold: row.threshold, source, ...rates }
}
