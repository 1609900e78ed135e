import type { TrainingsUseCases } from '../../collection/trainings.ts'
import type { App } from '../app.ts'
import { jobView } from '../job-view.ts'
import { answers, body, json } from '../schemas/answers.ts'
import { JobSchema, TrainingBody } from '../schemas/job.ts'
import { NoQuery } from '../schemas/parts.ts'
import { type RouteParts, rawBody } from './route-parts.ts'

export function registerTrainingRoute(
  app: App,
  { bodies }: RouteParts,
  trainings: TrainingsUseCases,
): void {
  app.post('/v1/trainings', {
    config: { scope: 'write', media: ['application/json'] },
    schema: {
      operationId: 'train',
      summary: 'Train a model on labelled pictures or a labelled collection, as a job',
      tags: ['jobs'],
      querystring: NoQuery,
      body: body({ 'application/json': TrainingBody }),
      response: answers(
        { 202: json('The job; `Location` is its place.', JobSchema) },
        [400, 404, 409, 413, 415],
      ),
    },
    handler: async (request, reply) => {
      const job = await trainings.start(await bodies.read('training', rawBody(request)))
      return reply.code(202).header('location', `/v1/jobs/${job.id}`).send(jobView(job))
    },
  })
}
