import type { Static } from 'typebox'
import { DEFAULT_LIMIT } from '../../collection/requests.ts'
import {
  DEFAULT_CANDIDATES,
  DEFAULT_NEIGHBOURS,
  MAX_CANDIDATES,
  MAX_NEIGHBOURS,
  type Rerank,
} from '../../collection/rerank/rerank.ts'
import { DEFAULT_K } from '../../engine/query.ts'
import { invalidRequest } from '../schema-check.ts'
import { closed, oneOf, Type, upTo } from '../schemas/type.ts'

/** Encodings of more would take seconds to make and to compare. */
const MAX_RECIPROCAL = 50

/** The member `rerank` of a search. */
export const RerankSchema = closed(
  {
    method: oneOf(
      ['k-reciprocal', 'query-expansion'],
      '`k-reciprocal`: the nearest records in a new order, by the neighbours that they have in common with the query; `query-expansion`: what is nearest to the mean of the query and its nearest records.',
    ),
    k1: Type.Optional(upTo(MAX_RECIPROCAL, 'k-reciprocal: neighbours looked at; 20 unless given.')),
    k2: Type.Optional(
      upTo(
        MAX_RECIPROCAL,
        'k-reciprocal: neighbours whose encodings are averaged; 6 unless given.',
      ),
    ),
    lambda: Type.Optional(
      Type.Number({
        minimum: 0,
        maximum: 1,
        description: 'k-reciprocal: the share of the original distance; .3 unless given.',
      }),
    ),
    candidates: Type.Optional(
      upTo(
        MAX_CANDIDATES,
        `k-reciprocal: the nearest records that are put in a new order, at least k; ${DEFAULT_CANDIDATES} or k unless given.`,
      ),
    ),
    neighbours: Type.Optional(
      upTo(
        MAX_NEIGHBOURS,
        `query-expansion: the nearest records that are averaged with the query; ${DEFAULT_NEIGHBOURS} unless given.`,
      ),
    ),
  },
  { title: 'Rerank', examples: [{ method: 'k-reciprocal', k1: 20, k2: 6, lambda: 0.3 }] },
)

/** The answer's own member, for requests that asked for it. */
export const RerankSummarySchema = closed(
  {
    method: Type.String(),
    records: Type.Integer({
      description: 'Records that were put in a new order, or averaged with the query.',
    }),
    exactFor: oneOf(
      ['candidates', 'expanded-query'],
      'What `exact` says. `candidates`: that these are the nearest, in the order of the method among each other; records beyond them had no part. `expanded-query`: that both searches, by the query and by the mean, are exact.',
    ),
  },
  { title: 'RerankSummary' },
)

export const RerankPlanSchema = closed(
  {
    entered: Type.Array(Type.String(), {
      description: 'Ids that re-ranking brought among the matches.',
    }),
    left: Type.Array(Type.String(), { description: 'Ids that went for them.' }),
    moved: Type.Integer({ description: 'Matches that were among them, at another place.' }),
    distances: Type.Integer({ description: 'Distances computed beside those of the search.' }),
  },
  { title: 'RerankPlan', description: 'What re-ranking changed.' },
)

const MEMBERS = {
  'k-reciprocal': ['k1', 'k2', 'lambda', 'candidates'],
  'query-expansion': ['neighbours'],
} as const

interface Beside {
  readonly rerank?: Static<typeof RerankSchema>
  readonly k?: number
  readonly radius?: number
  readonly limit?: number
  readonly groupBy?: string
  readonly cursor?: string | null
}

/** Reads the member `rerank`. @throws INVALID_REQUEST for what would change nothing, or has no meaning beside it. */
export function rerankRequest(body: Beside): { readonly rerank?: Rerank } {
  const { rerank, k = DEFAULT_K, limit = DEFAULT_LIMIT } = body
  if (rerank === undefined) return {}
  const { method, ...given } = rerank
  const known: readonly string[] = MEMBERS[method]
  for (const name of Object.keys(given)) {
    if (known.includes(name)) continue
    throw invalidRequest(
      `/rerank/${name}: expected ${known.join(', ')} beside method ${method}, got ${name}`,
    )
  }
  const most = method === 'k-reciprocal' ? (rerank.candidates ?? MAX_CANDIDATES) : limit
  if (k > Math.min(most, limit, MAX_CANDIDATES)) {
    const bound = Math.min(most, limit, MAX_CANDIDATES)
    throw invalidRequest(
      `/k: expected at most ${bound} beside rerank (its candidates, limit, and ${MAX_CANDIDATES}), got ${k}`,
    )
  }
  if (body.groupBy !== undefined) throw notBeside('groupBy')
  if (typeof body.cursor === 'string') throw notBeside('cursor')
  if (body.radius !== undefined && method === 'query-expansion') {
    throw invalidRequest(
      `/radius: expected none beside rerank ${method}, which moves the query, got ${body.radius}`,
    )
  }
  if (body.radius !== undefined && body.k === undefined) {
    throw invalidRequest('/radius: expected k beside it where rerank is given, got radius alone')
  }
  return { rerank: method === 'k-reciprocal' ? { method, ...given } : { method, ...given } }
}

function notBeside(name: string) {
  return invalidRequest(
    `/${name}: expected none beside rerank, whose answer comes in one piece, got one`,
  )
}
