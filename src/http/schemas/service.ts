import { closed, Type } from './parts.ts'

export const ProblemSchema = closed(
  {
    type: Type.String(),
    title: Type.String(),
    status: Type.Integer(),
    detail: Type.String(),
    instance: Type.String(),
    code: Type.String({ description: 'What docs/errors.md explains; never reused.' }),
    requestId: Type.String({ description: 'Also in `X-Request-Id` and in the log.' }),
    errors: Type.Optional(
      Type.Array(
        closed({
          path: Type.String({ description: 'JSON pointer into the input.' }),
          message: Type.String(),
        }),
      ),
    ),
  },
  {
    examples: [
      {
        type: 'urn:lookalike:problem:collection-not-found',
        title: 'Collection not found',
        status: 404,
        detail: 'no collection named "cats"',
        instance: '/v1/collections/cats',
        code: 'COLLECTION_NOT_FOUND',
        requestId: '4f1c0d5e',
      },
    ],
  },
)

export const LiveSchema = closed({ live: Type.Boolean() }, { examples: [{ live: true }] })

export const NotLiveSchema = closed(
  { live: Type.Boolean(), reason: Type.String() },
  { examples: [{ live: false, reason: 'the model efficientnet-lite0 does not answer' }] },
)

export const ReadySchema = Type.Object(
  {
    ready: Type.Boolean(),
    reason: Type.Union([Type.String(), Type.Null()]),
  },
  {
    additionalProperties: true,
    examples: [{ ready: false, reason: 'loading the model' }],
  },
)
