import type { JobRunner } from '../../collection/jobs/job-runner.ts'
import type { App } from '../app.ts'
import { JobSchema, JobStateSchema, jobView } from '../job-answer.ts'
import { JobEvents } from '../job-events.ts'
import { sendWithList } from '../json-answer.ts'
import { answers, binary, json } from '../schemas/answers.ts'
import { closed, partial, Type } from '../schemas/type.ts'
import { clientGone } from './call-context.ts'

const JobsAnswer = closed({ jobs: Type.Array(JobSchema) })

const JobParams = closed({ id: Type.String({ description: 'The job.' }) })

const JobsQuery = partial({
  collection: Type.String({ description: 'Only jobs of this collection.' }),
  state: JobStateSchema,
})

const tags = ['jobs']

/** @param stopping aborts when the service stops; streams of events end then. */
export function registerJobs(app: App, runner: JobRunner, stopping: AbortSignal): void {
  const events = new JobEvents(runner)

  app.get('/v1/jobs', {
    config: { scope: 'write' },
    schema: {
      operationId: 'listJobs',
      summary: 'Jobs, the newest first; the last 200 that have ended are kept',
      tags,
      querystring: JobsQuery,
      response: answers({ 200: json('The jobs.', JobsAnswer) }, [400]),
    },
    handler: async ({ query: { collection, state } }, reply) => {
      const jobs = runner
        .list()
        .filter((job) => collection === undefined || job.collection === collection)
        .filter((job) => state === undefined || job.state === state)
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
    schema: {
      operationId: 'cancelJob',
      summary: 'Cancel a job; answers when it has stopped. One that has ended stays as it is',
      tags,
      params: JobParams,
      response: answers({ 200: json('The job.', JobSchema) }, [400, 404]),
    },
    handler: async ({ params }) => jobView(await runner.cancel(params.id)),
  })
}
