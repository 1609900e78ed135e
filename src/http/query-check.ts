import { shown } from '../errors.ts'
import { invalidRequest } from './schema-check.ts'

/**
 * Checks that a query is percent-encoded UTF-8: the parser takes a value with another escape as it stands, and metadata
 * would silently have other letters. The router looks at the escapes of the path.
 *
 * @throws INVALID_REQUEST
 */
export function checkQuery(url: string): void {
  const query = url.indexOf('?')
  if (query < 0 || !url.includes('%', query)) return
  try {
    decodeURIComponent(url.slice(query))
  } catch (cause) {
    const got = shown(url.slice(query))
    throw invalidRequest(`expected a query percent-encoded as UTF-8, got ${got}`, { cause })
  }
}
