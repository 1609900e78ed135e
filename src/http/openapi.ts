import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import { DOCS_POLICY } from './admission/security-headers.ts'
import type { App } from './call.ts'
import { withNamedSchemas } from './named-schemas.ts'

const TAGS = [
  { name: 'collections', description: 'Named sets of images.' },
  { name: 'images', description: 'Records of a collection.' },
  { name: 'search', description: 'Nearest neighbours and range queries.' },
  { name: 'models', description: "In the shape of OpenAI's API." },
  { name: 'jobs', description: 'Work that outlives its request.' },
  { name: 'service', description: 'Health, metrics, this document.' },
]

/** Registers `GET /openapi.json`, generated from the schemas of all calls registered after it, and `GET /docs`. */
export async function registerOpenApi(app: App, version: string): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Lookalike',
        version,
        description: 'Image similarity search: exact answers with proof.',
        license: { name: 'Apache-2.0', identifier: 'Apache-2.0' } as { name: string },
      },
      tags: TAGS,
      components: {
        securitySchemes: {
          bearer: { type: 'http', scheme: 'bearer' },
          apiKey: { type: 'apiKey', in: 'header', name: 'X-Api-Key' },
        },
      },
      security: [{ bearer: [] }, { apiKey: [] }],
    },
    transformObject: (made) =>
      'openapiObject' in made ? withNamedSchemas(made.openapiObject) : made.swaggerObject,
  })
  await app.register(swaggerUi, { routePrefix: '/docs', staticCSP: DOCS_POLICY })
  app.get('/openapi.json', { config: { scope: 'open' }, schema: { hide: true } }, async () =>
    app.swagger(),
  )
}
