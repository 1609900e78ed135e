import { Resolver } from 'node:dns/promises'
import http, { type IncomingMessage, type RequestOptions } from 'node:http'
import https from 'node:https'
import { isIPv6, type LookupFunction } from 'node:net'

const MAX_HEADER_BYTES = 16 * 1024
const DNS_TIMEOUT_MS = 2000
const DNS_TRIES = 2
/** Nothing of the caller's request goes along. */
const HEADERS = { accept: 'image/*', 'accept-encoding': 'identity', 'user-agent': 'lookalike' }

/** Finds all addresses of a host name, in the order to try them; none for a name that does not resolve. */
export type ResolveHost = (host: string, signal: AbortSignal) => Promise<readonly string[]>

/** Uses DNS alone: no hosts file, no search domains, and no `getaddrinfo`, whose slow answers would hold the threads that decode images. */
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

/**
 * Gives the head of the answer to a GET, on a connection of its own, without proxy, cookies and keep-alive.
 * @param addresses checked already: no other is connected to, and DNS is not used again.
 */
export function guardedGet(
  url: URL,
  addresses: readonly string[],
  isAllowed: (address: string) => boolean,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const settings: RequestOptions = {
      agent: false,
      headers: HEADERS,
      lookup: lookupOf(addresses),
      maxHeaderSize: MAX_HEADER_BYTES,
      signal,
    }
    const request = (url.protocol === 'https:' ? https : http).get(url, settings, resolve)
    request.on('error', reject)
    request.once('socket', (socket) => {
      // Node skips `lookup` for a host that is an address: the one connected to is checked.
      socket.once('connect', () => {
        const address = socket.remoteAddress ?? 'none'
        if (!isAllowed(address)) socket.destroy(new Error(`connected to ${address}`))
      })
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
