import type { Socket } from 'node:net'
import multipart from '@fastify/multipart'
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import type { FastifyBaseLogger } from 'fastify'
import { fastify, LogController } from 'fastify'
import type { Collections } from '../collection/collections.ts'
import { type EmbeddingsUseCases, noEmbeddings } from '../collection/embeddings.ts'
import { fetchNothing, type UrlFetcher } from '../collection/url-fetcher.ts'
import { AppError } from '../errors.ts'
import type { AccessOptions } from './access.ts'
import { createAccessCheck } from './access.ts'
import type { App } from './app.ts'
import { registerArrivalTimeout } from './arrival.ts'
import { BodyBudget } from './body/body-budget.ts'
import { BodyReader } from './body/body-reader.ts'
import { ImageSources } from './body/image-sources.ts'
import { MULTIPART_OPTIONS } from './body/multipart-body.ts'
import { answerClientError, registerErrorAnswers, sendProblem } from './error-answers.ts'
import { checkExposure } from './exposure.ts'
import { registerGuard } from './guard.ts'
import type { GaugeSource } from './metrics.ts'
import { createMetrics } from './metrics.ts'
import { registerOpenApi } from './openapi.ts'
import { validatorCompiler } from './query-parser.ts'
import { requestIdOf } from './request-id.ts'
import { registerRequestLog } from './request-log.ts'
import { registerCollectionRoutes } from './routes/collection-routes.ts'
import { registerDuplicatesRoute } from './routes/duplicates-route.ts'
import { registerIdentitiesRoute } from './routes/identities-route.ts'
import { registerImageRoutes } from './routes/image-routes.ts'
import { ARCHIVE_TYPES, registerImportRoutes } from './routes/import-routes.ts'
import { type JobUseCases, registerJobRoutes } from './routes/job-routes.ts'
import { registerManyImagesRoute } from './routes/many-images-route.ts'
import { registerOpenAiRoutes } from './routes/openai-routes.ts'
import { registerRecordRoutes } from './routes/record-routes.ts'
import { registerReembedRoutes } from './routes/reembed-routes.ts'
import { registerSearchRoutes } from './routes/search-routes.ts'
import type { Readiness } from './routes/service-routes.ts'
import { registerServiceRoutes } from './routes/service-routes.ts'
import { registerStatisticsRoute } from './routes/statistics-route.ts'
import { registerTrainingRoute } from './routes/training-route.ts'
import { registerVectorRoutes } from './routes/vector-routes.ts'

interface HttpLimits {
  /** One request body. */
  readonly maxBodyBytes: number
  /** Bodies of all requests together; beyond it 503. Default: eight of the largest. */
  readonly maxBodyBytesInFlight?: number
  /** For a head, and for a body; of a streamed body between its pieces. Then 408. */
  readonly requestTimeoutMs?: number
  /** An idle connection is closed after this. */
  readonly keepAliveTimeoutMs?: number
  /** How long `close` waits for requests that are being answered. */
  readonly closeTimeoutMs?: number
}

const HTTP_LIMIT_DEFAULTS = {
  requestTimeoutMs: 30_000,
  keepAliveTimeoutMs: 72_000,
  closeTimeoutMs: 10_000,
} as const

export interface HttpServerOptions extends AccessOptions {
  readonly collections: Pick<Collections, 'create' | 'list' | 'get' | 'drop'>
  /** Left out: there are no models. */
  readonly embeddings?: EmbeddingsUseCases
  /** Without it there are no calls about jobs and imports. */
  readonly jobs?: JobUseCases
  /** For images given by URL. Default: none are fetched. */
  readonly urlFetcher?: UrlFetcher
  readonly logger: FastifyBaseLogger
  readonly readiness: () => Readiness
  /** Why the process should be started again; null, as when left out: it need not. */
  readonly liveness?: () => string | null
  readonly limits: HttpLimits
  /** Of the service, for the OpenAPI document. */
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
  await registerBodies(app)
  await registerOpenApi(app, options.version)
  const parts = {
    collections: options.collections,
    embeddings: options.embeddings ?? noEmbeddings,
    bodies,
    images: new ImageSources({
      fetcher: options.urlFetcher ?? fetchNothing,
      budget,
      maxBytes: maxBodyBytes,
    }),
    maxBodyBytes,
    observeSearch: metrics.observeSearch,
  }
  registerServiceRoutes(app, {
    readiness: options.readiness,
    liveness: options.liveness ?? (() => null),
    metrics,
  })
  registerCollectionRoutes(app, parts)
  registerImageRoutes(app, parts)
  registerManyImagesRoute(app, parts)
  registerVectorRoutes(app, parts)
  registerRecordRoutes(app, parts)
  registerSearchRoutes(app, parts)
  registerStatisticsRoute(app, parts)
  registerOpenAiRoutes(app, parts)
  registerDuplicatesRoute(app, parts)
  registerIdentitiesRoute(app, parts)
  if (options.jobs !== undefined) {
    registerJobRoutes(app, options.jobs, stopping.signal)
    registerImportRoutes(app, parts, options.jobs)
    registerReembedRoutes(app, parts, options.jobs)
    registerTrainingRoute(app, parts, options.jobs.trainings)
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
  limits: { maxBodyBytes: number; requestTimeoutMs: number; keepAliveTimeoutMs: number },
): App {
  const { requestTimeoutMs } = limits
  const app = fastify({
    loggerInstance,
    logController: new LogController({
      disableRequestLogging: true,
      requestIdLogLabel: 'requestId',
    }),
    genReqId: requestIdOf,
    bodyLimit: limits.maxBodyBytes,
    // Bodies are timed by `registerArrivalTimeout`, which knows those that may take long.
    requestTimeout: 0,
    keepAliveTimeout: limits.keepAliveTimeoutMs,
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

/** Bodies reach the routes as bytes, or as a multipart stream. */
async function registerBodies(app: App): Promise<void> {
  app.setValidatorCompiler(validatorCompiler)
  // Answers are ours: their schemas document them, and a test holds them to it.
  app.setSerializerCompiler(() => (value) => JSON.stringify(value))
  app.removeAllContentTypeParsers()
  const keepBytes = async (_request: unknown, body: Buffer) => body
  for (const media of ['application/json', 'application/octet-stream', /^image\//]) {
    app.addContentTypeParser(media, { parseAs: 'buffer' }, keepBytes)
  }
  // Archives are larger than memory: their route reads the stream.
  app.addContentTypeParser(ARCHIVE_TYPES, (_request, payload, done) => done(null, payload))
  await app.register(multipart, MULTIPART_OPTIONS)
}
