import { compareIds } from '../../engine/collection-spec.ts'
import type { Filter } from '../../engine/filter.ts'
import type { IdentityValue } from '../../engine/identity-value.ts'
import { type EngineMatch, type IdentityDistance, NEAREST_IDS } from '../../engine/query.ts'
import { mapBounded } from '../../scheduling/map-bounded.ts'
import { withoutCameras } from '../own-cameras.ts'
import type { SearchParts } from '../query-vector.ts'
import { identityFieldOf, type SubjectViews } from './subject-views.ts'

/** An identity that a subject may be. */
export interface Candidate {
  readonly identity: IdentityValue
  readonly distance: number
  /** The number of views whose nearest identity it is, where they vote. */
  readonly votes?: number
  /** Views of the subject with the record of the identity that is nearest to each, the nearest first; ten at most. */
  readonly best: readonly Match[]
}

interface Match {
  /** The place of the view in the query, from 0. */
  readonly view: number
  readonly id: string
  readonly distance: number
}

export interface CandidateQuery {
  readonly views: SubjectViews
  readonly distance: IdentityDistance
  readonly k: number
  readonly filter: Filter | null
  /** Cameras whose records are left out. */
  readonly cameras: readonly IdentityValue[]
  /** An identity that is left out. */
  readonly except: IdentityValue | null
}

export interface Candidates {
  readonly candidates: readonly Candidate[]
  /** False where identities were too large to be compared. */
  readonly complete: boolean
  /** The index that answered: that of the records, or the sets of identities. */
  readonly plan: 'records' | 'sets'
}

const MAX_BEST = 10
/** Views whose nearest records are searched for at once. */
const VIEWS_AT_ONCE = 8

/**
 * Finds the identities nearest to a subject, the records that it is made of left out. By `nearest` they come from the index of
 * the records, which is made to find the nearest fast, and knows no bound on the size of an identity. So they do where it comes
 * to the same: the mean over one view is that of its nearest record, and its one vote is for the nearest identity.
 */
export async function findCandidates(
  query: CandidateQuery,
  parts: SearchParts,
  signal?: AbortSignal,
): Promise<Candidates> {
  const { distance, views } = query
  const isOneView = views.vectors.length === 1
  const isNearest = distance === 'nearest' || (isOneView && distance === 'mean-nearest')
  const isOneVote = isOneView && distance === 'votes'
  if (!isNearest && !isOneVote) return await bySets(query, parts, signal)
  const { candidates, ...found } = await byRecords(query, parts, signal)
  if (isNearest) return { candidates, ...found }
  const voted = candidates.map(({ best, ...one }, i) => ({ ...one, votes: i === 0 ? 1 : 0, best }))
  return { candidates: voted, ...found }
}

/**
 * Merges what each view finds. Of the k nearest identities of all views each is among the k nearest of the view that is
 * nearest to it: what comes before it there comes before it here too.
 */
async function byRecords(
  { views, k, filter, cameras, except }: CandidateQuery,
  { generation }: SearchParts,
  signal?: AbortSignal,
): Promise<Candidates> {
  const { spec } = generation
  const asked = {
    ...NEAREST_IDS,
    k: k + 1,
    limit: k + 1,
    filter: withoutCameras(filter, spec.cameraField, cameras),
    without: views.ids,
    groupBy: identityFieldOf(spec),
  }
  const found = await mapBounded(views.vectors, VIEWS_AT_ONCE, async (vector) => {
    const { matches } = await generation.search({ ...asked, vector }, signal)
    return matches
  })
  const matches = found.flatMap((ofView, view) => ofView.map((match) => ({ ...match, view })))
  matches.sort(compareMatches)
  const best = new Map<IdentityValue, Match[]>()
  for (const { group, view, id, distance } of matches) {
    if (group === undefined || group === except) continue
    best.set(group, [...(best.get(group) ?? []), { view, id, distance }])
  }
  const candidates = Array.from(best, ([identity, all]): Candidate => {
    return { identity, distance: all[0]!.distance, best: all.slice(0, MAX_BEST) }
  })
  return { candidates: candidates.slice(0, k), complete: true, plan: 'records' }
}

async function bySets(
  { views, distance, k, filter, cameras, except }: CandidateQuery,
  { generation }: SearchParts,
  signal?: AbortSignal,
): Promise<Candidates> {
  identityFieldOf(generation.spec)
  const query = {
    by: { kind: 'vectors', vectors: views.vectors },
    distance,
    k: k + 1,
    radius: Number.POSITIVE_INFINITY,
    withoutCameras: cameras,
    filter,
    without: views.ids,
  } as const
  const { matches, tooLarge } = await generation.searchIdentities(query, signal)
  const candidates = matches
    .filter(({ identity }) => identity !== except)
    .map(({ identity, distance: far, votes, best }): Candidate => {
      const all = best.map((match, view) => ({ view, ...match })).sort(compareMatches)
      const voted = votes === undefined ? {} : { votes }
      return { identity, distance: far, ...voted, best: all.slice(0, MAX_BEST) }
    })
  return { candidates: candidates.slice(0, k), complete: tooLarge.length === 0, plan: 'sets' }
}

function compareMatches(
  a: Pick<EngineMatch, 'id' | 'distance'> & { readonly view: number },
  b: Pick<EngineMatch, 'id' | 'distance'> & { readonly view: number },
): number {
  return a.distance - b.distance || compareIds(a.id, b.id) || a.view - b.view
}
