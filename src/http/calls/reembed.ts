import type { ReembedInput } from '../../collection/reembed/reembeddings.ts'
import { createJsonParser } from '../body/json-text.ts'
import { type App, type CallContext, call } from '../call.ts'
import { jobAccepted, sendAccepted } from '../job-answer.ts'
import * as shared from '../schemas/shared.ts'
import { closed, oneOf, Type } from '../schemas/type.ts'

const FromFolder = closed({
  folder: Type.String({
    maxLength: 4096,
    description:
      'Below `LOOKALIKE_IMPORT_ROOT`: the file of a record is named by its id, and must have its content.',
  }),
})

const ReembedBody = closed(
  {
    model: Type.String({ minLength: 1, maxLength: 128, description: 'The new embedding model.' }),
    from: Type.Optional(
      Type.Union(
        [
          oneOf(
            ['originals', 'vectors'],
            'The pictures that the collection kept; or its vectors, for a model trained on the one that made them.',
          ),
          FromFolder,
        ],
        { description: 'What the new vectors are made of; `originals` unless given.' },
      ),
    ),
    missing: Type.Optional(
      oneOf(
        ['fail', 'keep'],
        'Of records whose picture is missing: `fail` changes nothing; with `keep` they stay, and no search finds them.',
      ),
    ),
  },
  { examples: [{ model: 'efficientnet-lite2-lite0-int8', from: 'originals' }] },
)

const parseBody = createJsonParser(ReembedBody)

export function readReembedBody(body: Uint8Array): ReembedInput {
  const { model, from = 'originals', missing = 'fail' } = parseBody(body)
  const source = typeof from === 'string' ? { kind: from } : ({ kind: 'folder', ...from } as const)
  return { model, from: source, missing }
}

export function registerReembed(app: App, { readJson, jobs }: CallContext): void {
  call(app, 'reembed', 'POST /v1/collections/:collection/reembed', {
    summary: 'Move a collection to another model, as a job',
    tag: 'jobs',
    params: shared.CollectionParams,
    body: { 'application/json': ReembedBody },
    answers: jobAccepted,
    problems: [404, 409, 413, 415],
    handler: async (request, reply) => {
      const input = await readJson(request, readReembedBody)
      return sendAccepted(reply, await jobs.reembeddings.start(request.params.collection, input))
    },
  })
}
