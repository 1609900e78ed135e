import { seededRandom } from '../vector/random.ts'
import type { SpaceKind } from '../vector/space.ts'
import { type ClusterRadius, clusterRadius } from './cluster-radius.ts'
import { type ErrorRates, errorRates, type ThresholdRow } from './error-rates.ts'
import { fitProbability, type ProbabilityStep } from './match-probability.ts'
import {
  type IdentityImages,
  matchTrials,
  nearestImpostors,
  TRIAL_DISTANCES,
  type TrialDistance,
} from './match-trials.ts'

export interface CalibratedDistance extends ErrorRates {
  /** The probability that a first candidate at a distance is the subject, for who expected either alike. */
  readonly probability: readonly ProbabilityStep[]
}

export interface CalibrationResult {
  readonly records: number
  readonly identities: number
  readonly probes: number
  /** The distance that misses fewest at a false accept rate of 1 %, or the smallest that the trials allow. */
  readonly best: TrialDistance
  readonly distances: Readonly<Record<TrialDistance, CalibratedDistance>>
  /** How near records are joined to clusters; null where that joins none rightly. */
  readonly clusters: ClusterRadius | null
}

interface CalibrateOptions {
  /** Images of each probe. */
  readonly views: number
  readonly space: SpaceKind
  readonly seed: number
  readonly pause: (done: number, total: number) => Promise<void>
  /** Is called while nothing can be awaited; what it throws ends the work. */
  readonly check?: () => void
}

/** The false accept rate at which distances are compared. */
const COMPARED_AT = 0.01

/** Calibrates every distance by labelled images. @throws NOTHING_TO_EVALUATE. */
export async function calibrate(
  images: IdentityImages,
  { views, space, seed, pause, check = () => undefined }: CalibrateOptions,
): Promise<CalibrationResult> {
  const trials = await matchTrials(images, { views, space, pause })
  const calibrated = TRIAL_DISTANCES.map((distance) => {
    const rates = errorRates(trials[distance], seededRandom(seed))
    const { genuine } = trials[distance]
    const probability = fitProbability(genuine, nearestImpostors(trials[distance]))
    return [distance, { ...rates, probability }] as const
  })
  const distances = Object.fromEntries(calibrated) as Record<TrialDistance, CalibratedDistance>
  const { identities, owners } = trials.nearest
  let best: TrialDistance = 'nearest'
  for (const distance of TRIAL_DISTANCES) {
    if (missedBy(distances[distance]) < missedBy(distances[best])) best = distance
  }
  const clusters = clusterRadius(images, space, check)
  const probes = owners.length
  return { records: images.vectors.count, identities, probes, best, distances, clusters }
}

function missedBy({ accepts }: ErrorRates): number {
  const rows = accepts.filter((row): row is ThresholdRow => row.threshold !== null)
  return (rows.findLast(({ rate }) => rate >= COMPARED_AT) ?? rows[0])?.missed ?? 1
}
