import type { Socket } from 'node:net'
import multipart from '@fastify/multipart'
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import { type FastifyBaseLogger, fastify, LogController } from 'fastify'
import type { Collections } from '../collection/collections.ts'
import type { EmbeddingsUseCases } from '../collection/embeddings.ts'
import { fetchNothing, type UrlFetcher } from '../collection/url-fetcher.ts'
import { AppError } from '../errors.ts'
import { type AccessOptions, createAccessCheck } from './access.ts'
import type { App } from './app.ts'
import { registerArrivalTimeout } from './arrival.ts'
import { BodyBudget } from './body/body-budget.ts'
import { BodyReader } from './body/body-reader.ts'
import { ImageSources } from './body/image-source.ts'
import { MULTIPART_OPTIONS } from './body/multipart-body.ts'
import { createReadJson } from './body/read-json.ts'
import { type Readiness, registerHealth } from './calls/health.ts'
import { ARCHIVE_TYPES } from './calls/import.ts'
import { type JobUseCases, registerCalls, registerJobCalls } from './calls/register-calls.ts'
import { answerClientError, registerErrorAnswers, sendProblem } from './error-answers.ts'
import { checkExposure } from './exposure.ts'
import { registerGuard } from './guard.ts'
import { createMetrics, type GaugeSource } from './metrics.ts'
import { registerOpenApi } from './openapi.ts'
import { registerParameterCheck } from './parameter-check.ts'
import { registerRequestLog, requestIdOf } from './request-log.ts'

interface HttpLimits {
  /** The most bytes of one request body. */
  readonly maxBodyBytes: number
  /** The most bytes of the bodies of all requests together; beyond it 503. Default: eight of the largest. */
  readonly maxBodyBytesInFlight?: number
  /** Milliseconds that a head may take, a body, and a streamed body between its pieces; then 408. */
  readonly requestTimeoutMs?: number
  /** Milliseconds that `close` waits for requests that are being answered. */
  readonly closeTimeoutMs?: number
}

const HTTP_LIMIT_DEFAULTS = { requestTimeoutMs: 30_000, closeTimeoutMs: 10_000 }

/** Milliseconds after which an idle connection is closed. */
const KEEP_ALIVE_TIMEOUT_MS = 72_000

export interface HttpServerOptions extends AccessOptions {
  readonly collections: Pick<Collections, 'create' | 'list' | 'get' | 'drop'>
  readonly embeddings: EmbeddingsUseCases
  /** Without it there are no calls about jobs and imports. */
  readonly jobs?: JobUseCases
  /** Fetches images given by URL. Default: none are fetched. */
  readonly urlFetcher?: UrlFetcher
  readonly logger: FastifyBaseLogger
  readonly readiness: () => Readiness
  /** Says why the process should be started again; null, the default, where it need not. */
  readonly liveness?: () => string | null
  readonly limits: HttpLimits
  /** The version of the service, for the OpenAPI document. */
  readonly version: string
  readonly gauges?: readonly GaugeSource[]
}

export interface HttpServer {
  readonly app: App
  /** @throws CONFIG_INVALID when that host would let anyone in (see `checkExposure`). */
  listen(address: { host: string; port: number }): Promise<{ host: string; port: number }>
  /**
   * Takes no new requests, answers those accepted, and cuts what is left after `closeTimeoutMs`. The
   * use cases must stay open until it resolves.
   */
  close(): Promise<void>
}

export async function createHttpServer(options: HttpServerOptions): Promise<HttpServer> {
  const limits = { ...HTTP_LIMIT_DEFAULTS, ...options.limits }
  const { maxBodyBytes } = limits
  const app = createApp(options.logger, limits)
  const bodies = new BodyReader()
  let closing: Promise<void> | null = null
  const stopping = new AbortController()

  const metrics = createMetrics(app, options.gauges ?? [])
  const budget = new BodyBudget(limits.maxBodyBytesInFlight ?? 8 * maxBodyBytes)
  registerRequestLog(app)
  registerArrivalTimeout(app, limits.requestTimeoutMs)
  registerGuard(app, {
    access: createAccessCheck(options),
    budget,
    isStopping: () => closing !== null,
  })
  registerErrorAnswers(app)
  registerParameterCheck(app)
  await registerBodies(app)
  await registerOpenApi(app, options.version)
  const context = {
    collections: options.collections,
    embeddings: options.embeddings,
    images: new ImageSources({
      fetcher: options.urlFetcher ?? fetchNothing,
      budget,
      maxBytes: maxBodyBytes,
    }),
    maxBodyBytes,
    readJson: createReadJson(bodies),
    observeSearch: metrics.observeSearch,
  }
  registerHealth(app, {
    readiness: options.readiness,
    liveness: options.liveness ?? (() => null),
    metrics,
  })
  registerCalls(app, context)
  if (options.jobs !== undefined) {
    registerJobCalls(app, context, options.jobs, stopping.signal)
  }
  await app.ready()

  async function stop(): Promise<void> {
    const cut = setTimeout(() => app.server.closeAllConnections(), limits.closeTimeoutMs)
    try {
      await app.close()
    } finally {
      clearTimeout(cut)
      await bodies.close()
    }
  }

  return {
    app,
    async listen({ host, port }) {
      checkExposure({ ...options, host })
      // One socket, so that the port of port 0 is one port. Node resolves localhost to either family.
      await app.listen({ host: host === 'localhost' ? '127.0.0.1' : host, port })
      const address = app.server.address()
      if (address === null || typeof address === 'string') throw new Error('no TCP address')
      return { host: address.address, port: address.port }
    },
    close() {
      stopping.abort(new AppError('SHUTTING_DOWN', 'the service is stopping'))
      closing ??= stop()
      return closing
    },
  }
}

function createApp(
  loggerInstance: FastifyBaseLogger,
  { maxBodyBytes, requestTimeoutMs }: { maxBodyBytes: number; requestTimeoutMs: number },
): App {
  const app = fastify({
    loggerInstance,
    logController: new LogController({
      disableRequestLogging: true,
      requestIdLogLabel: 'requestId',
    }),
    genReqId: requestIdOf,
    bodyLimit: maxBodyBytes,
    // Bodies are timed by `registerArrivalTimeout`, which knows those that may take long.
    requestTimeout: 0,
    keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS,
    http: {
      requestTimeout: 0,
      headersTimeout: requestTimeoutMs,
      connectionsCheckingInterval: Math.max(50, Math.min(1000, requestTimeoutMs / 4)),
    },
    return503OnClosing: false,
    // Ids are judged by one rule with one message, not by the router.
    routerOptions: { maxParamLength: 16_384 },
    frameworkErrors: (error, request, reply) => sendProblem(error, request, reply),
    clientErrorHandler: (error, socket: Socket) => answerClientError(error, socket),
  })
  return app.withTypeProvider<TypeBoxTypeProvider>() as unknown as App
}

/** Bodies reach the calls as bytes, or as a multipart stream. */
async function registerBodies(app: App): Promise<void> {
  // Answers are ours: their schemas document them, and a test holds them to it.
  app.setSerializerCompiler(() => (value) => JSON.stringify(value))
  app.removeAllContentTypeParsers()
  const keepBytes = async (_request: unknown, body: Buffer) => body
  for (const media of ['application/json', 'application/octet-stream', /^image\//]) {
    app.addContentTypeParser(media, { parseAs: 'buffer' }, keepBytes)
  }
  // Archives are larger than memory: their call reads the stream.
  app.addContentTypeParser(ARCHIVE_TYPES, (_request, payload, done) => done(null, payload))
  await app.register(multipart, MULTIPART_OPTIONS)
}
