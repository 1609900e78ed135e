import type { FastifyRequest } from 'fastify'
import type { SearchRequest } from '../../collection/service.ts'
import { MAX_QUERY_IMAGES } from '../../collection/service.ts'
import type { App } from '../app.ts'
import type { ImageSource } from '../body/image-source.ts'
import { jsonPart, readMultipart } from '../body/multipart-body.ts'
import { withImageBytes } from '../body/query-images.ts'
import { readSearchParts } from '../body/search-body.ts'
import { clientGone } from '../client-gone.ts'
import { sendWithList } from '../json-answer.ts'
import { answers, body, json } from '../schemas/answers.ts'
import { SearchForm } from '../schemas/forms.ts'
import { CollectionParams, NoQuery } from '../schemas/parts.ts'
import { SearchAnswerSchema, SearchBody } from '../schemas/search.ts'
import { withPlainVectors } from '../views.ts'
import type { RouteParts } from './route-parts.ts'
import { rawBody } from './route-parts.ts'

export function registerSearchRoutes(app: App, parts: RouteParts): void {
  app.post('/v1/collections/:collection/search', {
    config: { scope: 'read', media: ['application/json', 'multipart/form-data'] },
    schema: {
      operationId: 'search',
      summary: 'The nearest records, those within a radius, or both',
      tags: ['search'],
      params: CollectionParams,
      querystring: NoQuery,
      body: body({ 'application/json': SearchBody, 'multipart/form-data': SearchForm }),
      response: answers(
        { 200: json('Matches by distance, then id.', SearchAnswerSchema) },
        [400, 404, 409, 413, 415, 422],
      ),
    },
    handler: async (request, reply) => {
      const collection = parts.collections.get(request.params.collection)
      const asked = await readSearch(request, parts)
      const signal = clientGone(reply)
      const wanted = await withImageBytes(asked, (images) =>
        parts.images.bytesOf(images, reply, signal),
      )
      const { matches, ...rest } = await collection.search(wanted, { signal })
      parts.observeSearch(rest.timings)
      return sendWithList(reply, 'matches', withPlainVectors(matches), rest)
    },
  })
}

async function readSearch(
  request: FastifyRequest,
  { bodies, maxBodyBytes }: RouteParts,
): Promise<SearchRequest<ImageSource>> {
  if (!request.isMultipart()) return bodies.read('search', rawBody(request))
  const form = await readMultipart(request, maxBodyBytes, { image: MAX_QUERY_IMAGES, request: 1 })
  const images = form.filter((part) => part.name === 'image').map((part) => part.bytes)
  return readSearchParts(jsonPart(form, 'request'), images)
}
