import { createHash, timingSafeEqual } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import { AppError, shown } from '../../errors.ts'
import { type Caller, callerAt, networkOf, type Scope } from './caller.ts'
import { isLoopback, refuseForeignPages } from './foreign-pages.ts'
import { WrongKeys } from './wrong-keys.ts'

export interface ApiKey {
  readonly name: string
  readonly scope: Scope
  readonly secret: string
  /** The only collections that a key with scope `read` sees; null for all. */
  readonly collections: readonly string[] | null
}

export interface AccessOptions {
  readonly keys: readonly ApiKey[]
  /** The scope of calls without a key. Null allows nothing where there are keys, and all where there are none. */
  readonly anonymous: Scope | null
}

interface CheckOptions extends AccessOptions {
  /** Host names beside loopback under which callers without a key may call. */
  readonly allowedHosts: readonly string[]
  /** The origins whose pages may call, also without a key. */
  readonly corsOrigins: readonly string[]
  /** Milliseconds that only grow. */
  readonly clock: () => number
  /** Notified of every key that is not known. */
  readonly onWrongKey: () => void
}

interface KnownKey {
  readonly name: string
  readonly scope: Scope
  readonly digest: Buffer
  readonly collections: ReadonlySet<string> | null
}

/** Finds out who calls, and refuses callers that may not do what they ask for. */
export class Access {
  readonly #options: CheckOptions
  readonly #wrongKeys: WrongKeys
  #keys: readonly KnownKey[] = []
  #allowedHosts: readonly string[] | null

  constructor(options: CheckOptions) {
    this.#options = options
    this.#wrongKeys = new WrongKeys(options.clock)
    this.#allowedHosts = options.allowedHosts.length > 0 ? options.allowedHosts : null
    this.replaceKeys(options.keys)
  }

  replaceKeys(keys: readonly ApiKey[]): void {
    this.#keys = keys.map(({ name, scope, secret, collections }) => {
      return {
        name,
        scope,
        digest: digest(secret),
        collections: collections && new Set(collections),
      }
    })
  }

  /** Says where the service listens: on loopback, callers without a key must name it by a loopback host. */
  listensOn(host: string): void {
    if (isLoopback(host)) this.#allowedHosts = this.#options.allowedHosts
  }

  /**
   * Finds out who calls.
   *
   * @param address the caller's.
   * @throws UNAUTHENTICATED for a key that is not known; RATE_LIMITED after many of those.
   */
  identify(headers: IncomingHttpHeaders, address: string): Caller {
    const secret = this.#keys.length === 0 ? null : presentedSecret(headers)
    if (secret === null) return callerAt(address)
    const presented = digest(secret)
    // Every key is compared, so that the time says nothing about which came close.
    const [key = null] = this.#keys.filter((known) => timingSafeEqual(known.digest, presented))
    const network = networkOf(address)
    if (key === null) {
      this.#options.onWrongKey()
      throw this.#wrongKeys.refusal(network)
    }
    this.#wrongKeys.letPass(network, key.name)
    const { scope, collections } = key
    return { address, key: { name: key.name, scope }, name: `key ${key.name}`, collections }
  }

  /**
   * Finds out whether a caller may do what it asks for.
   *
   * @throws UNAUTHENTICATED where that takes a key; FORBIDDEN where the key's scope is too small, or where a web page
   * of another origin calls without a key.
   */
  authorize(caller: Caller, headers: IncomingHttpHeaders, needed: Scope): void {
    const { key } = caller
    if (!this.allows(caller, needed)) throw refusal(key, needed)
    if (key === null) {
      refuseForeignPages(headers, this.#allowedHosts, this.#options.corsOrigins)
    }
  }

  /** Says whether its key, or having none, is enough for a caller to do what needs a scope. */
  allows({ key }: Caller, needed: Scope): boolean {
    const withoutKey = this.#options.anonymous ?? (this.#keys.length === 0 ? 'write' : null)
    const scope = key === null ? withoutKey : key.scope
    return scope === 'write' || scope === needed
  }
}

function refusal(key: Caller['key'], needed: Scope): AppError {
  if (key === null) {
    return new AppError(
      'UNAUTHENTICATED',
      `expected an API key with scope "${needed}" as "Authorization: Bearer KEY" or "X-Api-Key: KEY", got none`,
    )
  }
  return new AppError(
    'FORBIDDEN',
    `expected a key with scope "${needed}", got key ${shown(key.name)} with scope "${key.scope}"`,
  )
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
