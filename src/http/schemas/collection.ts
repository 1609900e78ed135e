import {
  LARGEST_RECALL_TARGET,
  LEAST_RECALL_TARGET,
  MAX_DIMENSIONS,
  MAX_LATENCY_BUDGET_MS,
  VECTOR_MEMORIES,
} from '../../engine/collection-spec.ts'
import { closed, oneOf, Type } from './parts.ts'

const FieldName = Type.String({ minLength: 1, maxLength: 256 })

const LatencyBudget = Type.Number({
  minimum: 0,
  maximum: MAX_LATENCY_BUDGET_MS,
  description:
    'What a search may take, predicted, to be exact with `accuracy: auto`. Milliseconds.',
})
const RecallTarget = Type.Number({
  minimum: LEAST_RECALL_TARGET,
  maximum: LARGEST_RECALL_TARGET,
  description: 'Share of the k nearest that approximate answers are to find, on average.',
})
const MEMORY =
  'What is in memory of each vector: all of it, or 8-bit codes while the rest is read from a file. Answers are the same.'

export const CreateCollectionBody = closed(
  {
    model: Type.Optional(
      Type.String({ minLength: 1, maxLength: 128, description: 'The embedding model.' }),
    ),
    metric: Type.Optional(oneOf(['cosine', 'euclidean'], 'Unit of `distance` and `radius`.')),
    dimensions: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: MAX_DIMENSIONS,
        description: 'Without `model`: a collection of vectors only.',
      }),
    ),
    fields: Type.Optional(
      Type.Array(FieldName, { maxItems: 64, description: 'Metadata fields to filter by.' }),
    ),
    identityField: Type.Optional(FieldName),
    cameraField: Type.Optional(FieldName),
    keep: Type.Optional(
      oneOf(['none', 'thumbnail', 'original'], 'What is kept of an uploaded image.'),
    ),
    latencyBudgetMs: Type.Optional(LatencyBudget),
    recallTarget: Type.Optional(RecallTarget),
    memory: Type.Optional(oneOf(VECTOR_MEMORIES, MEMORY)),
  },
  { examples: [{ metric: 'cosine', keep: 'thumbnail' }] },
)

const OrNull = Type.Union([Type.String(), Type.Null()])

const Progress = {
  done: Type.Integer({ description: 'Records in it.' }),
  wanted: Type.Integer({ description: 'Records it will have.' }),
}

const GraphSchema = Type.Union(
  [
    closed({ kind: Type.Literal('none'), reason: Type.String() }),
    closed({ kind: Type.Literal('building'), ...Progress }),
    closed({
      kind: Type.Literal('ready'),
      records: Type.Integer({ description: 'Records in it.' }),
      fresh: Type.Integer({ description: 'Records not in it yet: searched exactly.' }),
      dead: Type.Integer({ description: 'Versions in it that have ended.' }),
      rebuilding: Type.Union([closed(Progress), Type.Null()]),
    }),
    closed({ kind: Type.Literal('failed'), reason: Type.String() }),
  ],
  { description: 'The graph that approximate answers come from.' },
)

const Share = Type.Number({ minimum: 0, maximum: 1 })

const RecallSchema = Type.Array(
  closed({
    filter: oneOf(
      ['all', '>10%', '<=10%', '<=1%', '<=0.1%'],
      'Share of the records that the filter lets through; all: no filter.',
    ),
    ef: Type.Integer({ description: 'Candidates that the graph keeps in sight for k up to 10.' }),
    recall: Share,
    low: Share,
    high: Share,
    queries: Type.Integer({ description: 'Real queries of late that were answered exactly too.' }),
  }),
  {
    description:
      'Share of the exact answer that the graph finds, with its 95 % confidence interval; only what was measured.',
  },
)

export const CollectionSchema = closed({
  name: Type.String(),
  model: OrNull,
  metric: oneOf(['cosine', 'euclidean'], 'Unit of `distance` and `radius`.'),
  dimensions: Type.Integer(),
  fields: Type.Array(Type.String()),
  identityField: OrNull,
  cameraField: OrNull,
  keep: oneOf(['none', 'thumbnail', 'original'], 'What is kept of an uploaded image.'),
  latencyBudgetMs: LatencyBudget,
  recallTarget: RecallTarget,
  memory: oneOf(VECTOR_MEMORIES, MEMORY),
  count: Type.Integer({ description: 'Records.' }),
  bytes: closed({
    disk: Type.Integer({ description: 'Bytes on disk, about.' }),
    memory: Type.Integer({ description: 'Bytes in memory, about.' }),
  }),
  plan: Type.String({ description: 'How an unfiltered k-NN query is answered now.' }),
  graph: GraphSchema,
  recall: RecallSchema,
  createdAt: Type.String({ description: 'ISO 8601, UTC.' }),
})

export const CollectionListSchema = closed({ collections: Type.Array(CollectionSchema) })
