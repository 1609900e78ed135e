import {
  MAX_EF,
  MAX_GROUP_SIZE,
  MAX_K,
  MAX_LIMIT,
  MAX_QUERY_EXAMPLES,
  MAX_QUERY_IMAGES,
} from '../../collection/service.ts'
import {
  closed,
  FilterSchema,
  MetadataSchema,
  oneOf,
  Type,
  VectorInputSchema,
  VectorSchema,
} from './parts.ts'
import { ImageSourceSchema } from './record.ts'

const ExampleSchema = closed(
  {
    id: Type.Optional(Type.String()),
    vector: Type.Optional(VectorInputSchema),
    image: Type.Optional(ImageSourceSchema),
  },
  { description: 'Exactly one of `id`, `vector` and `image`.' },
)

export const QuerySchema = closed(
  {
    image: Type.Optional(ImageSourceSchema),
    images: Type.Optional(
      Type.Array(ImageSourceSchema, {
        minItems: 1,
        maxItems: MAX_QUERY_IMAGES,
        description: 'Several views of one subject.',
      }),
    ),
    id: Type.Optional(Type.String({ description: 'A record; it is left out of the answer.' })),
    vector: Type.Optional(VectorInputSchema),
    positive: Type.Optional(
      Type.Array(ExampleSchema, { minItems: 1, maxItems: MAX_QUERY_EXAMPLES }),
    ),
    negative: Type.Optional(Type.Array(ExampleSchema, { maxItems: MAX_QUERY_EXAMPLES })),
  },
  {
    description:
      'Exactly one of `image`, `images`, `id`, `vector`, or `positive` with or without `negative`.',
    examples: [{ id: 'cats/1.jpg' }],
  },
)

const Include = Type.Array(oneOf(['metadata', 'vector', 'explain'], 'What to add.'), {
  maxItems: 3,
  uniqueItems: true,
})

export const SearchBody = closed(
  {
    query: Type.Optional(QuerySchema),
    k: Type.Optional(Type.Integer({ minimum: 1, maximum: MAX_K })),
    radius: Type.Optional(
      Type.Number({ minimum: 0, description: 'Largest distance, inclusive, in its own unit.' }),
    ),
    filter: Type.Optional(FilterSchema),
    groupBy: Type.Optional(
      Type.String({ minLength: 1, maxLength: 256, description: 'A metadata field.' }),
    ),
    groupSize: Type.Optional(Type.Integer({ minimum: 1, maximum: MAX_GROUP_SIZE })),
    accuracy: Type.Optional(
      oneOf(
        ['auto', 'exact', 'approximate'],
        '`approximate`: by the graph, where it is ready; `auto`: only where exact is predicted to take longer than the latency budget.',
      ),
    ),
    ef: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: MAX_EF,
        description:
          'Beside accuracy `approximate`: candidates that the graph keeps in sight; unless given, as many as reach the recall target.',
      }),
    ),
    exactIndex: Type.Optional(
      oneOf(
        ['scan', 'vp-tree', 'm-tree'],
        'The index that exact answers come from; they are equal.',
      ),
    ),
    include: Type.Optional(Include),
    limit: Type.Optional(
      Type.Integer({ minimum: 1, maximum: MAX_LIMIT, description: 'Matches in one answer.' }),
    ),
    cursor: Type.Optional(Type.Union([Type.String({ maxLength: 4096 }), Type.Null()])),
  },
  { examples: [{ query: { id: 'cats/1.jpg' }, k: 5, include: ['metadata'] }] },
)

export const SearchAnswerSchema = closed(
  {
    matches: Type.Array(
      closed({
        id: Type.String(),
        distance: Type.Number(),
        similarity: Type.Optional(Type.Number({ description: 'The cosine, under cosine.' })),
        metadata: Type.Optional(MetadataSchema),
        vector: Type.Optional(VectorSchema),
        group: Type.Optional(Type.Union([Type.String(), Type.Number(), Type.Boolean()])),
      }),
      { description: 'By distance, then id.' },
    ),
    exact: Type.Boolean(),
    complete: Type.Boolean({ description: 'False when `limit` cut the answer.' }),
    cursor: Type.Union([Type.String(), Type.Null()]),
    explain: Type.Optional(
      closed({
        plan: Type.String(),
        ef: Type.Optional(
          Type.Integer({ description: 'Candidates that the graph kept in sight.' }),
        ),
        levels: Type.Array(closed({ name: Type.String(), candidates: Type.Integer() })),
        distances: Type.Integer({ description: 'Distances computed in full.' }),
        predictedMs: Type.Number({ description: 'What the planner expected of the search.' }),
        measuredMs: Type.Number({ description: 'What it took, with waiting for others.' }),
      }),
    ),
    timings: closed({
      decodeMs: Type.Number(),
      embedMs: Type.Number(),
      searchMs: Type.Number(),
      totalMs: Type.Number(),
    }),
  },
  {
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
