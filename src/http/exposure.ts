import { BlockList, isIPv4, isIPv6 } from 'node:net'
import { AppError, shown } from '../errors.ts'

/** Holds `::1`, however it is written. */
const loopback = new BlockList()
loopback.addAddress('::1', 'ipv6')

/** Says whether only this machine can reach `host`. A name other than localhost may resolve anywhere. */
export function isLoopback(host: string): boolean {
  const address = host.replace(/^\[(.*)\]$/, '$1').toLowerCase()
  if (address === 'localhost') return true
  if (isIPv4(address)) return address.startsWith('127.')
  return isIPv6(address) && loopback.check(address, 'ipv6')
}

/**
 * Lets a service without a key listen on loopback only, unless anonymous access was allowed by name.
 *
 * @throws CONFIG_INVALID otherwise.
 */
export function checkExposure(options: {
  readonly host: string
  readonly keys: readonly unknown[]
  readonly anonymous: 'read' | 'write' | null
}): void {
  if (options.keys.length > 0 || options.anonymous !== null || isLoopback(options.host)) return
  throw new AppError(
    'CONFIG_INVALID',
    `refusing to listen on ${shown(options.host)} for anyone: expected an API key (LOOKALIKE_API_KEYS), anonymous access by name (LOOKALIKE_ANONYMOUS=read or write), or a loopback host such as 127.0.0.1`,
  )
}
