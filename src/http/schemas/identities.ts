import { MAX_IDENTITY_K } from '../../collection/search-identities.ts'
import { MAX_QUERY_EXAMPLES, MAX_QUERY_IMAGES } from '../../collection/service.ts'
import { MAX_IDENTITY_RECORDS } from '../../engine/query.ts'
import { closed, oneOf, Type, VectorInputSchema } from './parts.ts'
import { ImageSourceSchema } from './record.ts'
import { SearchAnswerSchema } from './search.ts'

const IdentityValueSchema = Type.Union([Type.String(), Type.Number(), Type.Boolean()])

const QuerySchema = closed(
  {
    identity: Type.Optional(IdentityValueSchema),
    images: Type.Optional(
      Type.Array(ImageSourceSchema, { minItems: 1, maxItems: MAX_QUERY_IMAGES }),
    ),
    ids: Type.Optional(
      Type.Array(Type.String(), {
        minItems: 1,
        maxItems: MAX_QUERY_EXAMPLES,
        description: 'Records; nothing is left out of the answer.',
      }),
    ),
    vectors: Type.Optional(
      Type.Array(VectorInputSchema, { minItems: 1, maxItems: MAX_QUERY_EXAMPLES }),
    ),
  },
  {
    description:
      'The set to search by, exactly one of `identity` (its records; it is left out of the answer), `images`, `ids` and `vectors`.',
    examples: [{ identity: 'alice' }],
  },
)

export const IdentitySearchBody = closed(
  {
    query: Type.Optional(QuerySchema),
    k: Type.Optional(Type.Integer({ minimum: 1, maximum: MAX_IDENTITY_K })),
    radius: Type.Optional(
      Type.Number({ minimum: 0, description: 'Largest distance, inclusive, in its own unit.' }),
    ),
    include: Type.Optional(
      Type.Array(oneOf(['explain'], 'What to add.'), { maxItems: 1, uniqueItems: true }),
    ),
  },
  { examples: [{ query: { identity: 'alice' }, k: 5 }] },
)

export const IdentitySearchAnswerSchema = closed(
  {
    identities: Type.Array(
      closed({
        identity: IdentityValueSchema,
        distance: Type.Number({ description: 'Hausdorff distance of the two sets.' }),
        records: Type.Integer({ description: 'In its set.' }),
        nearest: closed(
          { id: Type.String(), distance: Type.Number() },
          { description: 'Its record that is nearest to any one of the query.' },
        ),
      }),
      { description: 'By distance, then value.' },
    ),
    exact: Type.Boolean(),
    complete: Type.Boolean({
      description: 'False when more lie within the radius than fit, or `tooLarge` names any.',
    }),
    tooLarge: Type.Array(IdentityValueSchema, {
      description: `Up to 100 identities of more than ${MAX_IDENTITY_RECORDS} records, which are not compared.`,
    }),
    explain: Type.Optional(
      closed({
        plan: Type.String(),
        identities: Type.Integer({ description: 'That were searched.' }),
        levels: Type.Array(closed({ name: Type.String(), candidates: Type.Integer() })),
        distances: Type.Integer({ description: 'Hausdorff distances computed.' }),
      }),
    ),
    timings: SearchAnswerSchema.properties.timings,
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
