import type { FastifyRequest } from 'fastify'
import type { IdentitySearchRequest } from '../../collection/search-identities.ts'
import { MAX_QUERY_IMAGES } from '../../collection/service.ts'
import type { App } from '../app.ts'
import { readIdentitiesParts } from '../body/identities-body.ts'
import type { ImageSource } from '../body/image-source.ts'
import { jsonPart, readMultipart } from '../body/multipart-body.ts'
import { examplesWithBytes } from '../body/query-images.ts'
import { clientGone } from '../client-gone.ts'
import { answers, body, json } from '../schemas/answers.ts'
import { IdentitiesForm } from '../schemas/forms.ts'
import { IdentitySearchAnswerSchema, IdentitySearchBody } from '../schemas/identities.ts'
import { CollectionParams, NoQuery } from '../schemas/parts.ts'
import type { RouteParts } from './route-parts.ts'
import { rawBody } from './route-parts.ts'

export function registerIdentitiesRoute(app: App, parts: RouteParts): void {
  app.post('/v1/collections/:collection/identities/search', {
    config: { scope: 'read', media: ['application/json', 'multipart/form-data'] },
    schema: {
      operationId: 'searchIdentities',
      summary: 'Identities by the Hausdorff distance of their sets of records',
      tags: ['search'],
      params: CollectionParams,
      querystring: NoQuery,
      body: body({
        'application/json': IdentitySearchBody,
        'multipart/form-data': IdentitiesForm,
      }),
      response: answers(
        { 200: json('Identities by distance, then value.', IdentitySearchAnswerSchema) },
        [400, 404, 409, 413, 415, 422],
      ),
    },
    handler: async (request, reply) => {
      const collection = parts.collections.get(request.params.collection)
      const { query, ...rest } = await readRequest(request, parts)
      const signal = clientGone(reply)
      const bytesOf = (images: readonly ImageSource[]) => {
        return parts.images.bytesOf(images, reply, signal)
      }
      if (query.kind === 'identity') {
        return await collection.searchIdentities({ query, ...rest }, { signal })
      }
      const examples = await examplesWithBytes(query.examples, bytesOf)
      const wanted = { query: { kind: 'examples', examples }, ...rest } as const
      return await collection.searchIdentities(wanted, { signal })
    },
  })
}

async function readRequest(
  request: FastifyRequest,
  { bodies, maxBodyBytes }: RouteParts,
): Promise<IdentitySearchRequest<ImageSource>> {
  if (!request.isMultipart()) return bodies.read('identities', rawBody(request))
  const form = await readMultipart(request, maxBodyBytes, { image: MAX_QUERY_IMAGES, request: 1 })
  const images = form.filter((part) => part.name === 'image').map((part) => part.bytes)
  return readIdentitiesParts(jsonPart(form, 'request'), images)
}
