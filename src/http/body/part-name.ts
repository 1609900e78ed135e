import { utf8Of } from '../../collection/import/path-id.ts'
import { shown } from '../../errors.ts'
import type { HeaderParameters } from './header-parameters.ts'

/** The file name of a part: there is none, it is known to the letter, or it is not. */
export type FileName =
  | { readonly kind: 'none' }
  | { readonly kind: 'known'; readonly name: string }
  | { readonly kind: 'unknown'; readonly got: string }

/** Says `Python/3.11 aiohttp/3.14.5`. Other clients leave a `%` as it is, and nothing else tells them apart. */
const AIOHTTP = /\baiohttp\/\d/
const PERCENT_ENCODED = /^(?:[\w.~-]|%[\dA-F]{2})*$/

/** Gives the name of a part; null where there is none, or none in UTF-8. */
export function partName(parameters: HeaderParameters): string | null {
  const given = parameters.get('name')
  return given === undefined ? null : utf8(given)
}

/**
 * Gives the file name of a part: `filename*` where it comes (RFC 5987: UTF-8 or Latin-1, and it says which), else
 * `filename` as UTF-8, with what browsers and curl write for a quote and line breaks turned back (`%22 %0D %0A`; any other
 * `%` is a character of the name). It is unknown when the bytes are not of the encoding: a wrong letter would make two files one.
 *
 * @param userAgent of aiohttp means that `filename` is percent-encoded, every character but the unreserved ones of a URI.
 */
export function fileName(parameters: HeaderParameters, userAgent = ''): FileName {
  const extended = parameters.get('filename*')
  if (extended !== undefined) return known(extendedValue(extended), extended)
  const plain = parameters.get('filename')
  if (plain === undefined) return { kind: 'none' }
  if (AIOHTTP.test(userAgent) && PERCENT_ENCODED.test(plain)) {
    return known(utf8(decodedBytes(plain)), plain)
  }
  return known(utf8(plain)?.replace(/%(22|0D|0A)/gi, decodeURIComponent) ?? null, plain)
}

function known(name: string | null, got: string): FileName {
  return name === null ? { kind: 'unknown', got: shown(got) } : { kind: 'known', name }
}

/** @param text with a character for each byte. */
function utf8(text: string): string | null {
  return utf8Of(Buffer.from(text, 'latin1'))
}

/** Reads `UTF-8''caf%C3%A9.png`. */
function extendedValue(text: string): string | null {
  const parts = /^(utf-8|iso-8859-1)'[^']*'((?:%[0-9a-f]{2}|[^%])*)$/i.exec(text)
  if (parts === null) return null
  const bytes = decodedBytes(parts[2]!)
  return parts[1]!.toLowerCase() === 'utf-8' ? utf8(bytes) : bytes
}

/** Decodes percent-encoded text to a character for each byte. */
function decodedBytes(text: string): string {
  return text.replace(/%(..)/g, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)))
}
