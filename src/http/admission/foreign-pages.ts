import type { IncomingHttpHeaders } from 'node:http'
import { BlockList, isIPv4, isIPv6 } from 'node:net'
import { AppError, shown } from '../../errors.ts'

/**
 * Any web page the user opens can send requests to this machine. Without a key to know them by,
 * pages of another origin are refused, and on loopback also names that were made to point here.
 */
export function refuseForeignPages(headers: IncomingHttpHeaders, loopbackOnly: boolean): void {
  const host = headers.host ?? ''
  const { origin } = headers
  const pageHost = origin !== undefined && URL.canParse(origin) ? new URL(origin).host : null
  if (origin !== undefined && pageHost !== host.toLowerCase()) {
    throw new AppError(
      'FORBIDDEN',
      `expected a call from this host or with a key, got one from the web page of ${shown(origin)}`,
    )
  }
  if (loopbackOnly && host !== '' && !isLoopback(host.replace(/:\d+$/, ''))) {
    throw new AppError(
      'FORBIDDEN',
      `expected a loopback Host because no key is configured, got ${shown(host)}`,
    )
  }
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
