import type { Socket } from 'node:net'
import { type FastifyBaseLogger, fastify, LogController } from 'fastify'
import type { UrlFetcher } from '../collection/url-fetcher.ts'
import { AppError } from '../errors.ts'
import { Access, type AccessOptions, type ApiKey, checkExposure } from './admission/access.ts'
import { registerArrivalTimeout } from './admission/arrival.ts'
import { boundConnections } from './admission/connections.ts'
import { createCors } from './admission/cors.ts'
import { GRACE_MS, registerDeadline } from './admission/deadline.ts'
import { registerGuard } from './admission/guard.ts'
import { createRateLimits } from './admission/rate-limits.ts'
import { collectMethods } from './allowed-methods.ts'
import { createBodyBudget } from './body/body-budget.ts'
import { BodyMemory } from './body/body-memory.ts'
import { createBodyReader } from './body/body-reader.ts'
import { createImageReaders } from './body/image-source.ts'
import { readBody } from './body/read-body.ts'
import { type App, rawBody, type UseCases } from './call.ts'
import { type Readiness, registerHealth } from './calls/health.ts'
import { ARCHIVE_TYPES } from './calls/import.ts'
import { registerPage } from './calls/page.ts'
import { registerCalls } from './calls/register-calls.ts'
import { registerStart } from './calls/start.ts'
import { answerClientError, registerErrorAnswers, sendProblem } from './error-answers.ts'
import { createLongWork } from './long-work.ts'
import { createMetrics, type Gauge } from './metrics.ts'
import { registerOpenApi } from './openapi.ts'
import { parameterCheck } from './parameter-check.ts'
import { DEFAULT_QUERY_LIMITS, type QueryLimits } from './query-limits.ts'
import { registerRequestLog, requestIdOf } from './request-log.ts'

export interface HttpServerOptions extends AccessOptions, UseCases {
  /** Fetches images given by URL. */
  readonly urlFetcher: UrlFetcher
  readonly logger: FastifyBaseLogger
  readonly readiness: () => Readiness
  /** Says why the process should be started again; null where it need not. */
  readonly liveness: () => string | null
  readonly limits: {
    /** The most bytes of one request body. */
    readonly maxBodyBytes: number
    /** The most bytes of the bodies of all requests together; beyond it 503. Default: eight of the largest. */
    readonly maxBodyBytesInFlight?: number
    /** Milliseconds that a head may take, a body, and a streamed body between its pieces; then 408. */
    readonly requestTimeoutMs?: number
    /** Milliseconds in which an answer begins; then 504. Default: 5 minutes. */
    readonly deadlineMs?: number
    /** Of one key, or of one address without a key; 0 for no limit, as by default. */
    readonly requestsPerMinute?: number
    readonly requestsPerDay?: number
    /** Milliseconds that `close` waits for requests that are being answered; half of them for long work. */
    readonly closeTimeoutMs?: number
    /** Left out, `DEFAULT_QUERY_LIMITS`. */
    readonly query?: QueryLimits
  }
  /** Host names beside loopback under which callers without a key may call. */
  readonly allowedHosts?: readonly string[]
  /** Origins whose pages may call, and read the answers. Default: none beside pages of the service itself. */
  readonly corsOrigins?: readonly string[]
  /** Addresses and ranges of proxies, whose `X-Forwarded-For` says where a call comes from. */
  readonly trustedProxies?: readonly string[]
  /** The version of the service, for the OpenAPI document. */
  readonly version: string
  readonly gauges: readonly Gauge[]
}

export interface HttpServer {
  readonly app: App
  /** @throws CONFIG_INVALID when that host would let anyone in (see `checkExposure`). */
  listen(address: { host: string; port: number }): Promise<{ host: string; port: number }>
  /** Takes other keys from the next request on. */
  replaceKeys(keys: readonly ApiKey[]): void
  /**
   * Takes no new requests and answers those accepted. Long work ends after half of `closeTimeoutMs`, and what is left then
   * is cut. The use cases must stay open until it resolves.
   */
  close(): Promise<void>
}

