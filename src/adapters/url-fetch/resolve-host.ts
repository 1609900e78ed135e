import { Resolver } from 'node:dns/promises'

/** All addresses of a host name, in the order to try them; none for a name that does not resolve. */
export type ResolveHost = (host: string, signal: AbortSignal) => Promise<readonly string[]>

const TIMEOUT_MS = 2000
const TRIES = 2

/**
 * Asks DNS alone: not the hosts file, no search domains, and not `getaddrinfo`, whose slow answers would hold the threads that
 * decode images.
 */
export const resolveHost: ResolveHost = async (host, signal) => {
  const resolver = new Resolver({ timeout: TIMEOUT_MS, tries: TRIES })
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
