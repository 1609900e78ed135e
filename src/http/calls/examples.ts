import { type App, type CallContext, call, json } from '../call.ts'
import { jobAccepted, sendAccepted } from '../job-answer.ts'
import { closed, Type } from '../schemas/type.ts'

const ExamplesSchema = closed(
  {
    collection: Type.String({ description: 'The collection that they are added to.' }),
    pictures: Type.Integer({ description: 'How many are shipped; 0 where none are.' }),
    first: Type.String({ description: 'The id of one that is good to search by first.' }),
    mayAdd: Type.Boolean({ description: 'Whether this caller may add them.' }),
  },
  { title: 'Examples' },
)

export function registerExamples(app: App, { jobs, mayWrite }: CallContext): void {
  call(app, 'getExamples', 'GET /v1/examples', {
    scope: 'read',
    beyondCollections: true,
    summary: 'The example pictures that are shipped, to try the service with',
    tag: 'collections',
    answers: { 200: json('What there is.', ExamplesSchema) },
    handler: async ({ caller }) => {
      const status = await jobs.examples.status()
      return { ...status, mayAdd: status.pictures > 0 && mayWrite(caller) }
    },
  })

  call(app, 'addExamples', 'POST /v1/examples', {
    summary:
      'Add the example pictures to a collection of their own, as a job; again adds what is missing',
    tag: 'jobs',
    answers: jobAccepted,
    problems: [404, 409],
    handler: async (_request, reply) => sendAccepted(reply, await jobs.examples.add()),
  })
}
