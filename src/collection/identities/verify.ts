import type { IdentityDistance } from '../../engine/query.ts'
import { distanceOfSets } from '../../index/metric/set-distance.ts'
import type { SearchParts } from '../query-vector.ts'
import { type IdentitySet, identityFieldOf, subjectViews } from './subject-views.ts'

/** The distances of two sets by themselves; votes are of all identities. */
export type PairDistance = Exclude<IdentityDistance, 'votes'>

export interface VerifyRequest<Image = Uint8Array> {
  /** One or several views of one subject; where the distance has a direction, those that look for their nearest. */
  readonly a: IdentitySet<Image>
  readonly b: IdentitySet<Image>
  /** Left out: `nearest`. */
  readonly distance?: PairDistance
  /** The largest distance of one and the same, inclusive; left out, nothing is decided. */
  readonly threshold?: number
}

export interface VerifyAnswer {
  /** Whether both are the same; null without a threshold. */
  readonly same: boolean | null
  readonly distance: number
  readonly threshold: number | null
  readonly source: 'request' | 'none'
}

/** Compares two subjects. @throws as `subjectViews`; COLLECTION_WITHOUT_IDENTITIES for one that is named by its identity. */
export async function verify(
  { a, b, distance = 'nearest', threshold }: VerifyRequest,
  parts: SearchParts,
  signal?: AbortSignal,
): Promise<VerifyAnswer> {
  const { spec } = parts.generation
  if (a.kind === 'identity' || b.kind === 'identity') identityFieldOf(spec)
  const [one, other] = await Promise.all([
    subjectViews(a, parts, signal),
    subjectViews(b, parts, signal),
  ])
  const far = distanceOfSets(distance, one.vectors, other.vectors, spec.metric)
  if (threshold === undefined) return { same: null, distance: far, threshold: null, source: 'none' }
  return { same: far <= threshold, distance: far, threshold, source: 'request' }
}
