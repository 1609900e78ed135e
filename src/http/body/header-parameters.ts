/** The parameters of a header by name in lower case, as latin1 text: a character for each byte. */
export type HeaderParameters = ReadonlyMap<string, string>

/**
 * Reads the parameters of a header such as `form-data; name="image"`. In quotes `\"` is a quote and `\\` a backslash; another
 * backslash stays, as browsers send the ones of file names as they are. Of a parameter that comes twice the first counts.
 */
export function headerParameters(header: string): HeaderParameters {
  const parameters = new Map<string, string>()
  let at = header.indexOf(';')
  while (at >= 0) {
    const equals = header.indexOf('=', at)
    if (equals < 0) break
    const name = header.slice(header.lastIndexOf(';', equals) + 1, equals)
    const { text, end } = valueFrom(header, equals + 1)
    const key = name.trim().toLowerCase()
    if (!parameters.has(key)) parameters.set(key, text)
    at = header.indexOf(';', end)
  }
  return parameters
}

/** Reads what stands behind an equals sign, in quotes or up to the next semicolon. */
function valueFrom(header: string, start: number): { text: string; end: number } {
  let open = start
  while (header[open] === ' ' || header[open] === '\t') open++
  if (header[open] === '"') {
    let text = ''
    for (let i = open + 1; i < header.length; i++) {
      if (header[i] === '"') return { text, end: i + 1 }
      const isEscape = header[i] === '\\' && (header[i + 1] === '"' || header[i + 1] === '\\')
      if (isEscape) i++
      text += header[i]
    }
  }
  // A name that ends in a backslash looks as if its quote were never closed.
  const semicolon = header.indexOf(';', open)
  const end = semicolon < 0 ? header.length : semicolon
  return { text: header.slice(open, end).trim().replace(/^"|"$/g, ''), end }
}
