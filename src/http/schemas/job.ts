import { closed, MetadataSchema, oneOf, Type } from './parts.ts'

const StringOrNull = Type.Union([Type.String(), Type.Null()])

const STATES = ['queued', 'running', 'succeeded', 'failed', 'cancelled'] as const
const State = oneOf(STATES, 'The last three are final.')

export const JobSchema = closed({
  id: Type.String(),
  kind: Type.String(),
  collection: Type.String(),
  about: Type.String({ description: 'What was asked for, in words.' }),
  state: State,
  progress: closed({
    done: Type.Integer(),
    total: Type.Union([Type.Integer(), Type.Null()], { description: 'Null where nobody knows.' }),
    counts: Type.Unsafe<Record<string, number>>({
      type: 'object',
      description:
        'What became of those done: `added`, `replaced`, `skipped`, `refused`; `embedded`, `ended`.',
    }),
  }),
  failures: Type.Array(
    closed({ item: Type.String(), code: Type.String(), detail: Type.String() }),
    { description: 'The first 100 refused.' },
  ),
  failuresOmitted: Type.Integer({ description: 'Refused beyond those listed.' }),
  error: Type.Union([closed({ code: Type.String(), detail: Type.String() }), Type.Null()], {
    description: 'Why the whole job failed.',
  }),
  createdAt: Type.String({ description: 'ISO 8601, UTC.' }),
  startedAt: StringOrNull,
  finishedAt: StringOrNull,
})

export const JobListSchema = closed({ jobs: Type.Array(JobSchema) })

export const JobParams = closed({ id: Type.String({ description: 'The job.' }) })

export const JobsQuery = closed({
  collection: Type.Optional(Type.String({ description: 'Only jobs of this collection.' })),
  state: Type.Optional(State),
})

/** URLs of one import. */
const MAX_URLS = 10_000

const LabelFrom = oneOf(
  ['folder', 'none'],
  'Whether the first folder of a path becomes the metadata member `label`; `folder` unless given.',
)

export const ImportBody = closed(
  {
    folder: Type.Optional(
      Type.String({
        maxLength: 4096,
        description: 'Below `LOOKALIKE_IMPORT_ROOT`; `.` is all of it.',
      }),
    ),
    labelFrom: Type.Optional(LabelFrom),
    urls: Type.Optional(
      Type.Array(
        closed({
          url: Type.String(),
          id: Type.Optional(Type.String({ description: 'The URL unless given.' })),
          metadata: Type.Optional(MetadataSchema),
        }),
        { minItems: 1, maxItems: MAX_URLS },
      ),
    ),
  },
  {
    description: 'Exactly one of `folder` and `urls`; `labelFrom` goes with `folder`.',
    examples: [{ folder: 'shoes' }, { urls: [{ url: 'https://example.com/a.jpg', id: 'a' }] }],
  },
)

export const ArchiveQuery = closed({ labelFrom: Type.Optional(LabelFrom) })
