import { closed, MetadataSchema, oneOf, Type } from './parts.ts'

const StringOrNull = Type.Union([Type.String(), Type.Null()])

const STATES = ['queued', 'running', 'succeeded', 'failed', 'cancelled'] as const
const State = oneOf(STATES, 'The last three are final.')

export const JobSchema = closed({
  id: Type.String(),
  kind: Type.String(),
  collection: Type.Union([Type.String(), Type.Null()], {
    description: 'Null for a training.',
  }),
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
  details: Type.Union([Type.Unsafe<Record<string, unknown>>({ type: 'object' }), Type.Null()], {
    description:
      'Of a training `stage`, `curve`, `notes`, and when it has succeeded its `report`; null of other kinds.',
  }),
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

const Text = (description: string) => Type.Optional(Type.String({ maxLength: 4096, description }))
// docs/learning.md says what each may be; the recipe is checked as a whole.
const Member = (description: string) => Type.Optional(Type.Unsafe<unknown>({ description }))

export const TrainingBody = closed(
  {
    name: Type.String({ maxLength: 128, description: 'Of the model that is made.' }),
    replace: Type.Optional(
      Type.Boolean({ description: 'Whether a model of that name, used by nobody, makes room.' }),
    ),
    model: Text("The backbone; the service's default, or the collection's, unless given."),
    folder: Text('Of class folders of images, below `LOOKALIKE_IMPORT_ROOT`.'),
    csv: Text('A file of `path`, `label` and, if wanted, `camera` and `split`, below it.'),
    collection: Text('Its vectors; no image is touched.'),
    field: Text("Of the collection's metadata: the label."),
    objective: Member('The name of an objective, or `{ "kind": …, … }` with its options.'),
    head: Member('`linear`, `mlp` or `{ "kind": "mlp", "hidden": … }`.'),
    dimensions: Member('Of the head: 512.'),
    starts: Member('Of `whitened`, `pca`, `identity`.'),
    learners: Member(
      'Divide and conquer: a number, or `{ "kind": "slices" | "masks", "count": … }`.',
    ),
    jrd: Member('A weight, or `{ "weight": …, … }`; with proxies.'),
    easyPositives: Member('`true` or `false`; without proxies.'),
    steps: Member('At most: 200.'),
    rate: Member('Of learning, at its highest.'),
    dropout: Member('Share of the features: 0.2.'),
    testShare: Member('Of the classes: 0.5.'),
    seed: Member('1.'),
  },
  {
    description:
      'Exactly one of `folder`, `csv` and `collection`, the last with `field`, and the members of a recipe.',
    examples: [
      { name: 'shoes', folder: 'shoes', objective: 'multi-similarity' },
      { name: 'shoes', collection: 'shoes', field: 'label', objective: 'margin', steps: 400 },
    ],
  },
)

export const ArchiveQuery = closed({ labelFrom: Type.Optional(LabelFrom) })
