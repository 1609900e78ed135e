import type { Imports } from '../../collection/import/imports.ts'
import type { JobRunner } from '../../collection/jobs/job-runner.ts'
import type { Reembeddings } from '../../collection/reembed/reembeddings.ts'
import type { TrainingsUseCases } from '../../collection/trainings.ts'
import type { App } from '../app.ts'
import { clientGone } from '../client-gone.ts'
import { JobEvents } from '../job-events.ts'
import { jobView } from '../job-view.ts'
import { sendWithList } from '../json-answer.ts'
import { answers, binary, json } from '../schemas/answers.ts'
import { JobListSchema, JobParams, JobSchema, JobsQuery } from '../schemas/job.ts'
import { NoQuery } from '../schemas/parts.ts'

export interface JobUseCases {
  readonly runner: JobRunner
  readonly imports: Imports
  readonly reembeddings: Reembeddings
  readonly trainings: TrainingsUseCases
}

const tags = ['jobs']

/** @param stopping aborts when the service stops; streams of events end with it. */
export function registerJobRoutes(app: App, { runner }: JobUseCases, stopping: AbortSignal): void {
  const events = new JobEvents(runner)

  app.get('/v1/jobs', {
    config: { scope: 'write' },
    schema: {
      operationId: 'listJobs',
      summary: 'Jobs, the newest first; the last 200 that have ended are kept',
      tags,
      querystring: JobsQuery,
      response: answers({ 200: json('The jobs.', JobListSchema) }, [400]),
    },
    handler: async ({ query: { collection, state } }, reply) => {
      const jobs = runner.list().filter((job) => {
        return (
          (collection ?? job.collection) === job.collection && (state ?? job.state) === job.state
        )
      })
      // Two hundred reports of a hundred failures each take a while to write.
      return sendWithList(reply, 'jobs', jobs.map(jobView), {})
    },
  })

  app.get('/v1/jobs/:id', {
    config: { scope: 'write' },
    schema: {
      operationId: 'getJob',
      summary: 'One job: state, progress, what was refused',
      tags,
      params: JobParams,
      querystring: NoQuery,
      response: answers({ 200: json('The job.', JobSchema) }, [400, 404]),
    },
    handler: async ({ params }) => jobView(runner.job(params.id)),
  })

  app.get('/v1/jobs/:id/events', {
    config: { scope: 'write' },
    schema: {
      operationId: 'watchJob',
      summary: 'The job as server-sent events, until it has ended',
      tags,
      params: JobParams,
      querystring: NoQuery,
      response: answers(
        { 200: binary('Events `job`, each a job.', 'text/event-stream') },
        [400, 404],
      ),
    },
    handler: async (request, reply) => {
      const signal = AbortSignal.any([clientGone(reply), stopping])
      const stream = events.of(request.params.id, request.headers['last-event-id'], signal)
      return reply
        .type('text/event-stream')
        .headers({ 'cache-control': 'no-store', 'x-accel-buffering': 'no' })
        .send(stream)
    },
  })

  app.delete('/v1/jobs/:id', {
    config: { scope: 'write' },
    schema: {
      operationId: 'cancelJob',
      summary: 'Cancel a job; answers when it has stopped. One that has ended stays as it is',
      tags,
      params: JobParams,
      querystring: NoQuery,
      response: answers({ 200: json('The job.', JobSchema) }, [400, 404]),
    },
    handler: async ({ params }) => jobView(await runner.cancel(params.id)),
  })
}