export async function createHttpServer(options: HttpServerOptions): Promise<HttpServer> {
  const { collections, embeddings, jobs } = options
  const { maxBodyBytes, maxBodyBytesInFlight = 8 * maxBodyBytes } = options.limits
  const { requestTimeoutMs = 30_000, closeTimeoutMs = 10_000 } = options.limits
  const { deadlineMs = 300_000, requestsPerMinute = 0, requestsPerDay = 0 } = options.limits
  const { query = DEFAULT_QUERY_LIMITS } = options.limits
  const { allowedHosts = [], corsOrigins = [], trustedProxies = [] } = options
  const app = createApp(options.logger, {
    maxBodyBytes,
    requestTimeoutMs,
    // Nothing moves on a connection while its call works, for as long as that may take.
    connectionTimeout: deadlineMs + GRACE_MS + requestTimeoutMs,
    trustProxy: trustedProxies.length > 0 && [...trustedProxies],
  })
  boundConnections(app.server)
  // The guard asks for the bodies that it lets in: a client that waits for that sends no other.
  app.server.on('checkContinue', app.routing)
  const bodies = createBodyReader({ limits: query })
  const longWork = createLongWork()
  const stopping = new AbortController()
  let closed: Promise<void> | null = null

  const methodsOf = collectMethods(app)
  const metrics = createMetrics(app, options.gauges)
  const clock = () => performance.now()
  const { onWrongKey } = metrics
  const access = new Access({ ...options, allowedHosts, corsOrigins, clock, onWrongKey })
  registerRequestLog(app)
  registerArrivalTimeout(app, requestTimeoutMs)
  registerDeadline(app, deadlineMs)
  registerGuard(app, {
    access,
    cors: createCors(corsOrigins),
    countRequest: createRateLimits({ requestsPerMinute, requestsPerDay, clock, now: Date.now }),
    holdBody: createBodyBudget(maxBodyBytesInFlight),
    stopping: stopping.signal,
    methodsOf,
  })
  registerErrorAnswers(app)
  app.setValidatorCompiler(parameterCheck)
  registerBodies(app, new BodyMemory())
  await registerOpenApi(app, options.version)
  registerStart(app, options.version, registerPage(app))
  registerHealth(app, options.readiness, options.liveness, metrics)
  registerCalls(app, {
    collections,
    embeddings,
    jobs,
    imageReader: createImageReaders(options.urlFetcher, maxBodyBytes),
    maxBodyBytes,
    readJson: (request, reader) => bodies.read(reader, rawBody(request)),
    limits: query,
    longWork: longWork.run,
    mayWrite: (caller) => access.allows(caller, 'write'),
    observeSearch: metrics.observeSearch,
    stopping: stopping.signal,
  })
  await app.ready()

  async function stop(): Promise<void> {
    const reason = new AppError('SHUTTING_DOWN', 'the service is stopping')
    // Earlier than the cut, so that those callers get an answer.
    const end = setTimeout(() => longWork.end(reason), closeTimeoutMs / 2)
    const cut = setTimeout(() => app.server.closeAllConnections(), closeTimeoutMs)
    try {
      await app.close()
    } finally {
      clearTimeout(end)
      clearTimeout(cut)
      await bodies.close()
    }
  }

  return {
    app,
    async listen({ host, port }) {
      checkExposure({ ...options, host })
      access.listensOn(host)
      // One socket, so that the port of port 0 is one port. Node resolves localhost to either family.
      await app.listen({ host: host === 'localhost' ? '127.0.0.1' : host, port })
      const address = app.server.address()
      if (address === null || typeof address === 'string') throw new Error('no TCP address')
      return { host: address.address, port: address.port }
    },
    replaceKeys: (keys) => access.replaceKeys(keys),
    close() {
      stopping.abort(new AppError('SHUTTING_DOWN', 'the service is stopping'))
      closed ??= stop()
      return closed
    },
  }
}

interface AppLimits {
  readonly maxBodyBytes: number
  readonly requestTimeoutMs: number
  readonly connectionTimeout: number
  readonly trustProxy: false | string[]
}

function createApp(loggerInstance: FastifyBaseLogger, limits: AppLimits): App {
  const { maxBodyBytes, requestTimeoutMs, connectionTimeout, trustProxy } = limits
  return fastify({
    loggerInstance,
    logController: new LogController({
      disableRequestLogging: true,
      requestIdLogLabel: 'requestId',
    }),
    genReqId: requestIdOf,
    bodyLimit: maxBodyBytes,
    connectionTimeout,
    trustProxy,
    // Bodies are timed by `registerArrivalTimeout`, which knows those that may take long.
    requestTimeout: 0,
    keepAliveTimeout: 72_000,
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
}

/** Bodies reach the calls as bytes; forms and archives are read by them. */
function registerBodies(app: App, memory: BodyMemory): void {
  // Answers are ours: their schemas document them, and a test holds them to it.
  app.setSerializerCompiler(() => (value) => JSON.stringify(value))
  app.removeAllContentTypeParsers()
  const mediaTypes = ['application/json', 'application/octet-stream', /^image\//, ...ARCHIVE_TYPES]
  for (const mediaType of mediaTypes) {
    app.addContentTypeParser(mediaType, (request, payload, done) => {
      // A streamed one, which may be larger than memory, is left to its call.
      if (request.routeOptions.config.streamed === true) done(null, payload)
      else readBody(memory, request, payload, done)
    })
  }
  app.addContentTypeParser('multipart/form-data', (_request, _payload, done) => done(null))
}
