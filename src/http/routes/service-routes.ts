import type { App } from '../app.ts'
import type { Metrics } from '../metrics.ts'
import { answers, binary, json } from '../schemas/answers.ts'
import { NoQuery } from '../schemas/parts.ts'
import { LiveSchema, NotLiveSchema, ReadySchema } from '../schemas/service.ts'

/** Whether the service can answer, and what is worth saying about how: provider, model, … */
export interface Readiness {
  readonly ready: boolean
  readonly reason: string | null
  readonly details: Readonly<Record<string, unknown>>
}

export function registerServiceRoutes(
  app: App,
  {
    readiness,
    liveness,
    metrics,
  }: { readiness: () => Readiness; liveness: () => string | null; metrics: Metrics },
): void {
  app.get('/livez', {
    config: { scope: 'open' },
    schema: {
      operationId: 'live',
      summary: 'The process is alive, and its models answer',
      tags: ['service'],
      security: [],
      querystring: NoQuery,
      response: {
        ...answers({ 200: json('Alive.', LiveSchema) }, [400]),
        503: json('Start it again.', NotLiveSchema),
      },
    },
    handler: async (_request, reply) => {
      const reason = liveness()
      if (reason === null) return { live: true as const }
      return reply.code(503).header('retry-after', '1').send({ live: false, reason })
    },
  })
  app.get('/readyz', {
    config: { scope: 'open' },
    schema: {
      operationId: 'ready',
      summary: 'The service is ready, or why it is not',
      tags: ['service'],
      security: [],
      querystring: NoQuery,
      response: {
        ...answers({ 200: json('Ready.', ReadySchema) }, [400]),
        503: json('Not ready; `Retry-After` says when to ask again.', ReadySchema),
      },
    },
    handler: async (_request, reply) => {
      const { ready, reason, details } = readiness()
      if (!ready) reply.code(503).header('retry-after', '1')
      return { ...details, ready, reason }
    },
  })
  app.get('/metrics', {
    config: { scope: 'read' },
    schema: {
      operationId: 'metrics',
      summary: 'Metrics in Prometheus text format',
      tags: ['service'],
      querystring: NoQuery,
      response: answers({ 200: binary('Metrics.', 'text/plain') }, [400]),
    },
    handler: async (_request, reply) => {
      const text = await metrics.text()
      return reply.type(metrics.contentType).send(text)
    },
  })
}
