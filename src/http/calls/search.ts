import type { Static } from 'typebox'
import type { SearchRequest } from '../../collection/requests.ts'
import {
  DEFAULT_LIMIT,
  MAX_EF,
  MAX_GROUP_SIZE,
  MAX_K,
  MAX_LIMIT,
} from '../../collection/requests.ts'
import { parseFilter } from '../../engine/filter.ts'
import { DEFAULT_K, HITS_A_GROUPED_MATCH, MAX_APPROXIMATE_K } from '../../engine/query.ts'
import { shown } from '../../errors.ts'
import type { ImageSource } from '../body/image-source.ts'
import { parseJson } from '../body/json-text.ts'
import { type App, type CallContext, call, json } from '../call.ts'
import { sendWithList, withPlainVectors } from '../json-answer.ts'
import { checkK, type QueryLimits } from '../query-limits.ts'
import { createParser, invalidRequest } from '../schema-check.ts'
import * as shared from '../schemas/shared.ts'
import { closed, oneOf, orNull, partial, Type, upTo } from '../schemas/type.ts'
import { cameraMembers, cameraRequest } from './camera-members.ts'
import {
  RerankPlanSchema,
  RerankSchema,
  RerankSummarySchema,
  rerankRequest,
} from './rerank-members.ts'
import {
  combinedWithBytes,
  readSearch,
  SearchQuerySchema,
  toCombined,
  toQuery,
  withImageBytes,
} from './search-query.ts'

/** Beside diversity: each match is compared with all of them. */
const MAX_CANDIDATES = 1000
const LEAST_CANDIDATES = 50
const CANDIDATES_A_MATCH = 5
const NOT_DIVERSE = ['groupBy', 'cursor', 'farthest', 'rerank'] as const
const NOT_COMBINED = [
  ...(['groupBy', 'cursor', 'farthest', 'diversity', 'sameCamera', 'camera'] as const),
  ...(['accuracy', 'ef', 'exactIndex', 'rerank'] as const),
] as const
const NOT_FARTHEST = [
  ...(['radius', 'groupBy', 'cursor', 'diversity'] as const),
  ...(['accuracy', 'ef', 'exactIndex', 'rerank'] as const),
] as const

const SearchBody = partial(
  {
    query: SearchQuerySchema,
    k: upTo(MAX_K),
    radius: Type.Number({
      minimum: 0,
      description: 'Largest distance, inclusive, in its own unit.',
    }),
    filter: shared.Filter,
    groupBy: Type.String({ minLength: 1, maxLength: 256, description: 'A metadata field.' }),
    groupSize: upTo(MAX_GROUP_SIZE),
    farthest: Type.Boolean({
      description: 'The k farthest in place of the nearest, farthest first.',
    }),
    diversity: Type.Number({
      minimum: 0,
      maximum: 1,
      description:
        'What being unlike the other matches counts for, beside being near: maximal marginal relevance.',
    }),
    candidates: upTo(MAX_CANDIDATES, 'Beside `diversity`: nearest records that are chosen from.'),
    accuracy: oneOf(
      ['auto', 'exact', 'approximate'],
      '`approximate`: by the graph, where it is ready; `auto`: only where exact is predicted to take longer than the latency budget.',
    ),
    ef: upTo(
      MAX_EF,
      'Beside accuracy `approximate`: candidates that the graph keeps in sight; unless given, as many as reach the recall target.',
    ),
    exactIndex: oneOf(
      ['scan', 'vp-tree', 'm-tree'],
      'The index that exact answers come from; they are equal. Not beside accuracy `approximate`.',
    ),
    ...cameraMembers,
    rerank: RerankSchema,
    include: Type.Array(oneOf(['metadata', 'vector', 'explain'], 'What to add.'), {
      maxItems: 3,
      uniqueItems: true,
    }),
    limit: upTo(MAX_LIMIT, 'Matches in one answer.'),
    cursor: shared.Cursor,
  },
  {
    title: 'SearchRequest',
    examples: [{ query: { id: 'cats/1.jpg' }, k: 5, include: ['metadata'] }],
  },
)

const SearchForm = closed({
  request: Type.Optional(SearchBody),
  image: shared.files('One image, or several views of one subject.'),
})

