import type { CreateCollection } from '../../collection/requests.ts'
import {
  checkCollectionName,
  LARGEST_RECALL_TARGET,
  LEAST_RECALL_TARGET,
  MAX_DIMENSIONS,
  MAX_LATENCY_BUDGET_MS,
  MAX_RETAIN_FOR,
  VECTOR_MEMORIES,
} from '../../engine/collection-spec.ts'
import { parseJson } from '../body/json-text.ts'
import { type App, type CallContext, call, empty, json } from '../call.ts'
import { createParser } from '../schema-check.ts'
import * as shared from '../schemas/shared.ts'
import { closed, oneOf, orNull, partial, Type, upTo } from '../schemas/type.ts'

const MetricSchema = oneOf(['cosine', 'euclidean'], 'Unit of `distance` and `radius`.')

/** Settings that every collection has, and that may be left out where one is created. */
const settings = {
  keep: oneOf(['none', 'thumbnail', 'original'], 'What is kept of an uploaded image.'),
  latencyBudgetMs: Type.Number({
    minimum: 0,
    maximum: MAX_LATENCY_BUDGET_MS,
    description:
      'What a search may take, predicted, to be exact with `accuracy: auto`. Milliseconds.',
  }),
  recallTarget: Type.Number({
    minimum: LEAST_RECALL_TARGET,
    maximum: LARGEST_RECALL_TARGET,
    description: 'Share of the k nearest that approximate answers are to find, on average.',
  }),
  memory: oneOf(
    VECTOR_MEMORIES,
    'What is in memory of each vector: all of it, or 8-bit codes while the rest is read from a file. Answers are the same.',
  ),
  retainFor: orNull(Type.Integer({ minimum: 1, maximum: MAX_RETAIN_FOR }), {
    description: 'Seconds after its last write at which a record is deleted; null for never.',
  }),
}

const Limit = Type.Optional(Type.Number({ minimum: 0 }))

const QualitySchema = closed(
  {
    minSide: Type.Optional(upTo(100_000, 'Pixels of the shorter side, at least.')),
    sharpness: Limit,
    brightness: Type.Optional(Type.Number({ minimum: 0, maximum: 255 })),
    ownDistance: Limit,
    otherDistance: Limit,
    otherwise: oneOf(['refuse', 'hold'], 'What becomes of records that fall short.'),
  },
  {
    title: 'EnrolmentQuality',
    description: 'What records with an identity must be: docs/identities.md says what each means.',
  },
)

const FieldName = Type.String({ minLength: 1, maxLength: 256 })

const CreateCollectionBody = partial(
  {
    model: Type.String({ minLength: 1, maxLength: 128, description: 'The embedding model.' }),
    metric: MetricSchema,
    dimensions: upTo(MAX_DIMENSIONS, 'Without `model`: a collection of vectors only.'),
    fields: Type.Array(FieldName, { maxItems: 64, description: 'Metadata fields to filter by.' }),
    identityField: FieldName,
    cameraField: FieldName,
    quality: QualitySchema,
    ...settings,
  },
  { title: 'CreateCollection', examples: [{ metric: 'cosine', keep: 'thumbnail' }] },
)

const progress = {
  done: Type.Integer({ description: 'Records in it.' }),
  wanted: Type.Integer({ description: 'Records it will have.' }),
}

const GraphSchema = Type.Union(
  [
    closed({ kind: Type.Literal('none'), reason: Type.String() }, { title: 'GraphNone' }),
    closed({ kind: Type.Literal('building'), ...progress }, { title: 'GraphBuilding' }),
    closed(
      {
        kind: Type.Literal('ready'),
        records: Type.Integer({ description: 'Records in it.' }),
        fresh: Type.Integer({ description: 'Records not in it yet: searched exactly.' }),
        dead: Type.Integer({ description: 'Vectors in it that are of no record any more.' }),
        rebuilding: orNull(closed(progress, { title: 'GraphProgress' })),
      },
      { title: 'GraphReady' },
    ),
    closed({ kind: Type.Literal('failed'), reason: Type.String() }, { title: 'GraphFailed' }),
  ],
  { title: 'Graph', description: 'The graph that approximate answers come from.' },
)

const RecallSchema = Type.Array(shared.MeasuredRecall, {
  description:
    'Share of the exact answer that the graph finds, with its 95 % confidence interval; only what was measured.',
})

const CollectionSchema = closed(
  {
    name: Type.String(),
    model: orNull(Type.String()),
    metric: MetricSchema,
    dimensions: Type.Integer(),
    fields: Type.Array(Type.String()),
    identityField: orNull(Type.String()),
    cameraField: orNull(Type.String()),
    quality: orNull(QualitySchema),
    ...settings,
    count: Type.Integer({ description: 'Records.' }),
    bytes: closed({
      disk: Type.Integer({ description: 'Bytes on disk, about.' }),
      memory: Type.Integer({ description: 'Bytes in memory, about.' }),
    }),
    plan: Type.String({ description: 'How an unfiltered k-NN query is answered now.' }),
    graph: GraphSchema,
    recall: RecallSchema,
    createdAt: Type.String({ description: 'ISO 8601, UTC.' }),
  },
  { title: 'Collection' },
)

const parseBody = createParser(CreateCollectionBody)

/** Reads what to create, its name left out. No body at all means every default. */
export function readCreateBody(body: Uint8Array): Omit<CreateCollection, 'name'> {
  return parseBody(body.byteLength === 0 ? {} : parseJson(body))
}

export function registerCollections(app: App, { collections, readJson }: CallContext): void {
  call(app, 'createCollection', 'PUT /v1/collections/:collection', {
    bodyLimit: 64 * 1024,
    summary: 'Create a collection; the same again changes nothing',
    tag: 'collections',
    params: shared.CollectionParams,
    body: { 'application/json': CreateCollectionBody },
    answers: {
      200: json('An equal collection was there.', CollectionSchema),
      201: json('Created.', CollectionSchema),
    },
    problems: [404, 409],
    handler: async (request, reply) => {
      const name = checkCollectionName(request.params.collection)
      const members = await readJson(request, readCreateBody)
      const { created, status } = await collections.create({ ...members, name })
      return reply.code(created ? 201 : 200).send(status)
    },
  })

  call(app, 'listCollections', 'GET /v1/collections', {
    scope: 'read',
    beyondCollections: true,
    summary: 'All collections that the key sees',
    tag: 'collections',
    answers: {
      200: json('All collections.', closed({ collections: Type.Array(CollectionSchema) })),
    },
    handler: async ({ caller }) => {
      const all = await collections.list()
      return { collections: all.filter(({ name }) => caller.collections?.has(name) ?? true) }
    },
  })

  call(app, 'getCollection', 'GET /v1/collections/:collection', {
    scope: 'read',
    summary: 'Count, bytes and plan of a collection',
    tag: 'collections',
    params: shared.CollectionParams,
    answers: { 200: json('The collection.', CollectionSchema) },
    problems: [404],
    handler: (request) => collections.get(request.params.collection).status(),
  })

  call(app, 'dropCollection', 'DELETE /v1/collections/:collection', {
    summary: 'Drop a collection and all its records',
    tag: 'collections',
    params: shared.CollectionParams,
    answers: { 204: empty('Dropped.') },
    problems: [404],
    handler: async (request, reply) => {
      await collections.drop(request.params.collection)
      return reply.code(204).send()
    },
  })
}
