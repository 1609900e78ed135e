import type { IncomingHttpHeaders } from 'node:http'

/** Headers of requests beside those that any page may send. */
const REQUEST_HEADERS = [
  ...['Authorization', 'Content-Type', 'If-None-Match', 'If-Range', 'Last-Event-ID', 'Range'],
  ...['X-Api-Key', 'X-Request-Id'],
].join(', ')

/** Headers of answers beside those that any page may read. */
const ANSWER_HEADERS = [
  ...['Accept-Ranges', 'Allow', 'Content-Range', 'ETag', 'Location', 'Retry-After'],
  'X-Request-Id',
].join(', ')

const PREFLIGHT_SECONDS = 600

/** What answers carry so that browsers let pages of other origins read them (WHATWG Fetch, section 3.3). */
export interface Cors {
  /** Gives the headers of every answer; null where no page of another origin may call. */
  answer(request: IncomingHttpHeaders): Readonly<Record<string, string>> | null
  /** Gives the headers of an answer to OPTIONS; null unless a page that may call asks what it may send. */
  preflight(request: IncomingHttpHeaders, methods: string): Readonly<Record<string, string>> | null
}

/** @param origins of the pages that may call: `https://shop.example`, in lower case. */
export function createCors(origins: readonly string[]): Cors {
  const isAllowed = ({ origin }: IncomingHttpHeaders) => isListed(origin, origins)
  return {
    answer(request) {
      if (origins.length === 0) return null
      // The answer to one page may lie in a cache that another asks.
      const vary = { vary: 'Origin' }
      if (!isAllowed(request)) return vary
      return {
        ...vary,
        'access-control-allow-origin': request.origin!,
        'access-control-expose-headers': ANSWER_HEADERS,
      }
    },
    preflight(request, methods) {
      if (!isAllowed(request) || request['access-control-request-method'] === undefined) return null
      return {
        'access-control-allow-methods': methods,
        'access-control-allow-headers': REQUEST_HEADERS,
        'access-control-max-age': String(PREFLIGHT_SECONDS),
      }
    },
  }
}

/** Browsers send the origin of a page in lower case, and `null` for one that has none. */
export function isListed(origin: string | undefined, origins: readonly string[]): boolean {
  return origin !== undefined && origins.includes(origin)
}