const SearchAnswer = closed(
  {
    matches: Type.Array(
      closed(
        {
          id: Type.String(),
          distance: Type.Number(),
          similarity: Type.Optional(Type.Number({ description: 'The cosine, under cosine.' })),
          reranked: Type.Optional(
            Type.Number({ description: 'With `rerank`: the distance that the order is by.' }),
          ),
          metadata: Type.Optional(shared.Metadata),
          vector: Type.Optional(shared.Vector),
          group: Type.Optional(shared.IdentityValue),
        },
        { title: 'Match' },
      ),
      { description: 'By `reranked`, where there is one, then distance, then id.' },
    ),
    exact: Type.Boolean(),
    complete: Type.Boolean({ description: 'False when `limit` cut the answer.' }),
    cursor: orNull(Type.String()),
    rerank: Type.Optional(RerankSummarySchema),
    explain: Type.Optional(
      closed(
        {
          plan: Type.String(),
          ef: Type.Optional(
            Type.Integer({ description: 'Candidates that the graph kept in sight.' }),
          ),
          recall: Type.Optional(
            orNull(shared.MeasuredRecall, {
              description: 'Of answers by the graph: as measured; null before that.',
            }),
          ),
          levels: Type.Array(closed({ name: Type.String(), candidates: Type.Integer() })),
          distances: Type.Integer({ description: 'Distances computed in full.' }),
          predictedMs: Type.Optional(
            Type.Number({
              description:
                'What the planner expected of the search; left out where there was one way to answer it.',
            }),
          ),
          measuredMs: Type.Number({ description: 'What it took, with waiting for others.' }),
          rerank: Type.Optional(RerankPlanSchema),
        },
        { title: 'Explanation' },
      ),
    ),
    timings: shared.Timings,
  },
  {
    title: 'SearchAnswer',
    examples: [
      {
        matches: [
          { id: 'cats/2.jpg', distance: 0.12, similarity: 0.88, metadata: { label: 'cat' } },
        ],
        exact: true,
        complete: true,
        cursor: null,
        timings: { decodeMs: 0, embedMs: 0, searchMs: 0.4, totalMs: 0.5 },
      },
    ],
  },
)

const parseBody = createParser(SearchBody)

export function readSearchBody(body: Uint8Array, limits: QueryLimits): SearchRequest<ImageSource> {
  return toRequest(parseJson(body), [], limits)
}

/** @param files images that came beside the JSON, as parts of a form. */
function toRequest(
  input: unknown,
  files: readonly Uint8Array[],
  limits: QueryLimits,
): SearchRequest<ImageSource> {
  const body = parseBody(input)
  checkK(body.k, limits)
  if (body.groupSize !== undefined && body.groupBy === undefined) {
    throw invalidRequest(
      `/groupSize: expected groupBy beside it, got groupSize ${body.groupSize} alone`,
    )
  }
  checkAccuracy(body)
  const { query: given = {} } = body
  const combined = toCombined(given, files)
  checkOrder(body, combined !== null)
  return {
    ...(combined && { combined }),
    query: combined === null ? toQuery(given, files) : { positive: [], negative: [] },
    k: body.k ?? null,
    radius: body.radius ?? null,
    filter: body.filter === undefined ? null : parseFilter(body.filter, limits.maxFilterConditions),
    groupBy: body.groupBy ?? null,
    groupSize: body.groupSize ?? 1,
    exactIndex: body.exactIndex ?? 'scan',
    accuracy: body.accuracy ?? 'auto',
    ...(body.ef !== undefined && { ef: body.ef }),
    ...(body.farthest && { farthest: true }),
    ...(body.diversity !== undefined && { diversify: diversifyOf(body, body.diversity) }),
    ...cameraRequest(body),
    ...rerankRequest(body),
    include: body.include ?? [],
    limit: body.limit ?? DEFAULT_LIMIT,
    cursor: body.cursor ?? null,
  }
}

