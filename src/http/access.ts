import { createHash, timingSafeEqual } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import { BlockList, isIPv4, isIPv6 } from 'node:net'
import { AppError, shown } from '../errors.ts'

export type Scope = 'read' | 'write'

interface ApiKey {
  readonly name: string
  readonly scope: Scope
  readonly secret: string
}

export interface AccessOptions {
  readonly keys: readonly ApiKey[]
  /** The scope of calls without a key. Null allows nothing where there are keys, and all where there are none. */
  readonly anonymous: Scope | null
}

/**
 * Refuses callers that may not do what they ask for.
 *
 * @throws UNAUTHENTICATED without a fitting key, FORBIDDEN when the key's scope is too small, or when
 * a web page of another origin calls a service that asks for no key.
 */
export type AccessCheck = (headers: IncomingHttpHeaders, needed: Scope) => void

export function createAccessCheck({ keys, anonymous }: AccessOptions): AccessCheck {
  const known = keys.map((key) => ({ ...key, digest: digest(key.secret) }))
  return (headers, needed) => {
    const secret = known.length === 0 ? null : presentedSecret(headers)
    if (secret === null) {
      checkAnonymous(headers, needed)
      return
    }
    const presented = digest(secret)
    // Every key is compared, so that the time says nothing about which came close.
    const fitting = known.filter((key) => timingSafeEqual(key.digest, presented))
    if (fitting.length === 0) {
      throw new AppError('UNAUTHENTICATED', 'expected a known API key, got an unknown one')
    }
    if (needed === 'write' && fitting.every((key) => key.scope === 'read')) {
      throw new AppError(
        'FORBIDDEN',
        `expected a key with scope "write", got key ${shown(fitting[0]!.name)} with scope "read"`,
      )
    }
  }

  function checkAnonymous(headers: IncomingHttpHeaders, needed: Scope): void {
    const allowed = anonymous ?? (known.length === 0 ? 'write' : null)
    if (allowed === null || (needed === 'write' && allowed === 'read')) {
      throw new AppError(
        'UNAUTHENTICATED',
        `expected an API key with scope "${needed}" as "Authorization: Bearer KEY" or "X-Api-Key: KEY", got none`,
      )
    }
    refuseForeignPages(headers, anonymous === null)
  }
}

/**
 * Any web page the user opens can send requests to this machine. Without a key to know them by,
 * pages of another origin are refused, and on loopback also names that were made to point here.
 */
function refuseForeignPages(headers: IncomingHttpHeaders, loopbackOnly: boolean): void {
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

function presentedSecret(headers: IncomingHttpHeaders): string | null {
  const bearer = /^bearer +(\S+) *$/i.exec(headers.authorization ?? '')?.[1]
  if (bearer !== undefined) return bearer
  const header = headers['x-api-key']
  return typeof header === 'string' && header !== '' ? header : null
}

function digest(secret: string): Buffer {
  return createHash('sha256').update(secret).digest()
}

/**
 * Lets a service without a key listen on loopback only, unless anonymous access was allowed by name.
 *
 * @throws CONFIG_INVALID otherwise.
 */
export function checkExposure({ host, keys, anonymous }: AccessOptions & { host: string }): void {
  if (keys.length > 0 || anonymous !== null || isLoopback(host)) return
  throw new AppError(
    'CONFIG_INVALID',
    `refusing to listen on ${shown(host)} for anyone: expected an API key (LOOKALIKE_API_KEYS), anonymous access by name (LOOKALIKE_ANONYMOUS=read or write), or a loopback host such as 127.0.0.1`,
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
