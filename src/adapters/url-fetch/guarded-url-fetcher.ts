import type { IncomingMessage } from 'node:http'
import { isIP } from 'node:net'
import type { UrlFetcher } from '../../collection/url-fetcher.ts'
import { AppError } from '../../errors.ts'
import { fetchTarget, hostOf, refused } from './fetch-target.ts'
import { guardedGet, type ResolveHost, resolveHost } from './guarded-connection.ts'
import { readImageAnswer } from './image-answer.ts'
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

const DEFAULTS = {
  timeoutMs: 10_000,
  maxRedirects: 3,
  maxAtOnce: 16,
  ports: [80, 443],
  resolve: resolveHost,
  isAllowed: (address: string) => isPublicAddress(address) && !isOwnAddress(address),
} as const satisfies Partial<GuardedFetchOptions>

/**
 * Fetches from the public internet only. The text of the URL, all addresses its host has, and the one connected to are
 * judged, for each redirect again; docs/url-fetch.md explains the rules.
 */
export class GuardedUrlFetcher implements UrlFetcher {
  readonly #options: Required<GuardedFetchOptions>
  #underWay = 0

  constructor(options: GuardedFetchOptions) {
    this.#options = { ...DEFAULTS, ...options }
  }

  async fetch(url: string, signal?: AbortSignal): Promise<Uint8Array> {
    const { maxAtOnce, timeoutMs } = this.#options
    if (this.#underWay >= maxAtOnce) {
      const message = `${maxAtOnce} images are already being fetched`
      throw new AppError('QUEUE_FULL', message, { retryAfterSeconds: 1 })
    }
    this.#underWay++
    const timeout = AbortSignal.timeout(timeoutMs)
    const either = signal === undefined ? timeout : AbortSignal.any([timeout, signal])
    try {
      return await this.#follow(url, either)
    } catch (cause) {
      if (signal?.aborted) {
        throw new AppError('CANCELLED', 'the caller gave up waiting for a fetch', { cause })
      }
      if (timeout.aborted) {
        const message = `expected an image from the URL within ${timeoutMs} ms, got none`
        throw new AppError('URL_FETCH_FAILED', message, { cause })
      }
      if (cause instanceof AppError) throw cause
      throw new AppError('URL_FETCH_FAILED', `cannot fetch the URL: ${reasonOf(cause)}`, { cause })
    } finally {
      this.#underWay--
    }
  }

  async #follow(text: string, signal: AbortSignal): Promise<Uint8Array> {
    const { ports, maxRedirects, isAllowed, maxBytes } = this.#options
    let url = fetchTarget(text, ports)
    for (let redirects = 0; ; redirects++) {
      const addresses = await this.#addressesOf(url, signal)
      const answer = await guardedGet(url, addresses, isAllowed, signal)
      try {
        const location = redirectOf(answer)
        if (location === null) return await readImageAnswer(answer, maxBytes)
        if (redirects === maxRedirects) {
          throw new AppError('URL_FETCH_FAILED', `expected at most ${maxRedirects} redirects`)
        }
        url = fetchTarget(location, ports, url)
      } finally {
        answer.destroy()
      }
    }
  }

  /** Refuses a host with one address that is not public, and one without any in the same words: nobody learns which names are known inside. */
  async #addressesOf(url: URL, signal: AbortSignal): Promise<readonly string[]> {
    const host = hostOf(url)
    const addresses = isIP(host) === 0 ? await this.#options.resolve(host, signal) : [host]
    signal.throwIfAborted()
    if (addresses.length > 0 && addresses.every(this.#options.isAllowed)) return addresses
    throw refused('a host with public addresses only', url.origin)
  }
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
