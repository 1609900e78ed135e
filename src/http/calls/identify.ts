import {
  DEFAULT_CANDIDATES,
  type IdentifyRequest,
  MAX_CANDIDATES,
} from '../../collection/identities/identify.ts'
import { parseFilter } from '../../engine/filter.ts'
import { IDENTITY_DISTANCES } from '../../engine/query.ts'
import type { ImageSource } from '../body/image-source.ts'
import { parseJson } from '../body/json-text.ts'
import { type App, type CallContext, call, json } from '../call.ts'
import { checkK, type QueryLimits } from '../query-limits.ts'
import { createParser } from '../schema-check.ts'
import * as shared from '../schemas/shared.ts'
import { closed, oneOf, orNull, partial, Type, upTo } from '../schemas/type.ts'
import { cameraMembers, cameraRequest } from './camera-members.ts'
import { readSearch } from './search-query.ts'
import { SubjectSchema, ThresholdSource, toSubject, withSubjectBytes } from './subject-query.ts'

const Distance = oneOf(
  IDENTITY_DISTANCES,
  'How far a subject is from an identity; unless given the best by the calibration, else `nearest`. docs/identities.md says what each means.',
)

export const Thresholds = closed(
  { known: Type.Number({ minimum: 0 }), unknown: Type.Number({ minimum: 0 }) },
  {
    description:
      'Unless given, those of the calibration. Distances, inclusive: up to `known` the first candidate is the subject, beyond `unknown` the subject is nobody who is stored.',
  },
)

export const Candidates = Type.Array(
  closed({
    identity: shared.IdentityValue,
    distance: Type.Number(),
    probability: Type.Optional(
      Type.Number({ description: 'Of being the subject, where the distance is calibrated.' }),
    ),
    votes: Type.Optional(
      Type.Integer({ description: 'Views whose nearest identity it is, by `votes`.' }),
    ),
    best: Type.Array(
      closed({
        view: Type.Integer({ description: 'The place of the view in the query, from 0.' }),
        id: Type.String(),
        distance: Type.Number(),
      }),
      { description: 'Views and the record that is nearest to each, the nearest first.' },
    ),
  }),
  { description: 'Identities, the nearest first; with `votes` by their number before that.' },
)

const IdentifyBody = partial(
  {
    query: SubjectSchema,
    k: upTo(MAX_CANDIDATES, 'Candidates; 5 unless given.'),
    distance: Distance,
    filter: shared.Filter,
    thresholds: Thresholds,
    ...cameraMembers,
    include: Type.Array(oneOf(['explain'], 'What to add.'), { maxItems: 1, uniqueItems: true }),
  },
  {
    title: 'IdentifyRequest',
    examples: [{ query: { id: 'c1/000123.jpg' }, thresholds: { known: 0.2, unknown: 0.4 } }],
  },
)

const IdentifyForm = closed({
  request: Type.Optional(IdentifyBody),
  image: shared.files('Views of one subject.'),
})

const IdentifyAnswer = closed(
  {
    decision: oneOf(
      ['known', 'doubtful', 'unknown', 'undecided'],
      '`doubtful`: between the thresholds. `undecided`: there are no thresholds.',
    ),
    identity: orNull(shared.IdentityValue, { description: 'Null unless it is known.' }),
    distance: Distance,
    thresholds: closed({
      known: orNull(Type.Number()),
      unknown: orNull(Type.Number()),
      source: ThresholdSource,
      falseAcceptRate: orNull(Type.Number(), {
        description:
          'Of calibrated thresholds: the rate at which subjects who are not stored are taken for somebody.',
      }),
    }),
    candidates: Candidates,
    exact: Type.Boolean(),
    complete: Type.Boolean({
      description: 'False when identities of too many records were not compared.',
    }),
    explain: Type.Optional(
      closed({ plan: oneOf(['records', 'sets'], 'The index that answered.') }),
    ),
    timings: shared.Timings,
  },
  {
    title: 'IdentifyAnswer',
    examples: [
      {
        decision: 'known',
        identity: 'bob',
        distance: 'nearest',
        thresholds: { known: 0.2, unknown: 0.4, source: 'request', falseAcceptRate: null },
        candidates: [
          {
            identity: 'bob',
            distance: 0.12,
            best: [{ view: 0, id: 'bob/2.jpg', distance: 0.12 }],
          },
        ],
        exact: true,
        complete: true,
        timings: { decodeMs: 0, embedMs: 0, searchMs: 0.4, totalMs: 0.5 },
      },
    ],
  },
)

const parseBody = createParser(IdentifyBody)

export function readIdentifyBody(
  body: Uint8Array,
  limits: QueryLimits,
): IdentifyRequest<ImageSource> {
  return toRequest(parseJson(body), [], limits)
}

/** @param files images that came beside the JSON, as parts of a form. */
function toRequest(
  input: unknown,
  files: readonly Uint8Array[],
  limits: QueryLimits,
): IdentifyRequest<ImageSource> {
  const body = parseBody(input)
  checkK(body.k, limits)
  const { query = {}, k = DEFAULT_CANDIDATES, distance, thresholds, include = [] } = body
  return {
    query: toSubject(query, files, '/query'),
    k,
    ...(distance !== undefined && { distance }),
    ...(thresholds !== undefined && { thresholds }),
    filter: body.filter === undefined ? null : parseFilter(body.filter, limits.maxFilterConditions),
    explain: include.includes('explain'),
    ...cameraRequest(body),
  }
}

export function registerIdentify(app: App, context: CallContext): void {
  call(app, 'identify', 'POST /v1/collections/:collection/identify', {
    scope: 'read',
    summary: 'Who a subject is, or that it is nobody who is stored',
    tag: 'search',
    params: shared.CollectionParams,
    body: { 'application/json': IdentifyBody, 'multipart/form-data': IdentifyForm },
    answers: { 200: json('The decision, and the nearest identities.', IdentifyAnswer) },
    problems: [404, 409, 413, 415, 422],
    handler: async (request, reply) => {
      const collection = context.collections.get(request.params.collection)
      const asked = await readSearch(request, context, readIdentifyBody, toRequest)
      return await context.longWork(reply, async (signal) => {
        const [query] = await withSubjectBytes([asked.query], context.imageReader(reply, signal))
        return await collection.identities.identify({ ...asked, query: query! }, { signal })
      })
    },
  })
}
