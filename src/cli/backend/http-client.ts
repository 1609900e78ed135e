import type { Readable } from 'node:stream'
import { CLIENT_VARIABLES } from '../../config/settings.ts'
import { AppError, type ErrorCode, type InputIssue, shown } from '../../errors.ts'
import { bounded, bytesOf } from '../../files/bounded-stream.ts'
import { baseUrl } from '../options.ts'

/** No call of the contract takes longer on a service that is well. */
const CALL_TIMEOUT_MS = 120_000
const MAX_ANSWER_BYTES = 256 * 1024 * 1024
/** The service's own limit is not known here; this one bounds the memory of the client. */
export const MAX_IMAGE_BYTES = 256 * 1024 * 1024
const DEFAULT_RETRY_SECONDS = 1

export interface Call {
  readonly method: 'GET' | 'PUT' | 'POST' | 'PATCH' | 'DELETE'
  /** Segments, each of which is percent-encoded. */
  readonly path: readonly string[]
  /** A name may come more than once. */
  readonly query?: Readonly<Record<string, string>> | readonly (readonly [string, string])[]
  readonly json?: unknown
  readonly form?: FormData
  /** A body that is sent as it is read, for as long as that takes. */
  readonly upload?: { readonly type: string; readonly body: Readable }
}

export interface HttpClientOptions {
  readonly url: string
  readonly apiKey: string | null
  /** What the command needs a key for, which is asked for at once. */
  readonly scope: 'read' | 'write'
  /** Sends a request; unless given, over the network. */
  readonly send?: (url: string, init: RequestInit) => Promise<Response>
}

/** Calls one service. Its problems come back as the AppErrors that they were there. */
export class HttpClient {
  readonly #base: string
  readonly #apiKey: string | null
  readonly #scope: HttpClientOptions['scope']
  readonly #send: NonNullable<HttpClientOptions['send']>

  /** @throws INVALID_REQUEST for anything but an http or https address without user and query. */
  constructor({ url, apiKey, scope, send = fetch }: HttpClientOptions) {
    const base = baseUrl(url)
    if (base === null) {
      const wanted = 'expected the address of a service, such as http://127.0.0.1:8080'
      throw new AppError('INVALID_REQUEST', `${wanted}, got ${shown(url)}`)
    }
    if (apiKey !== null && !/^[!-~]+$/.test(apiKey)) {
      throw new AppError('INVALID_REQUEST', 'expected an API key of printable ASCII without spaces')
    }
    this.#base = base.href.replace(/\/+$/, '')
    this.#apiKey = apiKey
    this.#scope = scope
    this.#send = send
  }

  /** @throws SERVICE_UNREACHABLE, or the problem that the service answers. */
  async call(call: Call): Promise<{ mediaType: string; bytes: Uint8Array }> {
    const { method, json, form, upload, query = {} } = call
    const path = call.path.map(encodeURIComponent).join('/')
    const search = new URLSearchParams(query as Record<string, string>).toString()
    const headers = new Headers()
    if (this.#apiKey !== null) headers.set('authorization', `Bearer ${this.#apiKey}`)
    if (json !== undefined) headers.set('content-type', 'application/json')
    if (upload !== undefined) headers.set('content-type', upload.type)
    let response: Response
    let bytes: Uint8Array
    try {
      response = await this.#send(`${this.#base}/${path}${search && `?${search}`}`, {
        method,
        // A redirect would carry the key to a place that nobody named.
        redirect: 'error',
        signal: upload === undefined ? AbortSignal.timeout(CALL_TIMEOUT_MS) : null,
        headers,
        body: json === undefined ? (upload?.body ?? form ?? null) : JSON.stringify(json),
        // What fetch wants of bodies that are streams.
        ...(upload !== undefined && { duplex: 'half' }),
      })
      bytes = await bodyOf(response)
    } catch (cause) {
      if (cause instanceof AppError) throw cause
      const message = `expected a service to answer at ${this.#base}: ${reasonOf(cause)}`
      throw new AppError('SERVICE_UNREACHABLE', message, { cause })
    }
    if (!response.ok) throw withKeyWanted(problemOf(response, bytes), this.#scope)
    const mediaType = response.headers.get('content-type')?.split(';')[0]?.trim()
    return { mediaType: mediaType ?? 'application/octet-stream', bytes }
  }

