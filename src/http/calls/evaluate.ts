import type { EvaluateInput } from '../../collection/identities/evaluations.ts'
import { parseFilter } from '../../engine/filter.ts'
import { createJsonParser } from '../body/json-text.ts'
import { type App, type CallContext, call } from '../call.ts'
import { jobAccepted, sendAccepted } from '../job-answer.ts'
import type { QueryLimits } from '../query-limits.ts'
import { invalidRequest } from '../schema-check.ts'
import * as shared from '../schemas/shared.ts'
import { oneOf, partial, Type } from '../schemas/type.ts'

const EvaluateBody = partial(
  {
    queries: shared.Filter,
    gallery: shared.Filter,
    junk: Type.Array(shared.IdentityValue, {
      maxItems: 100,
      description:
        'Identities whose records are left out, as pictures of nobody are. Distractors stay: they are wrong answers.',
    }),
    cameras: oneOf(
      ['exclude', 'ignore'],
      'Whether what the camera of the query saw of its identity is left out of its ranking; `exclude` unless given, where the collection has a cameraField.',
    ),
  },
  {
    description: 'With `queries` and `gallery` or neither: then every record is both.',
    examples: [{ queries: { split: 'query' }, gallery: { split: 'gallery' }, junk: ['-1'] }],
  },
)

const parseBody = createJsonParser(EvaluateBody)

export function readEvaluateBody(body: Uint8Array, limits: QueryLimits): Partial<EvaluateInput> {
  const { queries, gallery, ...rest } = parseBody(body)
  if ((queries === undefined) !== (gallery === undefined)) {
    const got = queries === undefined ? 'gallery' : 'queries'
    throw invalidRequest(`/${got}: expected queries and gallery or neither, got ${got} alone`)
  }
  if (queries === undefined) return rest
  for (const filter of [queries, gallery]) parseFilter(filter, limits.maxFilterConditions)
  return { ...rest, split: { queries, gallery } }
}

export function registerEvaluate(app: App, { readJson, jobs }: CallContext): void {
  call(app, 'evaluate', 'POST /v1/collections/:collection/evaluate', {
    summary: 'How well a collection finds the same identity again, as a job',
    tag: 'jobs',
    params: shared.CollectionParams,
    body: { 'application/json': EvaluateBody },
    answers: jobAccepted,
    problems: [404, 409, 413, 415],
    handler: async (request, reply) => {
      const input = await readJson(request, readEvaluateBody)
      return sendAccepted(reply, await jobs.evaluations.start(request.params.collection, input))
    },
  })
}
