import { Resolver } from 'node:dns/promises'
import http, { type ClientRequest, type IncomingMessage, type RequestOptions } from 'node:http'
import https from 'node:https'
import { isIPv6, type LookupFunction } from 'node:net'

const MAX_HEADER_BYTES = 16 * 1024
const DNS_TIMEOUT_MS = 2000
const DNS_TRIES = 2
/** Nothing of the caller's request goes along. */
const HEADERS = { accept: 'image/*', 'accept-encoding': 'identity', 'user-agent': 'lookalike' }

interface ConnectOptions {
  /** Checked already: no other is connected to, and DNS is not asked again. */
  readonly addresses: readonly string[]
  readonly isAllowed: (address: string) => boolean
  readonly signal: AbortSignal
}

/** Finds all addresses of a host name, in the order to try them; none for a name that does not resolve. */
export type ResolveHost = (host: string, signal: AbortSignal) => Promise<readonly string[]>

/**
 * Asks DNS alone: not the hosts file, no search domains, and not `getaddrinfo`, whose slow answers would hold the threads that
 * decode images.
 */
export const resolveHost: ResolveHost = async (host, signal) => {
  const resolver = new Resolver({ timeout: DNS_TIMEOUT_MS, tries: DNS_TRIES })
  const cancel = () => resolver.cancel()
  signal.addEventListener('abort', cancel, { once: true })
  try {
    // A name may lack one kind, and some servers answer only for the other.
    const answers = await Promise.allSettled([resolver.resolve4(host), resolver.resolve6(host)])
    return answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []))
  } finally {
    signal.removeEventListener('abort', cancel)
  }
}

/** Gives the head of the answer to a GET, on a connection of its own, without proxy, cookies and keep-alive. */
export function guardedGet(url: URL, options: ConnectOptions): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const settings: RequestOptions = {
      agent: false,
      headers: HEADERS,
      lookup: lookupOf(options.addresses),
      maxHeaderSize: MAX_HEADER_BYTES,
      signal: options.signal,
    }
    const request = (url.protocol === 'https:' ? https : http).get(url, settings, resolve)
    request.on('error', reject)
    checkOnceConnected(request, options.isAllowed)
  })
}

/** Checks the address connected to: Node skips `lookup` for a host that is an address. */
function checkOnceConnected(request: ClientRequest, isAllowed: (address: string) => boolean): void {
  request.once('socket', (socket) => {
    socket.once('connect', () => {
      const address = socket.remoteAddress ?? 'none'
      if (!isAllowed(address)) socket.destroy(new Error(`connected to ${address}`))
    })
  })
}

function lookupOf(addresses: readonly string[]): LookupFunction {
  const all = addresses.map((address) => ({ address, family: isIPv6(address) ? 6 : 4 }))
  return (_host, { all: wantsAll }, answer) => {
    if (wantsAll === true) answer(null, all)
    else answer(null, all[0]!.address, all[0]!.family)
  }
}
