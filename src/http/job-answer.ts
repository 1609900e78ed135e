import type { FastifyReply } from 'fastify'
import type { Job } from '../collection/jobs/job.ts'
import { json } from './call.ts'
import { closed, oneOf, orNull, Type } from './schemas/type.ts'

export const JobStateSchema = oneOf(
  ['queued', 'running', 'succeeded', 'failed', 'cancelled'],
  'The last three are final.',
)

export const JobSchema = closed(
  {
    id: Type.String(),
    kind: Type.String(),
    collection: orNull(Type.String(), { description: 'Null for a training.' }),
    about: Type.String({ description: 'What was asked for, in words.' }),
    state: JobStateSchema,
    progress: closed({
      done: Type.Integer(),
      total: orNull(Type.Integer(), { description: 'Null where nobody knows.' }),
      counts: Type.Unsafe<Record<string, number>>({
        type: 'object',
        additionalProperties: { type: 'integer' },
        description:
          'What became of those done: `added`, `replaced`, `updated` (the metadata alone), `skipped`, `leftOut`, `refused`; `embedded`, `ended`.',
      }),
    }),
    failures: Type.Array(
      closed(
        { item: Type.String(), code: Type.String(), detail: Type.String() },
        { title: 'Refusal' },
      ),
      { description: 'The first 100 refused.' },
    ),
    failuresOmitted: Type.Integer({ description: 'Refused beyond those listed.' }),
    details: orNull(
      Type.Unsafe<Record<string, unknown>>({ type: 'object', additionalProperties: true }),
      {
        description:
          'Of an import `leftOut`, the first 100 files that were left out, as `{ item, reason }`; null where there are none. Of a training `stage`, `curve`, `notes`, and when it has succeeded its `report`.',
      },
    ),
    error: orNull(closed({ code: Type.String(), detail: Type.String() }), {
      description: 'Why the whole job failed.',
    }),
    createdAt: Type.String({ description: 'ISO 8601, UTC.' }),
    startedAt: orNull(Type.String()),
    finishedAt: orNull(Type.String()),
  },
  { title: 'Job' },
)

/** Gives a job as callers see it. */
export function jobView(job: Job) {
  const { version: _, checkpoint: __, attempts: ___, ...view } = job
  return view
}

/** The answer of every call that starts a job. */
export const jobAccepted = { 202: json('The job; `Location` is its place.', JobSchema) }

export function sendAccepted(reply: FastifyReply, job: Job): FastifyReply {
  return reply.code(202).header('location', `/v1/jobs/${job.id}`).send(jobView(job))
}
