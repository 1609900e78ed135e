import type { Reembeddings, ReembedInput } from '../../collection/reembed/reembeddings.ts'
import type { App } from '../app.ts'
import { parseJson } from '../body/json-text.ts'
import { jobAccepted, sendAccepted } from '../job-answer.ts'
import { createParser } from '../schema-check.ts'
import { answers, body } from '../schemas/answers.ts'
import * as shared from '../schemas/shared.ts'
import { closed, oneOf, Type } from '../schemas/type.ts'
import type { CallContext } from './call-context.ts'

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
  { examples: [{ model: 'efficientnet-lite0', from: 'originals' }] },
)

const parseBody = createParser(ReembedBody)

export function readReembedBody(body: Uint8Array): ReembedInput {
  const { model, from = 'originals', missing = 'fail' } = parseBody(parseJson(body))
  const source = typeof from === 'string' ? { kind: from } : ({ kind: 'folder', ...from } as const)
  return { model, from: source, missing }
}

export function registerReembed(
  app: App,
  { readJson }: CallContext,
  reembeddings: Reembeddings,
): void {
  app.post('/v1/collections/:collection/reembed', {
    schema: {
      operationId: 'reembed',
      summary: 'Move a collection to another model, as a job',
      tags: ['jobs'],
      params: shared.CollectionParams,
      body: body({ 'application/json': ReembedBody }),
      response: answers(jobAccepted, [400, 404, 409, 413, 415]),
    },
    handler: async (request, reply) => {
      const input = await readJson(request, readReembedBody)
      return sendAccepted(reply, await reembeddings.start(request.params.collection, input))
    },
  })
}
