import type { IdentityValue } from '../engine/identity-value.ts'
import type { IdentityDistance, IdentityMatch } from '../engine/query.ts'
import { type IdentitySet, subjectRecords } from './identities/subject-views.ts'
import { type CameraRequest, camerasLeftOut } from './own-cameras.ts'
import { exampleVectors, longest, type SearchParts } from './query-vector.ts'
import type { SearchAnswer } from './requests.ts'

export interface IdentitySearchRequest<Image = Uint8Array> extends CameraRequest {
  readonly query: IdentitySet<Image>
  /** Left out: `hausdorff`. */
  readonly distance?: IdentityDistance
  /** Null: 10, or with a radius all within it, up to MAX_IDENTITY_K. */
  readonly k: number | null
  /** In the unit of `distance`, inclusive. */
  readonly radius: number | null
  readonly explain: boolean
}

export const MAX_IDENTITY_K = 1000
const DEFAULT_IDENTITY_K = 10
const MAX_NAMED = 100

export interface IdentitySearchAnswer {
  /** By votes, where there are any, then distance, then value. */
  readonly identities: readonly Omit<IdentityMatch, 'best'>[]
  readonly exact: true
  /** False when there are more within the radius than fit, or identities too large to compare. */
  readonly complete: boolean
  /** Up to 100 of the identities that were not compared. */
  readonly tooLarge: readonly IdentityValue[]
  readonly explain?: {
    /** Every identity is compared. */
    readonly plan: 'scan'
    /** The number of identities that were searched. */
    readonly identities: number
    /** The number of distances of sets computed. */
    readonly distances: number
  }
  readonly timings: SearchAnswer['timings']
}

/** Finds the identities whose records, as a set, are nearest to a set. @throws as `PinnedGeneration.searchIdentities`. */
export async function searchIdentities(
  { query, distance = 'hausdorff', k, radius, explain, ...own }: IdentitySearchRequest,
  parts: SearchParts,
  signal?: AbortSignal,
): Promise<IdentitySearchAnswer> {
  const { generation, clock } = parts
  const started = clock()
  const withoutCameras = await camerasLeftOut(own, generation.spec, () =>
    subjectRecords(query, parts),
  )
  const made = await exampleVectors(query.kind === 'examples' ? query.examples : [], parts, signal)
  const vectors = made.map(({ vector }) => vector)
  const by = query.kind === 'identity' ? query : ({ kind: 'vectors', vectors } as const)
  const ready = clock()
  const most = k ?? (radius === null ? DEFAULT_IDENTITY_K : MAX_IDENTITY_K)
  // Without k one more than fits, to know whether something is left.
  const wanted = k === null && radius !== null ? most + 1 : most
  const answer = await generation.searchIdentities(
    { by, distance, k: wanted, radius: radius ?? Number.POSITIVE_INFINITY, withoutCameras },
    signal,
  )
  const done = clock()
  const { matches, tooLarge, identities, compared } = answer
  const explained = { plan: 'scan', identities, distances: compared } as const
  return {
    identities: matches.slice(0, most).map(({ best: _, ...match }) => match),
    exact: true,
    complete: matches.length <= most && tooLarge.length === 0,
    tooLarge: tooLarge.slice(0, MAX_NAMED),
    ...(explain && { explain: explained }),
    timings: { ...longest(made), searchMs: done - ready, totalMs: done - started },
  }
}
