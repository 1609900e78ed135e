import { request as httpRequest, type IncomingMessage } from 'node:http'
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

export interface HubFile {
  readonly repository: HubRepository
  /** A branch, a tag or a commit. */
  readonly revision: string
  readonly path: string
}

export interface HubAnswer {
  /** Its body is to be read, or destroyed. */
  readonly response: IncomingMessage
  /** The commit of the revision; null from a mirror that does not name it. */
  readonly commit: string | null
  /** The SHA-256 of a file in large file storage. */
  readonly sha256: string | null
}

interface HubRequest {
  readonly method: 'GET' | 'HEAD'
  readonly headers?: Readonly<Record<string, string>>
  readonly signal: AbortSignal
  /** Milliseconds without a byte after which the connection is given up. */
  readonly idleTimeoutMs: number
}

const MAX_REDIRECTS = 5

/**
 * Requests a file, and follows redirects: the hub sends to its storage. A HEAD stops before another
 * origin, because signed addresses there take GET only.
 * @returns null when there is no such file.
 * @throws DOWNLOAD_FAILED for any other answer, and when nobody answers.
 */
export async function requestFile(file: HubFile, request: HubRequest): Promise<HubAnswer | null> {
  const { endpoint, owner, name, token } = file.repository
  const path = [owner, name, 'resolve', file.revision, ...file.path.split('/')]
  const first = new URL(`${endpoint}/${path.map(encodeURIComponent).join('/')}`)
  let url = first
  let commit: string | null = null
  let sha256: string | null = null
  for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
    const authorization = `Bearer ${token}`
    const response = await send(url, request, {
      // What is counted and hashed is the file, not a packing of it.
      'accept-encoding': 'identity',
      ...request.headers,
      ...(token !== null && url.origin === first.origin ? { authorization } : {}),
    })
    commit ??= matched(response.headers['x-repo-commit'], /^([0-9a-f]{40})$/)
    sha256 ??= matched(response.headers['x-linked-etag'], /^(?:W\/)?"?([0-9a-f]{64})"?$/)
    const next = redirectOf(response, url)
    if (next === null) return isFound(response, file) ? { response, commit, sha256 } : null
    response.destroy()
    if (request.method === 'HEAD' && next.origin !== url.origin) return { response, commit, sha256 }
    url = next
  }
  throw failed(`expected at most ${MAX_REDIRECTS} redirects to ${shown(file.path)}, got more`)
}

/** Uses no fetch, which throws away what it has read of a body when the connection breaks. */
function send(
  url: URL,
  { method, signal, idleTimeoutMs }: HubRequest,
  headers: Readonly<Record<string, string>>,
): Promise<IncomingMessage> {
  const request = url.protocol === 'https:' ? httpsRequest : httpRequest
  return new Promise((resolve, reject) => {
    const sent = request(url, { method, signal, headers, timeout: idleTimeoutMs }, (response) => {
      // Whoever reads the body gets its errors; nobody has to read it.
      response.on('error', () => {})
      resolve(response)
    })
    sent.on('timeout', () => sent.destroy(new Error(`no byte in ${idleTimeoutMs} ms`)))
    sent.on('error', (cause) => {
      reject(failed(`no answer from ${url.origin}: ${reasonOf(cause)}`, cause))
    })
    sent.end()
  })
}

/** Refuses redirects from https to http, where anybody could change the file: the hub's never lead there. */
function redirectOf({ statusCode, headers }: IncomingMessage, from: URL): URL | null {
  const { location } = headers
  if (![301, 302, 303, 307, 308].includes(statusCode ?? 0) || location === undefined) return null
  const to = URL.canParse(location, from.href) ? new URL(location, from.href) : null
  if (to?.protocol === 'https:' || (to?.protocol === 'http:' && from.protocol === 'http:'))
    return to
  throw failed(`expected a redirect to ${from.protocol}//, got ${shown(location)}`)
}

/** @throws DOWNLOAD_FAILED for anything but the file, a part of it, or none. */
function isFound(response: IncomingMessage, { repository, path }: HubFile): boolean {
  const { statusCode: status, headers } = response
  if (status === 200 || status === 206 || status === 416) return true
  response.destroy()
  const { owner, name, token } = repository
  const what = `${shown(path)} of ${owner}/${name}`
  const error = headers['x-error-code']
  if (status === 404 && (error === undefined || error === 'EntryNotFound')) return false
  if (status === 401 || status === 403) {
    const hint = token === null ? 'HF_TOKEN is not set' : 'HF_TOKEN does not open it'
    const why = `it is closed or not there, and ${hint}`
    throw failed(`the hub does not give ${what} (${status}): ${why}`)
  }
  const reason = error === undefined ? '' : ` ${error}`
  throw failed(`expected ${what}, the hub answered ${status}${reason}`)
}

/** Gives the part of a header that the pattern captures; null without it. */
function matched(header: string | string[] | undefined, pattern: RegExp): string | null {
  return typeof header === 'string' ? (pattern.exec(header)?.[1] ?? null) : null
}

export function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause)
  // An abort has no message of its own; a refused connection to two addresses has only a code.
  if (cause.cause instanceof Error) return cause.cause.message
  return cause.message || ((cause as NodeJS.ErrnoException).code ?? cause.name)
}

export function failed(message: string, cause?: unknown): AppError {
  return new AppError('DOWNLOAD_FAILED', message, { cause })
}
