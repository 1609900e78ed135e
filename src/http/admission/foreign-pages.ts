import type { IncomingHttpHeaders } from 'node:http'
import { BlockList, isIPv4, isIPv6 } from 'node:net'
import { AppError, shown } from '../../errors.ts'
import { isListed } from './cors.ts'

/**
 * Refuses calls without a key that a web page of another origin makes: any page that somebody opens can
 * send requests to their machine, and browsers send no `Origin` for images and scripts.
 *
 * @param allowedHosts names beside loopback under which the service may be called; null for any.
 * @param corsOrigins the origins whose pages may call.
 * @throws FORBIDDEN.
 */
export function refuseForeignPages(
  headers: IncomingHttpHeaders,
  allowedHosts: readonly string[] | null,
  corsOrigins: readonly string[],
): void {
  const host = (headers.host ?? '').toLowerCase()
  if (!isListed(headers.origin, corsOrigins)) checkOrigin(headers, host)
  if (allowedHosts !== null) checkHost(host, allowedHosts)
}

function checkOrigin(headers: IncomingHttpHeaders, host: string): void {
  const site = headers['sec-fetch-site']
  if (site !== undefined && site !== 'same-origin' && site !== 'none') {
    throw new AppError(
      'FORBIDDEN',
      `expected a call from a page of this service or with a key, got one from another page (Sec-Fetch-Site: ${shown(site)})`,
    )
  }
  const { origin } = headers
  if (origin !== undefined && hostOf(origin) !== host) {
    throw new AppError(
      'FORBIDDEN',
      `expected a call from this host, from one of LOOKALIKE_CORS_ORIGINS or with a key, got one from the web page of ${shown(origin)}`,
    )
  }
}

function hostOf(origin: string): string | null {
  return URL.canParse(origin) ? new URL(origin).host : null
}

/** Refuses names that were made to point here (DNS rebinding): to a browser their pages are of this origin. */
function checkHost(host: string, allowedHosts: readonly string[]): void {
  const name = host.replace(/:\d*$/, '')
  if (host === '' || isLoopback(name) || allowedHosts.includes(name)) return
  throw new AppError(
    'FORBIDDEN',
    `expected a loopback Host, one of LOOKALIKE_ALLOWED_HOSTS, or a key, got Host ${shown(host)}`,
  )
}

/** Holds `::1`, however it is written. */
const loopback = new BlockList()
loopback.addAddress('::1', 'ipv6')

/** Finds whether only this machine can reach `host`. A name other than localhost may resolve anywhere. */
export function isLoopback(host: string): boolean {
  const address = host.replace(/^\[(.*)\]$/, '$1').toLowerCase()
  if (address === 'localhost') return true
  if (isIPv4(address)) return address.startsWith('127.')
  return isIPv6(address) && loopback.check(address, 'ipv6')
}
