import type { PairDistance, VerifyRequest } from '../../collection/identities/verify.ts'
import { IDENTITY_DISTANCES } from '../../engine/query.ts'
import type { ImageSource } from '../body/image-source.ts'
import { createJsonParser } from '../body/json-text.ts'
import { type App, type CallContext, call, json } from '../call.ts'
import * as shared from '../schemas/shared.ts'
import { closed, oneOf, orNull, Type } from '../schemas/type.ts'
import { SubjectSchema, toSubject, withSubjectBytes } from './subject-query.ts'

const PAIR_DISTANCES = IDENTITY_DISTANCES.filter((one): one is PairDistance => one !== 'votes')

const VerifyBody = closed(
  {
    a: SubjectSchema,
    b: SubjectSchema,
    distance: Type.Optional(
      oneOf(
        PAIR_DISTANCES,
        'How far both are; `nearest` unless given. By `mean-nearest` the views of `a` look for their nearest of `b`.',
      ),
    ),
    threshold: Type.Optional(
      Type.Number({ minimum: 0, description: 'The largest distance of the same, inclusive.' }),
    ),
  },
  { examples: [{ a: { id: 'c1/000123.jpg' }, b: { identity: 'bob' }, threshold: 0.3 }] },
)

const VerifyAnswer = closed(
  {
    same: orNull(Type.Boolean(), { description: 'Null without a threshold.' }),
    distance: Type.Number(),
    threshold: orNull(Type.Number()),
    source: oneOf(['request', 'none'], 'Where the threshold comes from.'),
  },
  { examples: [{ same: true, distance: 0.12, threshold: 0.3, source: 'request' }] },
)

const parseBody = createJsonParser(VerifyBody)

export function readVerifyBody(body: Uint8Array): VerifyRequest<ImageSource> {
  const { a, b, distance, threshold } = parseBody(body)
  return {
    a: toSubject(a, [], '/a'),
    b: toSubject(b, [], '/b'),
    ...(distance !== undefined && { distance }),
    ...(threshold !== undefined && { threshold }),
  }
}

export function registerVerify(app: App, context: CallContext): void {
  call(app, 'verify', 'POST /v1/collections/:collection/verify', {
    scope: 'read',
    summary: 'Whether two subjects are the same',
    tag: 'search',
    params: shared.CollectionParams,
    body: { 'application/json': VerifyBody },
    answers: { 200: json('The distance, and what it says.', VerifyAnswer) },
    problems: [404, 409, 413, 415, 422],
    handler: async (request, reply) => {
      const collection = context.collections.get(request.params.collection)
      const asked = await context.readJson(request, readVerifyBody)
      return await context.longWork(reply, async (signal) => {
        const readImages = context.imageReader(reply, signal)
        const [a, b] = await withSubjectBytes([asked.a, asked.b], readImages)
        return await collection.verify({ ...asked, a: a!, b: b! }, { signal })
      })
    },
  })
}
