import {
  type CalibrateInput,
  DEFAULT_CALIBRATED_RECORDS,
  MAX_CALIBRATED_RECORDS,
  MAX_PROBE_VIEWS,
} from '../../collection/identities/calibrations.ts'
import { IDENTITY_DISTANCES } from '../../engine/query.ts'
import { createJsonParser } from '../body/json-text.ts'
import { type App, type CallContext, call, json } from '../call.ts'
import { jobAccepted, sendAccepted } from '../job-answer.ts'
import * as shared from '../schemas/shared.ts'
import { closed, oneOf, orNull, partial, Type, upTo } from '../schemas/type.ts'

const CalibrateBody = partial(
  {
    views: upTo(MAX_PROBE_VIEWS, 'Images of each probe, as many as look-ups will have; 1.'),
    records: Type.Integer({
      minimum: 4,
      maximum: MAX_CALIBRATED_RECORDS,
      description: `Records that are drawn, up to 20 of an identity; ${DEFAULT_CALIBRATED_RECORDS}.`,
    }),
    seed: Type.Integer({ minimum: 0, maximum: 2 ** 32 - 1, description: 'Of what is drawn; 1.' }),
  },
  { examples: [{ views: 1 }] },
)

const Interval = Type.Array(Type.Number(), { minItems: 2, maxItems: 2 })

const Row = closed(
  {
    rate: Type.Number({ description: 'The rate that the threshold keeps to.' }),
    threshold: orNull(Type.Number(), {
      description: 'Inclusive; null: too few trials for the rate.',
    }),
    thresholdInterval: orNull(Interval, { description: 'Of 95 %, by drawing identities anew.' }),
    missed: Type.Number({
      description: 'The share of probes that their own identity is beyond it.',
    }),
    missedInterval: Interval,
    trials: Type.Integer(),
    enough: Type.Boolean({
      description:
        'Whether it rests on 30 errors or more (the rule of 30); else take it with care.',
    }),
  },
  { title: 'ThresholdRow' },
)

const Distance = closed(
  {
    matches: Type.Array(Row, {
      description: 'False match rates: of a comparison with one other identity.',
    }),
    accepts: Type.Array(Row, {
      description:
        'False accept rates: of subjects who are not stored, compared with all identities.',
    }),
    roc: Type.Array(
      closed({
        threshold: Type.Number(),
        falseMatchRate: Type.Number(),
        falseNonMatchRate: Type.Number(),
      }),
    ),
    reach: Type.Number({ description: 'Within it 99 % of probes are from their own identity.' }),
    equalErrorRate: Type.Number(),
    probability: Type.Array(closed({ upTo: Type.Number(), probability: Type.Number() }), {
      description: 'Of a match, by distance: steps that only fall, for who expected either alike.',
    }),
  },
  { title: 'CalibratedDistance' },
)

const Agreement = closed(
  { precision: Type.Number(), recall: Type.Number(), f: Type.Number() },
  { title: 'Agreement' },
)

const CalibrationAnswer = closed({
  records: Type.Integer(),
  identities: Type.Integer(),
  probes: Type.Integer(),
  best: oneOf(IDENTITY_DISTANCES, 'Misses fewest at a false accept rate of 1 %.'),
  distances: closed({
    nearest: Distance,
    'mean-nearest': Distance,
    template: Distance,
    hausdorff: Distance,
  }),
  clusters: Type.Optional(
    orNull(
      closed({
        radius: Type.Number({ description: 'The largest mean distance of two clusters.' }),
        records: Type.Integer({ description: 'That were clustered.' }),
        pairwise: Agreement,
        bcubed: Agreement,
      }),
      { description: 'How clusters agree best with labels; null where none do.' },
    ),
  ),
  generation: Type.Integer(),
  model: orNull(Type.String()),
  views: Type.Integer({ description: 'Images of each probe.' }),
  seed: Type.Integer(),
  calibratedAt: Type.String({ description: 'ISO 8601, UTC.' }),
})

const parseBody = createJsonParser(CalibrateBody)

export function readCalibrateBody(body: Uint8Array): CalibrateInput {
  const { views = 1, records = DEFAULT_CALIBRATED_RECORDS, seed = 1 } = parseBody(body)
  return { views, records, seed }
}

export function registerCalibrate(app: App, { readJson, jobs }: CallContext): void {
  call(app, 'calibrate', 'POST /v1/collections/:collection/calibrate', {
    summary: 'Find thresholds by the labelled records of a collection, as a job',
    tag: 'jobs',
    params: shared.CollectionParams,
    body: { 'application/json': CalibrateBody },
    answers: jobAccepted,
    problems: [404, 409, 413, 415],
    handler: async (request, reply) => {
      const input = await readJson(request, readCalibrateBody)
      return sendAccepted(reply, await jobs.calibrations.start(request.params.collection, input))
    },
  })

  call(app, 'readCalibration', 'GET /v1/collections/:collection/calibration', {
    scope: 'read',
    summary: 'What labelled records said about the distances of a collection',
    tag: 'search',
    params: shared.CollectionParams,
    answers: { 200: json('The calibration.', CalibrationAnswer) },
    problems: [404, 409],
    handler: async ({ params }) => await jobs.calibrations.of(params.collection),
  })
}
