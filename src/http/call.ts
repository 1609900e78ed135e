import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Static, TSchema } from 'typebox'
import type { Collections } from '../collection/collections.ts'
import type { EmbeddingsUseCases } from '../collection/embeddings.ts'
import type { Calibrations } from '../collection/identities/calibrations.ts'
import type { Evaluations } from '../collection/identities/evaluations.ts'
import type { Examples } from '../collection/import/examples.ts'
import type { Imports } from '../collection/import/imports.ts'
import type { JobRunner } from '../collection/jobs/job-runner.ts'
import type { Maps } from '../collection/maps/maps.ts'
import type { Reembeddings } from '../collection/reembed/reembeddings.ts'
import type { SearchAnswer } from '../collection/requests.ts'
import type { TrainingsUseCases } from '../collection/trainings.ts'
import type { Caller, Scope } from './admission/caller.ts'
import type { BodyHold } from './body/body-budget.ts'
import type { ImageReader } from './body/image-source.ts'
import type { LentBody } from './body/lent-body.ts'
import { abortWhenGone } from './client-gone.ts'
import type { LongWork } from './long-work.ts'
import { isOpenAiCall, OpenAiErrorSchema } from './openai-error.ts'
import { PROBLEM_MEDIA_TYPE, ProblemSchema } from './problem.ts'
import type { BodyReader, QueryLimits } from './query-limits.ts'
import { File } from './schemas/shared.ts'
import { closed } from './schemas/type.ts'

/** The fastify instance that calls are registered on. */
export type App = FastifyInstance

export interface UseCases {
  readonly collections: Pick<Collections, 'create' | 'list' | 'get' | 'drop'>
  readonly embeddings: EmbeddingsUseCases
  readonly jobs: {
    readonly runner: JobRunner
    readonly imports: Imports
    readonly examples: Examples
    readonly reembeddings: Reembeddings
    readonly evaluations: Evaluations
    readonly calibrations: Calibrations
    readonly maps: Maps
    readonly trainings: TrainingsUseCases
  }
}

/** The parts of the service that the calls work with. */
export interface CallContext extends UseCases {
  readonly imageReader: (reply: FastifyReply, signal: AbortSignal) => ImageReader
  readonly maxBodyBytes: number
  /**
   * Reads the JSON body of a request with the reader of its call, which runs in the body thread where the
   * body is large, and therefore stands in the table BODY_READERS.
   *
   * @throws what the reader throws; QUEUE_FULL, THREAD_FAILED, SHUTTING_DOWN.
   */
  readJson<T>(request: FastifyRequest, reader: BodyReader<T>): Promise<T>
  /** What readers take no more of. */
  readonly limits: QueryLimits
  readonly longWork: LongWork
  /** Says whether a caller may make calls that need scope `write`. */
  readonly mayWrite: (caller: Caller) => boolean
  readonly observeSearch: (timings: SearchAnswer['timings']) => void
  /** Aborts when the service stops. */
  readonly stopping: AbortSignal
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The key's scope that a call needs: `write` unless given; `open` for none. */
    scope?: Scope | 'open' | undefined
    /** The call takes its body as a stream and bounds it itself. */
    streamed?: boolean | undefined
    /** The call uses a body of bytes by `useBody` alone: its memory is lent, and used otherwise or freed afterwards. */
    lendsBody?: boolean | undefined
    /** The media types of a body that the call takes; it takes any where there are none. */
    mediaTypes?: readonly string[] | undefined
    /** Keys that see some collections alone may call, though the path names none. */
    beyondCollections?: boolean | undefined
  }

  interface FastifyRequest {
    /** Who sent it; the guard finds out before anything else sees the request. */
    caller: Caller
    /** Counts what is in memory of a body that is not streamed; undefined where no bytes of one come. */
    bodyHold: BodyHold | undefined
    /** The memory that the body lies in, where it is lent. */
    lentBody: LentBody | null
  }
}

const PROBLEMS = {
  400: 'Malformed: `errors` names every part at fault.',
  401: 'No key, or an unknown one.',
  403: "The key's scope is too small.",
  404: 'No such collection or record.',
  409: 'In conflict with what is stored.',
  413: 'Too many bytes or pixels.',
  415: 'Not a media type, or not an image, that is taken here.',
  416: 'The range begins behind the end of the image.',
  422: 'An image that cannot be decoded, or gives no usable embedding.',
  429: 'Too many requests, or too many wrong keys; `Retry-After` says when to try again.',
  503: 'A queue is full, the service is starting or stopping; `Retry-After` says when to try again.',
  507: 'The disk of the service is full.',
}

