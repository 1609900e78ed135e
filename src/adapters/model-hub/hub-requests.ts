import { request as httpRequest, type IncomingHttpHeaders, type IncomingMessage } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { AppError, shown } from '../../errors.ts'

/** A repository of a hub that lays files out as Hugging Face does. */
export interface HubRepository {
  /** Origin and path before the repository's name, without a slash at its end. */
  readonly endpoint: string
  readonly owner: string
  readonly name: string
  /** Sent to the endpoint's own origin only; null for none. */
  readonly token: string | null
}

/** What the hub says of a file, in the headers of its first answers. */
export interface HubHeaders {
  /** Of the revision asked for; null from a mirror that does not tell. */
  readonly commit: string | null
  /** Of files in large file storage. */
  readonly sha256: string | null
}

export interface HubAnswer {
  /** Its body is to be read, or destroyed. */
  readonly response: IncomingMessage
  readonly hub: HubHeaders
}

const MAX_REDIRECTS = 5

/**
 * Asks for a file, and follows redirects: the hub sends to its storage. A HEAD stops before another
 * origin, because signed addresses there take GET only.
 * @returns null when there is no such file.
 * @throws DOWNLOAD_FAILED for any other answer, and when nobody answers.
 */
export async function requestFile(
  repository: HubRepository,
  revision: string,
  path: string,
  request: {
    readonly method: 'GET' | 'HEAD'
    readonly headers?: Readonly<Record<string, string>>
    readonly signal: AbortSignal
  },
): Promise<HubAnswer | null> {
  const { endpoint, owner, name } = repository
  const place = [owner, name, 'resolve', revision, ...path.split('/')].map(encodeURIComponent)
  const first = new URL(`${endpoint}/${place.join('/')}`)
  let url = first
  let hub: HubHeaders = { commit: null, sha256: null }
  for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
    const response = await answerOf(url, {
      method: request.method,
      signal: request.signal,
      headers: {
        // What is counted and hashed is the file, not a packing of it.
        'accept-encoding': 'identity',
        ...request.headers,
        ...(repository.token !== null && url.origin === first.origin
          ? { authorization: `Bearer ${repository.token}` }
          : {}),
      },
    })
    hub = {
      commit: hub.commit ?? commitOf(response.headers),
      sha256: hub.sha256 ?? sha256Of(response.headers),
    }
    const next = redirectOf(response, url)
    if (next === null) return accepted(response, hub, repository, path)
    response.destroy()
    if (request.method === 'HEAD' && next.origin !== url.origin) return { response, hub }
    url = next
  }
  throw failed(`expected at most ${MAX_REDIRECTS} redirects to ${shown(path)}, got more`)
}

function accepted(
  response: IncomingMessage,
  hub: HubHeaders,
  { owner, name, token }: HubRepository,
  path: string,
): HubAnswer | null {
  const { statusCode: status, headers } = response
  if (status === 200 || status === 206 || status === 416) return { response, hub }
  response.destroy()
  const what = `${shown(path)} of ${owner}/${name}`
  const error = textOf(headers['x-error-code'])
  if (status === 404 && (error === null || error === 'EntryNotFound')) return null
  if (status === 401 || status === 403) {
    const hint = token === null ? 'HF_TOKEN is not set' : 'HF_TOKEN does not open it'
    throw failed(
      `the hub does not give ${what} (${status}): it is closed or not there, and ${hint}`,
    )
  }
  throw failed(`expected ${what}, the hub answered ${status}${error === null ? '' : ` ${error}`}`)
}

/** Not by fetch, which throws away what it has read of a body when the connection breaks. */
async function answerOf(
  url: URL,
  options: { method: string; headers: Record<string, string>; signal: AbortSignal },
): Promise<IncomingMessage> {
  const send = url.protocol === 'https:' ? httpsRequest : httpRequest
  try {
    return await new Promise((resolve, reject) => {
      const request = send(url, options, (response) => {
        // Whoever reads the body hears of it; nobody has to.
        response.on('error', () => {})
        resolve(response)
      })
      request.on('error', reject)
      request.end()
    })
  } catch (cause) {
    throw failed(`no answer from ${url.origin}: ${reasonOf(cause)}`, cause)
  }
}

/** The hub's redirects never lead from https to http, where anybody could change the file. */
function redirectOf({ statusCode, headers }: IncomingMessage, from: URL): URL | null {
  const { location } = headers
  if (![301, 302, 303, 307, 308].includes(statusCode ?? 0) || location === undefined) return null
  const to = URL.canParse(location, from.href) ? new URL(location, from.href) : null
  if (to?.protocol === 'https:' || (to?.protocol === 'http:' && from.protocol === 'http:'))
    return to
  throw failed(`expected a redirect to ${from.protocol}//, got ${shown(location)}`)
}

function commitOf(headers: IncomingHttpHeaders): string | null {
  const commit = textOf(headers['x-repo-commit'])
  return commit !== null && /^[0-9a-f]{40}$/.test(commit) ? commit : null
}

function sha256Of(headers: IncomingHttpHeaders): string | null {
  const etag = textOf(headers['x-linked-etag']) ?? ''
  return /^(?:W\/)?"?([0-9a-f]{64})"?$/.exec(etag)?.[1] ?? null
}

function textOf(header: string | string[] | undefined): string | null {
  return typeof header === 'string' ? header : null
}

export function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause)
  // An abort says nothing itself; a refused connection to two addresses has only a code.
  if (cause.cause instanceof Error) return cause.cause.message
  return cause.message === ''
    ? ((cause as NodeJS.ErrnoException).code ?? cause.name)
    : cause.message
}

export function failed(message: string, cause?: unknown): AppError {
  return new AppError('DOWNLOAD_FAILED', message, cause === undefined ? {} : { cause })
}
