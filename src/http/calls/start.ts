import { type App, call, json } from '../call.ts'
import { closed, Type } from '../schemas/type.ts'
import type { SendPage } from './page.ts'

const StartAnswer = closed(
  {
    service: Type.String(),
    version: Type.String(),
    documentation: Type.String({ description: 'All calls, to read and to try.' }),
    openapi: Type.String({ description: 'All calls, for machines.' }),
    collections: Type.String(),
    ready: Type.String(),
  },
  {
    examples: [
      {
        service: 'lookalike',
        version: '1.0.0',
        documentation: '/docs',
        openapi: '/openapi.json',
        collections: '/v1/collections',
        ready: '/readyz',
      },
    ],
  },
)

/** @param sendPage answers browsers. */
export function registerStart(app: App, version: string, sendPage: SendPage): void {
  call(app, 'start', 'GET /', {
    scope: 'open',
    summary: 'Where to go from here',
    tag: 'service',
    answers: { 200: json('Addresses of this service; for a browser, its page.', StartAnswer) },
    handler: async (request, reply) => {
      if (sendPage(request, reply)) return reply
      return {
        service: 'lookalike',
        version,
        documentation: '/docs',
        openapi: '/openapi.json',
        collections: '/v1/collections',
        ready: '/readyz',
      }
    },
  })
}
