import type { PairDistance, VerifyRequest } from '../../collection/identities/verify.ts'
import { IDENTITY_DISTANCES } from '../../engine/query.ts'
import type { ImageSource } from '../body/image-source.ts'
import { createJsonParser } from '../body/json-text.ts'
import { type App, type CallContext, call, json } from '../call.ts'
import { invalidRequest } from '../schema-check.ts'
import * as shared from '../schemas/shared.ts'
import { closed, oneOf, orNull, Type } from '../schemas/type.ts'
import { SubjectSchema, ThresholdSource, toSubject, withSubjectBytes } from './subject-query.ts'

const PAIR_DISTANCES = IDENTITY_DISTANCES.filter((one): one is PairDistance => one !== 'votes')

const VerifyBody = closed(
  {
    a: SubjectSchema,
    b: SubjectSchema,
    distance: Type.Optional(
      oneOf(
        PAIR_DISTANCES,
        'How far both are; unless given the best by the calibration, else `nearest`. By `mean-nearest` the views of `a` look for their nearest of `b`.',
      ),
    ),
    threshold: Type.Optional(
      Type.Number({ minimum: 0, description: 'The largest distance of the same, inclusive.' }),
    ),
    falseMatchRate: Type.Optional(
      Type.Number({
        exclusiveMinimum: 0,
        maximum: 1,
        description: 'Instead of a threshold: the rate whose threshold the calibration knows.',
      }),
    ),
  },
  { examples: [{ a: { id: 'c1/000123.jpg' }, b: { identity: 'bob' }, threshold: 0.3 }] },
)

const VerifyAnswer = closed(
  {
    same: orNull(Type.Boolean(), { description: 'Null without a threshold.' }),
    distance: Type.Number(),
    threshold: orNull(Type.Number()),
    by: oneOf(PAIR_DISTANCES, 'The distance that was taken.'),
    source: ThresholdSource,
    probability: orNull(Type.Number(), {
      description: 'Of being the same, where the distance is calibrated.',
    }),
    falseMatchRate: orNull(Type.Number(), { description: 'Of a calibrated threshold.' }),
    falseNonMatchRate: orNull(Type.Number(), { description: 'Of a calibrated threshold.' }),
  },
  {
    examples: [
      {
        same: true,
        distance: 0.12,
        by: 'nearest',
        threshold: 0.3,
        source: 'calibration',
        probability: 0.98,
        falseMatchRate: 0.01,
        falseNonMatchRate: 0.04,
      },
    ],
  },
)

const parseBody = createJsonParser(VerifyBody)

export function readVerifyBody(body: Uint8Array): VerifyRequest<ImageSource> {
  const { a, b, distance, threshold, falseMatchRate } = parseBody(body)
  if (threshold !== undefined && falseMatchRate !== undefined) {
    throw invalidRequest('/falseMatchRate: expected it or threshold, got both')
  }
  return {
    a: toSubject(a, [], '/a'),
    b: toSubject(b, [], '/b'),
    ...(distance !== undefined && { distance }),
    ...(threshold !== undefined && { threshold }),
    ...(falseMatchRate !== undefined && { falseMatchRate }),
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
        return await collection.identities.verify({ ...asked, a: a!, b: b! }, { signal })
      })
    },
  })
}
