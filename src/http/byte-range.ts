/** The bytes from `start` to `end`, both included. */
interface ByteRange {
  readonly start: number
  readonly end: number
}

/**
 * Reads a `Range` header for an answer of `size` bytes (RFC 9110, section 14). Null where the whole is to be sent: without
 * the header, for several ranges, and for what is not in its form.
 * @returns 'unsatisfiable' for a range that begins behind the end.
 */
export function readRange(
  header: string | undefined,
  size: number,
): ByteRange | 'unsatisfiable' | null {
  const [, first, last] = /^bytes=(\d*)-(\d*)$/.exec(header ?? '') ?? []
  if (first === undefined || last === undefined || first + last === '') return null
  if (first === '') {
    const length = Math.min(Number(last), size)
    return length === 0 ? 'unsatisfiable' : { start: size - length, end: size - 1 }
  }
  const start = Number(first)
  const end = last === '' ? size - 1 : Math.min(Number(last), size - 1)
  if (last !== '' && Number(last) < start) return null
  return start >= size ? 'unsatisfiable' : { start, end }
}
