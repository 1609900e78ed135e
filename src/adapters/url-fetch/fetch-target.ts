import { isIP } from 'node:net'
import { AppError, shown } from '../../errors.ts'

const MAX_URL_LENGTH = 2048
/** Names that mean something inside a network only (RFC 6761, 6762, 7686, 8375 and ICANN's `.internal`). */
const INTERNAL_NAME = /(^|\.)(localhost|local|internal|home\.arpa|onion)$/
const NAME = /^[a-z0-9_-]+(\.[a-z0-9_-]+)+$/

/**
 * Parses a URL that may be fetched as far as its text shows. The WHATWG parser turns every way to write an IPv4 address
 * (decimal, octal, hexadecimal, short, in Unicode) into one, so that what is judged here is what is connected to.
 * @param base the URL that a redirect is relative to. @throws URL_REFUSED
 */
export function fetchTarget(text: string, ports: readonly number[], base?: URL): URL {
  if (text.length > MAX_URL_LENGTH) {
    throw refused(`a URL of at most ${MAX_URL_LENGTH} characters`, text)
  }
  // The parser would drop or turn them: other readers of the same text may not.
  if (/[\s\\\p{Cc}]/u.test(text)) throw refused('a URL without spaces and backslashes', text)
  if (!URL.canParse(text, base?.href)) throw refused('an absolute URL', text)
  const url = new URL(text, base)
  const { protocol, username, password, port } = url
  if (protocol !== 'http:' && protocol !== 'https:') throw refused('http or https', text)
  if (username !== '' || password !== '') throw refused('a URL without user and password', text)
  if (!ports.includes(Number(port || (protocol === 'https:' ? 443 : 80)))) {
    throw refused(`port ${ports.join(' or ')}`, text)
  }
  const host = hostOf(url)
  if (isIP(host) === 0 && (!NAME.test(host) || INTERNAL_NAME.test(host))) {
    throw refused('a public host name', text)
  }
  return url
}

/** Gives the host without the brackets of an IPv6 address. */
export function hostOf({ hostname }: URL): string {
  return hostname.replace(/^\[(.*)\]$/, '$1')
}

export function refused(wanted: string, got: string): AppError {
  return new AppError('URL_REFUSED', `expected ${wanted}, got ${shown(got, 200)}`)
}