/** @throws INVALID_REQUEST for members of one accuracy beside another, which would change nothing. */
function checkAccuracy(body: Static<typeof SearchBody>): void {
  const { accuracy, ef, exactIndex, k = null, radius, limit = DEFAULT_LIMIT, cursor } = body
  const { groupBy, groupSize = 1 } = body
  if (exactIndex !== undefined && accuracy === 'approximate') {
    throw invalidRequest(
      `/exactIndex: expected accuracy "exact" or "auto" beside it, got ${shown(accuracy)}`,
    )
  }
  if (ef === undefined) return
  if (accuracy !== 'approximate') {
    throw invalidRequest(
      `/ef: expected accuracy "approximate" beside it, got ${accuracy === undefined ? 'none' : shown(accuracy)}`,
    )
  }
  const wanted = k ?? (radius === undefined ? DEFAULT_K : null)
  if (wanted === null || wanted > MAX_APPROXIMATE_K) {
    throw invalidRequest(
      `/ef: expected k of at most ${MAX_APPROXIMATE_K} beside it, as more is answered exactly, got ${k === null ? 'radius alone' : `k ${k}`}`,
    )
  }
  const matches = groupBy === undefined ? wanted : wanted * groupSize
  const product = groupBy === undefined ? `k ${wanted}` : `k ${wanted} × groupSize ${groupSize}`
  if (limit < matches || typeof cursor === 'string') {
    throw invalidRequest(
      `/ef: expected an answer in one piece beside it, as pages are answered exactly, got ${typeof cursor === 'string' ? 'a cursor' : `limit ${limit} below ${product}`}`,
    )
  }
  if (groupBy !== undefined && matches * HITS_A_GROUPED_MATCH > MAX_APPROXIMATE_K) {
    const most = Math.floor(MAX_APPROXIMATE_K / HITS_A_GROUPED_MATCH)
    throw invalidRequest(
      `/ef: expected at most ${most} matches of groups beside it, as more are found exactly, got ${product}`,
    )
  }
}

/** @throws INVALID_REQUEST for members that an order of its own has no place for. */
function checkOrder(body: Static<typeof SearchBody>, isCombined: boolean): void {
  const { farthest, diversity, candidates, k = DEFAULT_K } = body
  const own = farthest ? 'farthest' : diversity === undefined ? null : 'diversity'
  const order = isCombined ? 'query.all' : own
  if (candidates !== undefined && (diversity === undefined || candidates < k)) {
    const wanted = diversity === undefined ? 'diversity beside it' : `at least k, ${k}`
    throw invalidRequest(`/candidates: expected ${wanted}, got candidates ${candidates}`)
  }
  if (order === null) return
  const others = isCombined ? NOT_COMBINED : farthest ? NOT_FARTHEST : NOT_DIVERSE
  for (const name of others) {
    if (body[name] === undefined || body[name] === null) continue
    throw invalidRequest(`/${name}: expected none beside ${order}, got ${shown(body[name])}`)
  }
  if (diversity !== undefined && k > MAX_CANDIDATES) {
    throw invalidRequest(`/k: expected at most ${MAX_CANDIDATES} beside diversity, got ${k}`)
  }
}

function diversifyOf(
  { k = DEFAULT_K, candidates }: Static<typeof SearchBody>,
  diversity: number,
): NonNullable<SearchRequest['diversify']> {
  const usual = Math.min(MAX_CANDIDATES, Math.max(LEAST_CANDIDATES, CANDIDATES_A_MATCH * k))
  return { diversity, candidates: candidates ?? usual }
}

export function registerSearch(app: App, context: CallContext): void {
  call(app, 'search', 'POST /v1/collections/:collection/search', {
    scope: 'read',
    summary: 'The nearest records, those within a radius, or both',
    tag: 'search',
    params: shared.CollectionParams,
    body: { 'application/json': SearchBody, 'multipart/form-data': SearchForm },
    answers: { 200: json('Matches by distance, then id.', SearchAnswer) },
    problems: [404, 409, 413, 415, 422],
    handler: async (request, reply) => {
      const collection = context.collections.get(request.params.collection)
      const search = await readSearch(request, context, readSearchBody, toRequest)
      const { matches, ...rest } = await context.longWork(reply, async (signal) => {
        const readImages = context.imageReader(reply, signal)
        const query = await withImageBytes(search.query, readImages)
        const { combined: given, ...rest } = search
        const combined = given && (await combinedWithBytes(given, readImages))
        return await collection.search(
          { ...rest, query, ...(combined && { combined }) },
          { signal },
        )
      })
      context.observeSearch(rest.timings)
      return sendWithList(reply, 'matches', withPlainVectors(matches), rest)
    },
  })
}
