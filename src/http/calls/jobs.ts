import { type App, type CallContext, call, clientGone, json, text } from '../call.ts'
import { JobSchema, JobStateSchema, jobView } from '../job-answer.ts'
import { createJobEvents } from '../job-events.ts'
import { sendWithList } from '../json-answer.ts'
import { closed, partial, Type } from '../schemas/type.ts'

const JobParams = closed({ id: Type.String({ description: 'The job.' }) })

const JobsQuery = partial({
  collection: Type.String({ description: 'Only jobs of this collection.' }),
  state: JobStateSchema,
})

export function registerJobs(app: App, { jobs: { runner }, stopping }: CallContext): void {
  const eventsOf = createJobEvents(runner)

  call(app, 'listJobs', 'GET /v1/jobs', {
    summary: 'Jobs, the newest first; the last 200 that have ended are kept',
    tag: 'jobs',
    query: JobsQuery,
    answers: { 200: json('The jobs.', closed({ jobs: Type.Array(JobSchema) })) },
    handler: async ({ query: { collection, state } }, reply) => {
      const jobs = runner
        .list()
        .filter((job) => collection === undefined || job.collection === collection)
        .filter((job) => state === undefined || job.state === state)
      // Two hundred reports of a hundred failures each take a while to write.
      return sendWithList(reply, 'jobs', jobs.map(jobView), {})
    },
  })

  call(app, 'getJob', 'GET /v1/jobs/:id', {
    summary: 'One job: state, progress, what was refused',
    tag: 'jobs',
    params: JobParams,
    answers: { 200: json('The job.', JobSchema) },
    problems: [404],
    handler: async ({ params }) => jobView(runner.job(params.id)),
  })

  call(app, 'watchJob', 'GET /v1/jobs/:id/events', {
    summary: 'The job as server-sent events, until it has ended',
    tag: 'jobs',
    params: JobParams,
    answers: { 200: text('Events `job`, each a job.', 'text/event-stream') },
    problems: [404],
    handler: async (request, reply) => {
      const signal = AbortSignal.any([clientGone(reply), stopping])
      const stream = eventsOf(request.params.id, request.headers['last-event-id'], signal)
      return reply
        .type('text/event-stream')
        .headers({ 'cache-control': 'no-store', 'x-accel-buffering': 'no' })
        .send(stream)
    },
  })

  call(app, 'cancelJob', 'DELETE /v1/jobs/:id', {
    summary: 'Cancel a job; answers when it has stopped. One that has ended stays as it is',
    tag: 'jobs',
    params: JobParams,
    answers: { 200: json('The job.', JobSchema) },
    problems: [404],
    handler: async ({ params }) => jobView(await runner.cancel(params.id)),
  })
}
