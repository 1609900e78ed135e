import type { Readable } from 'node:stream'
import { AppError } from '../../errors.ts'
import type { App } from '../app.ts'
import { jobView } from '../job-view.ts'
import { answers, body, json } from '../schemas/answers.ts'
import { ArchiveQuery, ImportBody, JobSchema } from '../schemas/job.ts'
import { CollectionParams, NoQuery } from '../schemas/parts.ts'
import type { JobUseCases } from './job-routes.ts'
import type { RouteParts } from './route-parts.ts'
import { rawBody } from './route-parts.ts'

export const ARCHIVE_TYPES = ['application/zip', 'application/x-tar', 'application/gzip']

const accepted = { 202: json('The job; `Location` is its place.', JobSchema) }
const tags = ['jobs']

export function registerImportRoutes(
  app: App,
  { bodies }: RouteParts,
  { imports }: JobUseCases,
): void {
  app.post('/v1/collections/:collection/import', {
    config: { scope: 'write', media: ['application/json'] },
    schema: {
      operationId: 'importImages',
      summary: 'Add images from a folder of the server, or from URLs, as a job',
      tags,
      params: CollectionParams,
      querystring: NoQuery,
      body: body({ 'application/json': ImportBody }),
      response: answers(accepted, [400, 404, 409, 413, 415]),
    },
    handler: async (request, reply) => {
      const { collection } = request.params
      const wanted = await bodies.read('import', rawBody(request))
      const job =
        wanted.kind === 'folder'
          ? await imports.folder(collection, wanted.folder, wanted.labelFrom)
          : await imports.urls(collection, wanted.items)
      return reply.code(202).header('location', `/v1/jobs/${job.id}`).send(jobView(job))
    },
  })

  app.post('/v1/collections/:collection/import/archive', {
    config: { scope: 'write', media: ARCHIVE_TYPES, streamed: true },
    schema: {
      operationId: 'importArchive',
      summary: 'Add the images of a zip, tar or tar.gz file, as a job',
      tags,
      params: CollectionParams,
      querystring: ArchiveQuery,
      body: body(Object.fromEntries(ARCHIVE_TYPES.map((type) => [type, 'binary']))),
      response: answers(accepted, [400, 404, 409, 413, 415, 422]),
    },
    handler: async (request, reply) => {
      const { collection } = request.params
      const { labelFrom = 'folder' } = request.query
      if (request.body === undefined) {
        throw new AppError('INVALID_REQUEST', 'expected an archive as the body, got none')
      }
      // Not destroyed when it is refused: what is left is read and dropped, and the answer arrives.
      const archive = (request.body as unknown as Readable).iterator({ destroyOnReturn: false })
      try {
        const job = await imports.archive(collection, archive, labelFrom)
        return reply.code(202).header('location', `/v1/jobs/${job.id}`).send(jobView(job))
      } catch (error) {
        if (!request.raw.complete && request.raw.destroyed) {
          throw new AppError('CANCELLED', 'the client hung up before the end', { cause: error })
        }
        throw error
      }
    },
  })
}
