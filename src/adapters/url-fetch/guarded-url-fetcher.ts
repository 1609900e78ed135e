import type { IncomingMessage } from 'node:http'
import { isIP } from 'node:net'
import type { UrlFetcher } from '../../collection/url-fetcher.ts'
import { AppError, shown } from '../../errors.ts'
import { bounded, bytesOf } from '../../files/bounded-stream.ts'
import { admission } from '../../scheduling/admission.ts'
import { fetchTarget, hostOf, refused } from './fetch-target.ts'
import { guardedGet, type ResolveHost, resolveHost } from './guarded-connection.ts'
import { isOwnAddress, isPublicAddress } from './public-address.ts'

export interface GuardedFetchOptions {
  /** The largest size of one image. */
  readonly maxBytes: number
  /** Milliseconds from the first look-up to the last byte, redirects included. */
  readonly timeoutMs?: number
  readonly maxRedirects?: number
  /** The most fetches under way; one more is QUEUE_FULL. */
  readonly maxAtOnce?: number
  readonly ports?: readonly number[]
  readonly resolve?: ResolveHost
  /** Whether an address may be connected to. */
  readonly isAllowed?: (address: string) => boolean
}

/** The media types that servers send images as; the bytes are sniffed later. */
const TAKEN = /^(image\/[^\s;]+|application\/octet-stream|binary\/octet-stream)$/i

/**
 * Fetches from the public internet only. The text of the URL, all addresses its host has, and the one connected to are
 * judged, for each redirect again; docs/url-fetch.md explains the rules.
 */
export function guardedUrlFetcher({
  maxBytes,
  timeoutMs = 10_000,
  maxRedirects = 3,
  maxAtOnce = 16,
  ports = [80, 443],
  resolve = resolveHost,
  isAllowed = (address) => isPublicAddress(address) && !isOwnAddress(address),
}: GuardedFetchOptions): UrlFetcher {
  const admit = admission(maxAtOnce, 'images are already being fetched')

  async function follow(text: string, signal: AbortSignal): Promise<Uint8Array> {
    let url = fetchTarget(text, ports)
    for (let redirects = 0; ; redirects++) {
      const addresses = await addressesOf(url, signal)
      const answer = await guardedGet(url, addresses, isAllowed, signal)
      try {
        const location = redirectOf(answer)
        if (location === null) return await readImageAnswer(answer, maxBytes)
        if (redirects === maxRedirects) throw failed(`expected at most ${maxRedirects} redirects`)
        url = fetchTarget(location, ports, url)
      } finally {
        answer.destroy()
      }
    }
  }

  /** Refuses a host with one address that is not public, and one without any in the same words: nobody learns which names are known inside. */
  async function addressesOf(url: URL, signal: AbortSignal): Promise<readonly string[]> {
    const host = hostOf(url)
    const addresses = isIP(host) === 0 ? await resolve(host, signal) : [host]
    signal.throwIfAborted()
    if (addresses.length > 0 && addresses.every(isAllowed)) return addresses
    throw refused('a host with public addresses only', url.origin)
  }

  async function fetchInTime(url: string, signal?: AbortSignal): Promise<Uint8Array> {
    const timeout = AbortSignal.timeout(timeoutMs)
    const either = signal === undefined ? timeout : AbortSignal.any([timeout, signal])
    try {
      return await follow(url, either)
    } catch (cause) {
      if (signal?.aborted) {
        throw new AppError('CANCELLED', 'the caller gave up waiting for a fetch', { cause })
      }
      if (timeout.aborted) {
        throw failed(`expected an image from the URL within ${timeoutMs} ms, got none`, cause)
      }
      if (cause instanceof AppError) throw cause
      throw failed(`cannot fetch the URL: ${reasonOf(cause)}`, cause)
    }
  }

  return { fetch: (url, signal) => admit(() => fetchInTime(url, signal)) }
}

/** Reads the body of an answer that may be an image, never unpacked. */
async function readImageAnswer(answer: IncomingMessage, maxBytes: number): Promise<Uint8Array> {
  const { statusCode, headers } = answer
  if (statusCode !== 200) throw failed(`expected status 200 from the URL, got ${statusCode}`)
  const encoding = headers['content-encoding'] ?? 'identity'
  if (encoding !== 'identity') {
    throw failed(`expected an image without Content-Encoding from the URL, got ${shown(encoding)}`)
  }
  const type = headers['content-type']?.split(';', 1)[0]?.trim()
  if (type !== undefined && !TAKEN.test(type)) {
    const message = `expected Content-Type image/* from the URL, got ${shown(type)}`
    throw new AppError('UNSUPPORTED_MEDIA_TYPE', message)
  }
  const announced = Number(headers['content-length'] ?? 0)
  const tooLarge = (got: string) => {
    const message = `expected an image of at most ${maxBytes} bytes from the URL, got ${got}`
    return new AppError('BODY_TOO_LARGE', message)
  }
  if (announced > maxBytes) throw tooLarge(String(announced))
  return await bytesOf(bounded(answer, maxBytes, () => tooLarge('more')))
}

/** Gives the place that an answer sends us to; null for one that does not. */
function redirectOf({ statusCode, headers }: IncomingMessage): string | null {
  const redirects = [301, 302, 303, 307, 308]
  return redirects.includes(statusCode ?? 0) ? (headers.location ?? null) : null
}

/** Prefers Node's code where there is one: its messages name addresses. */
function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause)
  return 'code' in cause ? String(cause.code) : cause.message
}

function failed(message: string, cause?: unknown): AppError {
  return new AppError('URL_FETCH_FAILED', message, { cause })
}
