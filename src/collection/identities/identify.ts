import type { Filter } from '../../engine/filter.ts'
import type { IdentityValue } from '../../engine/identity-value.ts'
import type { IdentityDistance } from '../../engine/query.ts'
import { probabilityAt } from '../../evaluation/match-probability.ts'
import { type CameraRequest, camerasLeftOut } from '../own-cameras.ts'
import type { SearchParts } from '../query-vector.ts'
import type { SearchAnswer } from '../requests.ts'
import type { KnownCalibration } from './calibration.ts'
import { type Candidate, type Candidates, findCandidates } from './candidates.ts'
import { type Decision, decide, type Thresholds } from './decision.ts'
import { type IdentitySet, identityFieldOf, subjectRecords, subjectViews } from './subject-views.ts'
import { chooseThresholds, type ThresholdSource } from './thresholds.ts'

export interface IdentifyRequest<Image = Uint8Array> extends CameraRequest {
  /** One or several views of one subject. Records among them, or those of an identity, are left out of the answer. */
  readonly query: IdentitySet<Image>
  /** The most candidates, 1 to MAX_CANDIDATES. */
  readonly k: number
  /** Left out: the best by the calibration, else `nearest`. */
  readonly distance?: IdentityDistance
  readonly filter: Filter | null
  /** Left out: those of the calibration; without one no decision is taken. */
  readonly thresholds?: Thresholds
  readonly explain: boolean
}

export const DEFAULT_CANDIDATES = 5
export const MAX_CANDIDATES = 100

export interface IdentifyAnswer {
  readonly decision: Decision
  /** The identity that the subject is known to be; null with every other decision. */
  readonly identity: IdentityValue | null
  readonly distance: IdentityDistance
  /** `none`: both are null. */
  readonly thresholds: {
    readonly known: number | null
    readonly unknown: number | null
    readonly source: ThresholdSource
    /** Of calibrated ones, the rate at which subjects who are not stored are taken for somebody; else null. */
    readonly falseAcceptRate: number | null
  }
  /** The nearest first. */
  readonly candidates: readonly (Candidate & {
    /** Of being the subject, where the distance is calibrated. */
    readonly probability?: number
  })[]
  readonly exact: true
  readonly complete: boolean
  readonly explain?: Pick<Candidates, 'plan'>
  readonly timings: SearchAnswer['timings']
}

/**
 * Says who a subject is: the nearest identities, and whether the first of them is near enough.
 * @throws COLLECTION_WITHOUT_IDENTITIES, IDENTITY_NOT_FOUND, IDENTITY_TOO_LARGE, INVALID_REQUEST.
 */
export async function identify(
  { query, k, filter, explain, ...asked }: IdentifyRequest,
  parts: SearchParts,
  calibration: KnownCalibration,
  signal?: AbortSignal,
): Promise<IdentifyAnswer> {
  const { generation, clock } = parts
  const started = clock()
  const { distance, thresholds, source, falseAcceptRate, calibrated } = chooseThresholds(
    asked,
    calibration,
  )
  identityFieldOf(generation.spec)
  const cameras = await camerasLeftOut(asked, generation.spec, () => subjectRecords(query, parts))
  const views = await subjectViews(query, parts, signal)
  const { decodeMs, embedMs } = views
  const ready = clock()
  const except = query.kind === 'identity' ? query.identity : null
  const wanted = { views, distance, k, filter, cameras, except }
  const { candidates, complete, plan } = await findCandidates(wanted, parts, signal)
  const done = clock()
  const [first] = candidates
  const decision = decide(first?.distance ?? null, thresholds)
  return {
    decision,
    identity: decision === 'known' ? first!.identity : null,
    distance,
    thresholds: {
      known: thresholds?.known ?? null,
      unknown: thresholds?.unknown ?? null,
      source,
      falseAcceptRate,
    },
    candidates:
      calibrated === null
        ? candidates
        : candidates.map(({ best, ...one }) => {
            return {
              ...one,
              probability: probabilityAt(calibrated.probability, one.distance),
              best,
            }
          }),
    exact: true,
    complete,
    ...(explain && { explain: { plan } }),
    timings: { decodeMs, embedMs, searchMs: done - ready, totalMs: done - started },
  }
}