type Status = keyof typeof PROBLEMS

interface Answer {
  readonly description: string
  readonly content?: unknown
}

interface Call<Params extends TSchema, Query extends TSchema> {
  readonly summary: string
  readonly tag: string
  readonly scope?: Scope | 'open'
  readonly params?: Params
  /** Unless given, the call takes no query: an unknown parameter is an error, never silence. */
  readonly query?: Query
  /** The schemas of the body by media type; a body of another type is refused. */
  readonly body?: Readonly<Record<string, TSchema>>
  /** Bytes. */
  readonly bodyLimit?: number
  readonly streamed?: boolean
  readonly lendsBody?: boolean
  /** Whether keys that see some collections alone may call, where the path names no collection. */
  readonly beyondCollections?: boolean
  readonly answers: Readonly<Record<number, Answer>>
  /** The problems it may answer with beside 400, 401, 403, 429 and 503. */
  readonly problems?: readonly Status[]
  readonly handler: (
    request: FastifyRequest<{ Params: Static<Params>; Querystring: Static<Query> }>,
    reply: FastifyReply,
  ) => unknown
}

const NoQuery = closed({})
/** Bytes of a body that some clients send beside a call that takes none; it is not looked at. */
const IGNORED_BODY_BYTES = 1024

/**
 * Registers a call: its route, what it takes and how it answers, for checks and for the OpenAPI document.
 *
 * @param route the method and the path, `GET /v1/collections/:collection`.
 */
export function call<Params extends TSchema, Query extends TSchema>(
  app: App,
  operationId: string,
  route: `${'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'} /${string}`,
  spec: Call<Params, Query>,
): void {
  const [method, url] = route.split(' ') as [string, string]
  const { scope, streamed, lendsBody, beyondCollections, params, body } = spec
  const bodyLimit = body === undefined ? IGNORED_BODY_BYTES : spec.bodyLimit
  const forms = Object.entries(body ?? {}).map(([type, schema]) => [type, { schema }])
  app.route<{ Params: Static<Params>; Querystring: Static<Query> }>({
    method,
    url,
    config: {
      scope,
      streamed,
      lendsBody,
      beyondCollections,
      mediaTypes: body && Object.keys(body),
    },
    ...(bodyLimit !== undefined && { bodyLimit }),
    // Fastify warns of members of a schema that are undefined.
    schema: {
      operationId,
      summary: spec.summary,
      tags: [spec.tag],
      ...(scope === 'open' && { security: [] }),
      ...(params && { params }),
      querystring: spec.query ?? NoQuery,
      ...(body && { body: { content: Object.fromEntries(forms) } }),
      response: { ...problemAnswers(url, spec.problems ?? []), ...spec.answers },
    },
    handler: spec.handler,
  })
}

function problemAnswers(url: string, problems: readonly Status[]): Record<string, Answer> {
  if (isOpenAiCall(url)) {
    return { default: json("What went wrong, in the shape of OpenAI's API.", OpenAiErrorSchema) }
  }
  const answers = ([400, 401, 403, ...problems, 429, 503] as const).map((status) => {
    return [status, problem(PROBLEMS[status])] as const
  })
  return { ...Object.fromEntries(answers), default: problem('Anything else that went wrong.') }
}

function problem(description: string): Answer {
  return { description, content: { [PROBLEM_MEDIA_TYPE]: { schema: ProblemSchema } } }
}

export function json(description: string, schema: TSchema): Answer {
  return { description, content: { 'application/json': { schema } } }
}

/** Makes an answer without a body, as the type null is to the generator. */
export function empty(description: string): Answer & { readonly type: 'null' } {
  return { description, type: 'null' }
}

export function text(description: string, mediaType: string): Answer {
  return { description, content: { [mediaType]: { schema: { type: 'string' } } } }
}

export function binary(description: string, ...mediaTypes: readonly string[]): Answer {
  const content = mediaTypes.map((mediaType) => [mediaType, { schema: File }])
  return { description, content: Object.fromEntries(content) }
}

/** Gives the bytes of a body as the content type parsers leave them; none where none was sent. */
export function rawBody(request: FastifyRequest): Uint8Array {
  return Buffer.isBuffer(request.body) ? request.body : new Uint8Array(0)
}

/** Gives a signal that aborts when the client hangs up before it has its answer. Long work has a signal of its own. */
export function clientGone(reply: FastifyReply): AbortSignal {
  const controller = new AbortController()
  abortWhenGone(reply, controller)
  return controller.signal
}