  /** @throws SERVICE_UNREACHABLE also when the answer is no JSON. */
  async json(call: Call): Promise<unknown> {
    const { bytes, mediaType } = await this.call(call)
    const value = parseJson(bytes)
    if (value !== undefined) return value
    const message = `expected JSON from ${this.#base}/${call.path.join('/')}, got ${mediaType}`
    throw new AppError('SERVICE_UNREACHABLE', message)
  }

  /** Checks only the member that distinguishes an answer of this contract from another's. @throws as `json`. */
  async ask<T>(member: string, call: Call): Promise<T> {
    return objectOf<T>(await this.json(call), member)
  }

  /** Gives the list that a member of the answer is, of objects that have the member `ofEach`. @throws as `json`. */
  async list<T>(member: string, ofEach: string, call: Call): Promise<readonly T[]> {
    const list = (await this.ask<Readonly<Record<string, unknown>>>(member, call))[member]
    if (Array.isArray(list)) return list.map((item) => objectOf<T>(item, ofEach))
    const message = `expected "${member}" to be a list, got ${typeof list}`
    throw new AppError('SERVICE_UNREACHABLE', message)
  }
}

function objectOf<T>(value: unknown, member: string): T {
  if (typeof value === 'object' && value !== null && member in value) return value as T
  throw new AppError('SERVICE_UNREACHABLE', `expected an answer with "${member}", got another`)
}

/** Says which key a command needs, and how it is given: the service names headers, and what that one call takes. */
function withKeyWanted(problem: AppError, scope: HttpClientOptions['scope']): AppError {
  if (problem.code !== 'UNAUTHENTICATED' && problem.code !== 'FORBIDDEN') return problem
  const cure = `give a key of scope "${scope}" by --api-key or ${CLIENT_VARIABLES.apiKey}`
  return new AppError(problem.code, `${cure}: ${problem.message}`, { cause: problem })
}

function bodyOf(response: Response): Promise<Uint8Array> {
  const body = bounded(response.body ?? [], MAX_ANSWER_BYTES, () => {
    const message = `expected an answer of at most ${MAX_ANSWER_BYTES} bytes from ${response.url}, got more`
    return new AppError('SERVICE_UNREACHABLE', message)
  })
  return bytesOf(body)
}

/** Gives the reason of a failed call: `fetch failed` wraps it. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  if (error.name === 'TimeoutError') return `no answer within ${CALL_TIMEOUT_MS / 1000} seconds`
  const { cause } = error
  if (!(cause instanceof Error)) return error.message
  return cause.message || String((cause as NodeJS.ErrnoException).code)
}

function problemOf(response: Response, bytes: Uint8Array): AppError {
  const { code, detail, errors } = (parseJson(bytes) ?? {}) as Record<string, unknown>
  if (typeof code !== 'string' || !/^[A-Z][A-Z_]{2,60}$/.test(code)) {
    const message = `expected an answer of a Lookalike service, got status ${response.status} from ${response.url}`
    return new AppError('SERVICE_UNREACHABLE', message)
  }
  const issues = Array.isArray(errors) ? errors.filter(isIssue) : []
  const what = typeof detail === 'string' ? detail : `status ${response.status}`
  const listed = issues
    .filter(({ message }) => !what.includes(message))
    .map(({ path, message }) => `${path}: ${message}`)
  // A newer service may know codes that this client does not: they pass through as they are.
  return new AppError(code as ErrorCode, [what, ...listed].join('; '), {
    issues,
    ...retryAfter(response),
  })
}

function retryAfter(response: Response): { readonly retryAfterSeconds?: number } {
  const header = response.headers.get('retry-after')
  if (header === null) return {}
  return { retryAfterSeconds: /^\d{1,6}$/.test(header) ? Number(header) : DEFAULT_RETRY_SECONDS }
}

function isIssue(value: unknown): value is InputIssue {
  const { path, message } = (value ?? {}) as Record<string, unknown>
  return typeof path === 'string' && typeof message === 'string'
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes))
  } catch {
    return undefined
  }
}
