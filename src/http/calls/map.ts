import { MAP_METHODS } from '../../collection/collection.ts'
import { base64Numbers } from '../../collection/maps/base64-numbers.ts'
import { MAX_MAP_POINTS, type MapAnswer, type MapValues } from '../../engine/map.ts'
import { type App, type CallContext, call, json } from '../call.ts'
import { jobAccepted, sendAccepted } from '../job-answer.ts'
import { sendWithList } from '../json-answer.ts'
import * as shared from '../schemas/shared.ts'
import { closed, oneOf, orNull, partial, Type, upTo } from '../schemas/type.ts'

const MapQuery = partial({
  method: oneOf(
    MAP_METHODS,
    '`pca`, by default: the plane of most variance; `umap`: as `POST …/map` laid them out last.',
  ),
  field: Type.String({
    minLength: 1,
    maxLength: 256,
    description: 'A metadata field whose values come with the points.',
  }),
  limit: upTo(MAX_MAP_POINTS, `Points; of more records as many are drawn. By default the most.`),
})

const base64 = (description: string) => Type.String({ description })

const ValuesSchema = closed(
  {
    name: Type.String(),
    values: Type.Optional(
      Type.Array(shared.IdentityValue, { description: 'The most frequent first.' }),
    ),
    places: Type.Optional(
      base64(
        'For each point the place of its value, from 1; 0: it has none; one more than there are values: another one. Little-endian uint16 in base64.',
      ),
    ),
    numbers: Type.Optional(
      base64('For each point its number, NaN where it has none. Little-endian float32 in base64.'),
    ),
    complete: Type.Boolean({
      description: 'False where the field has more values than are told apart.',
    }),
  },
  {
    title: 'MapField',
    description: '`values` with `places`; or `numbers`, of a field of more than 12 numbers.',
  },
)

const MapAnswerSchema = closed(
  {
    ids: Type.Array(Type.String(), { description: 'Of the points, in no order.' }),
    points: base64('x and y of each point, one after the other. Little-endian float32 in base64.'),
    field: orNull(ValuesSchema),
    method: oneOf(MAP_METHODS, 'How the points were placed.'),
    madeAt: orNull(Type.String(), { description: 'When they were laid out; null by `pca`.' }),
    of: Type.Integer({ description: 'The records that have a vector.' }),
    complete: Type.Boolean({ description: 'Whether all of them are on the map.' }),
    generation: Type.Integer(),
    model: orNull(Type.String()),
    plane: closed({
      records: Type.Integer({ description: 'The records that the plane was found in.' }),
      changes: Type.Integer({ description: 'Writes and deletions since.' }),
      shares: Type.Array(Type.Number(), {
        minItems: 2,
        maxItems: 2,
        description: 'Of the variance of all directions, that of x and that of y.',
      }),
    }),
  },
  {
    title: 'MapAnswer',
    examples: [
      {
        ids: ['a', 'b'],
        points: 'AACAPwAAAAAAAIC/AAAAAA==',
        field: { name: 'label', values: ['cat'], places: 'AQAAAA==', complete: true },
        method: 'pca',
        madeAt: null,
        of: 2,
        complete: true,
        generation: 0,
        model: null,
        plane: { records: 2, changes: 0, shares: [1, 0] },
      },
    ],
  },
)

const LayOutQuery = partial({
  seed: Type.Integer({ minimum: 0, maximum: 2 ** 32 - 1, description: 'Of the layout; 1.' }),
})

export function registerMap(app: App, { collections, longWork, jobs }: CallContext): void {
  call(app, 'layOut', 'POST /v1/collections/:collection/map', {
    summary: 'Lay out a collection by its neighbourhoods (UMAP), as a job',
    tag: 'jobs',
    params: shared.CollectionParams,
    query: LayOutQuery,
    answers: jobAccepted,
    problems: [404, 409],
    handler: async ({ params, query: { seed = 1 } }, reply) =>
      sendAccepted(reply, await jobs.maps.start(params.collection, { seed })),
  })

  call(app, 'map', 'GET /v1/collections/:collection/map', {
    scope: 'read',
    summary: 'Where the records of a collection lie on the plane on which they differ most',
    tag: 'collections',
    params: shared.CollectionParams,
    query: MapQuery,
    answers: { 200: json('The points, in columns.', MapAnswerSchema) },
    problems: [404, 409],
    handler: async (request, reply) => {
      const { method = 'pca', field = null, limit = MAX_MAP_POINTS } = request.query
      const collection = collections.get(request.params.collection)
      const { ids, points, values, ...rest } = await longWork(reply, (signal) =>
        collection.map({ method, field, limit }, { signal }),
      )
      return sendWithList(reply, 'ids', ids, {
        method,
        points: base64Numbers(points),
        field: field === null ? null : fieldOf(field, values),
        complete: ids.length === rest.of,
        ...rest,
      })
    },
  })
}

function fieldOf(name: string, found: MapAnswer['values']) {
  const { complete, ...columns } = found as MapValues
  if (columns.kind === 'numbers') return { name, numbers: base64Numbers(columns.numbers), complete }
  return { name, values: columns.values, places: base64Numbers(columns.places), complete }
}
