import { type IdentitySearchRequest, MAX_IDENTITY_K } from '../../collection/search-identities.ts'
import { IDENTITY_DISTANCES, MAX_IDENTITY_RECORDS } from '../../engine/query.ts'
import type { ImageSource } from '../body/image-source.ts'
import { parseJson } from '../body/json-text.ts'
import { type App, type CallContext, call, json } from '../call.ts'
import { createParser } from '../schema-check.ts'
import * as shared from '../schemas/shared.ts'
import { closed, oneOf, partial, Type, upTo } from '../schemas/type.ts'
import { cameraMembers, cameraRequest } from './camera-members.ts'

import { readSearch } from './search-query.ts'
import { SubjectSchema, toSubject, withSubjectBytes } from './subject-query.ts'

const IdentitiesBody = partial(
  {
    query: SubjectSchema,
    distance: oneOf(
      IDENTITY_DISTANCES,
      'How far a set is from another; `hausdorff` unless given. docs/identities.md says what each means.',
    ),
    k: upTo(MAX_IDENTITY_K),
    radius: Type.Number({
      minimum: 0,
      description: 'Largest distance, inclusive, in its own unit.',
    }),
    ...cameraMembers,
    include: Type.Array(oneOf(['explain'], 'What to add.'), { maxItems: 1, uniqueItems: true }),
  },
  { examples: [{ query: { identity: 'alice' }, k: 5 }] },
)

const IdentitiesForm = closed({
  request: Type.Optional(IdentitiesBody),
  image: shared.files('Views of one subject.'),
})

const IdentitiesAnswer = closed(
  {
    identities: Type.Array(
      closed({
        identity: shared.IdentityValue,
        distance: Type.Number({ description: 'Of the two sets.' }),
        records: Type.Integer({ description: 'In its set, but for those left out.' }),
        nearest: closed(
          { id: Type.String(), distance: Type.Number() },
          { description: 'Its record that is nearest to any one of the query.' },
        ),
        votes: Type.Optional(
          Type.Integer({
            description:
              'With the distance `votes`: images of the query whose nearest identity it is.',
          }),
        ),
      }),
      { description: 'By votes, where there are any, then distance, then value.' },
    ),
    exact: Type.Boolean(),
    complete: Type.Boolean({
      description: 'False when more lie within the radius than fit, or `tooLarge` names any.',
    }),
    tooLarge: Type.Array(shared.IdentityValue, {
      description: `Up to 100 identities of more than ${MAX_IDENTITY_RECORDS} records, which are not compared.`,
    }),
    explain: Type.Optional(
      closed({
        plan: Type.Literal('scan', { description: 'Every identity is compared.' }),
        identities: Type.Integer({ description: 'That were searched.' }),
        distances: Type.Integer({ description: 'Distances of sets computed.' }),
      }),
    ),
    timings: shared.Timings,
  },
  {
    examples: [
      {
        identities: [
          {
            identity: 'bob',
            distance: 0.41,
            records: 4,
            nearest: { id: 'bob/2.jpg', distance: 0.2 },
          },
        ],
        exact: true,
        complete: true,
        tooLarge: [],
        timings: { decodeMs: 0, embedMs: 0, searchMs: 0.4, totalMs: 0.5 },
      },
    ],
  },
)

const parseBody = createParser(IdentitiesBody)

export function readIdentitiesBody(body: Uint8Array): IdentitySearchRequest<ImageSource> {
  return toRequest(parseJson(body), [])
}

/** @param files images that came beside the JSON, as parts of a form. */
function toRequest(
  input: unknown,
  files: readonly Uint8Array[],
): IdentitySearchRequest<ImageSource> {
  const { query = {}, distance, k = null, radius = null, include = [], ...own } = parseBody(input)
  const explain = include.includes('explain')
  const how = distance === undefined ? {} : { distance }
  return {
    query: toSubject(query, files, '/query'),
    ...how,
    k,
    radius,
    explain,
    ...cameraRequest(own),
  }
}

export function registerSearchIdentities(app: App, context: CallContext): void {
  call(app, 'searchIdentities', 'POST /v1/collections/:collection/identities/search', {
    scope: 'read',
    summary: 'Identities by the distance of their sets of records',
    tag: 'search',
    params: shared.CollectionParams,
    body: { 'application/json': IdentitiesBody, 'multipart/form-data': IdentitiesForm },
    answers: { 200: json('Identities, the nearest first.', IdentitiesAnswer) },
    problems: [404, 409, 413, 415, 422],
    handler: async (request, reply) => {
      const collection = context.collections.get(request.params.collection)
      const search = await readSearch(request, context, readIdentitiesBody, toRequest)
      return await context.longWork(reply, async (signal) => {
        const [query] = await withSubjectBytes([search.query], context.imageReader(reply, signal))
        return await collection.identities.search({ ...search, query: query! }, { signal })
      })
    },
  })
}
