import type { FoundRecordSet } from '../engine/embedded/identities/gallery-sets.ts'
import type { Identities } from '../engine/embedded/identities/identities.ts'
import type { IdentityValue } from '../engine/identity-value.ts'
import type { SearchLevel } from '../index/row-index.ts'
import type { Clock } from './image-embedding.ts'
import { type ExampleParts, resolveExamples } from './query-vector.ts'
import type { QueryExample, SearchAnswer } from './service.ts'

/** A set to search by: that of an identity, which is left out of the answer, or one of its own. */
export type IdentityQuery<Image = Uint8Array> =
  | { readonly kind: 'identity'; readonly identity: IdentityValue }
  | { readonly kind: 'examples'; readonly examples: readonly QueryExample<Image>[] }

export interface IdentitySearchRequest<Image = Uint8Array> {
  readonly query: IdentityQuery<Image>
  /** Null: 10, or where there is a radius all within it, up to MAX_IDENTITY_K. */
  readonly k: number | null
  /** In the unit of `distance`, inclusive. */
  readonly radius: number | null
  readonly explain: boolean
}

export const MAX_IDENTITY_K = 1000
const DEFAULT_IDENTITY_K = 10

interface IdentityMatch {
  readonly identity: IdentityValue
  /** Hausdorff distance of the sets. */
  readonly distance: number
  /** In its set. */
  readonly records: number
  /** Its record that is nearest to any example of the query: of those that tie, the one stored first. */
  readonly nearest: { readonly id: string; readonly distance: number }
}

export interface IdentitySearchAnswer {
  /** By distance, then value. */
  readonly identities: readonly IdentityMatch[]
  readonly exact: true
  /** False when there are more within the radius than fit, or identities too large to compare. */
  readonly complete: boolean
  /** Up to 100 of the identities that were not compared. */
  readonly tooLarge: readonly IdentityValue[]
  readonly explain?: {
    readonly plan: string
    /** Identities that were searched. */
    readonly identities: number
    readonly levels: readonly SearchLevel[]
    /** Hausdorff distances computed. */
    readonly distances: number
  }
  readonly timings: SearchAnswer['timings']
}

const MAX_NAMED = 100

export async function searchIdentities(
  request: IdentitySearchRequest,
  { identities, clock, ...parts }: ExampleParts & { identities: Identities; clock: Clock },
  signal?: AbortSignal,
): Promise<IdentitySearchAnswer> {
  const started = clock()
  const { query, k, radius } = request
  const examples = query.kind === 'examples' ? query.examples : []
  const resolved = await resolveExamples(examples, parts, signal)
  const of =
    query.kind === 'identity'
      ? ({ kind: 'set', name: query.identity } as const)
      : ({ kind: 'vectors', vectors: resolved.map(({ vector }) => vector) } as const)
  const ready = clock()
  const most = k ?? (radius === null ? DEFAULT_IDENTITY_K : MAX_IDENTITY_K)
  // Without k one more than fits, to know whether something is left.
  const wanted = k === null && radius !== null ? most + 1 : most
  const asked = { of, k: wanted, radius: radius ?? Number.POSITIVE_INFINITY }
  const { found, levels, sets, tooLarge } = await identities.search(asked, signal)
  const done = clock()
  return {
    identities: found.slice(0, most).map(toMatch),
    exact: true,
    complete: found.length <= most && tooLarge.length === 0,
    tooLarge: tooLarge.slice(0, MAX_NAMED),
    ...(request.explain && { explain: explain(levels, sets) }),
    timings: {
      decodeMs: Math.max(0, ...resolved.map(({ decodeMs }) => decodeMs)),
      embedMs: Math.max(0, ...resolved.map(({ embedMs }) => embedMs)),
      searchMs: done - ready,
      totalMs: done - started,
    },
  }
}

function toMatch({ name, distance, size, nearest }: FoundRecordSet): IdentityMatch {
  return { identity: name, distance, records: size, nearest }
}

function explain(all: readonly SearchLevel[], identities: number) {
  const levels = all.filter(({ candidates }) => candidates > 0)
  return {
    plan: levels.map(({ name }) => name).join(' and ') || 'm-tree',
    identities,
    levels,
    distances: levels.reduce((sum, { candidates }) => sum + candidates, 0),
  }
}
