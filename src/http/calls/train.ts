import type { TrainingOrder } from '../../collection/trainings.ts'
import { createJsonParser } from '../body/json-text.ts'
import { type App, type CallContext, call } from '../call.ts'
import { jobAccepted, sendAccepted } from '../job-answer.ts'
import { invalidRequest } from '../schema-check.ts'
import { closed, Type } from '../schemas/type.ts'

const Text = (description: string) => Type.Optional(Type.String({ maxLength: 4096, description }))
// docs/learning.md lists what each may be; the recipe is checked as a whole.
const Member = (description: string) => Type.Optional(Type.Unsafe<unknown>({ description }))

const TrainingBody = closed(
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
    starts: Member('Of `inner`, `whitened`, `pca`, `identity`; the first not by a service.'),
    learners: Member(
      'Divide and conquer: a number, or `{ "kind": "slices" | "masks", "count": … }`.',
    ),
    jrd: Member('A weight, or `{ "weight": …, … }`; with proxies.'),
    easyPositives: Member('`true` or `false`; without proxies.'),
    steps: Member('At most: 200.'),
    rate: Member('Of learning, at its highest.'),
    dropout: Member('Share of the features: 0.2.'),
    views: Member('Of each image, to learn from: 1; without `collection`.'),
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

const parseBody = createJsonParser(TrainingBody)

/** Reads what is made, what from, and the members of a recipe. */
export function readTrainingBody(body: Uint8Array): TrainingOrder {
  const { name, replace, model, folder, csv, collection, field, ...recipe } = parseBody(body)
  const given = Object.entries({ folder, csv, collection }).filter(([, path]) => path !== undefined)
  const [first] = given
  if (first === undefined || given.length > 1) {
    const got = given.map(([kind]) => kind).join(' and ') || 'none'
    throw invalidRequest(`expected one of folder, csv and collection, got ${got}`)
  }
  if ((collection === undefined) !== (field === undefined)) {
    const missing = field === undefined ? '/field' : '/collection'
    throw invalidRequest(`${missing}: expected collection and field, got one`)
  }
  const [kind, path] = first as ['folder' | 'csv' | 'collection', string]
  return {
    name,
    replace: replace ?? false,
    model: model ?? null,
    recipe,
    from: kind === 'collection' ? { kind, collection: path, field: field! } : { kind, path },
  }
}

export function registerTraining(app: App, { readJson, jobs }: CallContext): void {
  call(app, 'train', 'POST /v1/trainings', {
    summary: 'Train a model on labelled pictures or a labelled collection, as a job',
    tag: 'jobs',
    body: { 'application/json': TrainingBody },
    answers: jobAccepted,
    problems: [404, 409, 413, 415],
    handler: async (request, reply) => {
      const order = await readJson(request, readTrainingBody)
      return sendAccepted(reply, await jobs.trainings.start(order))
    },
  })
}
