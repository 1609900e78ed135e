import { type App, call, json, text } from '../call.ts'
import type { Metrics } from '../metrics.ts'
import { closed, orNull, Type } from '../schemas/type.ts'

/** Whether the service can answer, and what is worth knowing about how: provider, model, … */
export interface Readiness {
  readonly ready: boolean
  readonly reason: string | null
  readonly details: Readonly<Record<string, unknown>>
}

const LiveAnswer = closed({ live: Type.Boolean() }, { examples: [{ live: true }] })

const NotLiveAnswer = closed(
  { live: Type.Boolean(), reason: Type.String() },
  {
    examples: [{ live: false, reason: 'the model efficientnet-lite2-lite0-int8 does not answer' }],
  },
)

const ReadyAnswer = Type.Object(
  { ready: Type.Boolean(), reason: orNull(Type.String()) },
  { additionalProperties: true, examples: [{ ready: false, reason: 'loading the model' }] },
)

const HealthAnswer = closed(
  {
    unix: Type.Number({ description: 'Seconds since 1970.' }),
    ready: Type.Boolean(),
    reason: orNull(Type.String()),
    more: Type.String({ description: 'The call that says more.' }),
  },
  { examples: [{ unix: 1_790_000_000.5, ready: true, reason: null, more: '/readyz' }] },
)

export function registerHealth(
  app: App,
  readiness: () => Readiness,
  liveness: () => string | null,
  metrics: Metrics,
): void {
  call(app, 'live', 'GET /livez', {
    scope: 'open',
    summary: 'The process is alive, and its models answer',
    tag: 'service',
    answers: { 200: json('Alive.', LiveAnswer), 503: json('Start it again.', NotLiveAnswer) },
    handler: async (_request, reply) => {
      const reason = liveness()
      if (reason === null) return { live: true }
      return reply.code(503).header('retry-after', '1').send({ live: false, reason })
    },
  })

  call(app, 'ready', 'GET /readyz', {
    scope: 'open',
    summary: 'The service is ready, or why it is not',
    tag: 'service',
    answers: {
      200: json('Ready.', ReadyAnswer),
      503: json('Not ready; `Retry-After` says when to ask again.', ReadyAnswer),
    },
    handler: async (_request, reply) => {
      const { ready, reason, details } = readiness()
      if (!ready) reply.code(503).header('retry-after', '1')
      return { ...details, ready, reason }
    },
  })

  // The paths that infinity's client asks, with and without the prefix of its other calls.
  for (const [id, path] of [
    ['health', '/health'],
    ['healthV1', '/v1/health'],
  ] as const) {
    call(app, id, `GET ${path}`, {
      scope: 'open',
      summary: 'As `/readyz`, in the shape of infinity',
      tag: 'service',
      answers: { 200: json('Ready.', HealthAnswer), 503: json('Not ready.', HealthAnswer) },
      handler: async (_request, reply) => {
        const { ready, reason } = readiness()
        if (!ready) reply.code(503).header('retry-after', '1')
        return { unix: Date.now() / 1000, ready, reason, more: '/readyz' }
      },
    })
  }

  call(app, 'metrics', 'GET /metrics', {
    scope: 'read',
    summary: 'Metrics in Prometheus text format',
    tag: 'service',
    answers: { 200: text('Metrics.', 'text/plain') },
    handler: async (_request, reply) => {
      return reply.type(metrics.contentType).send(await metrics.text())
    },
  })
}
