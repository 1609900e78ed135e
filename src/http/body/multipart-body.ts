import type { FastifyRequest } from 'fastify'
import { AppError, shown } from '../../errors.ts'
import { knownError } from '../problem.ts'
import { invalidRequest } from '../schema-check.ts'
import { readFormParts } from './form-parts.ts'
import { headerParameters } from './header-parameters.ts'
import { parseJson } from './json-text.ts'
import { type FileName, fileName, partName } from './part-name.ts'

export const MAX_FILES = 1000
/** The most bytes of a JSON part, which is read in place. */
const MAX_JSON_PART_BYTES = 1024 * 1024

/** One part. Whether a client sent JSON as a field or as a file is its own choice. */
export interface Part {
  readonly name: string
  readonly fileName: FileName
  readonly bytes: Uint8Array
}

export function isMultipart(request: FastifyRequest): boolean {
  return request.mediaType === 'multipart/form-data'
}

/**
 * Reads a multipart body into memory.
 *
 * @param maxBytes the most bytes of all parts together.
 * @param limits the part names taken, and how many of each.
 * @throws INVALID_REQUEST for a truncated or malformed body, or another part; BODY_TOO_LARGE; QUEUE_FULL; CANCELLED.
 */
export async function readMultipart(
  request: FastifyRequest,
  maxBytes: number,
  limits: Readonly<Record<string, number>>,
): Promise<readonly Part[]> {
  const { raw } = request
  const parts: (Omit<Part, 'bytes'> & { readonly chunks: Uint8Array[] })[] = []
  const counts = new Map<string, number>()
  let left = maxBytes
  try {
    await readFormParts(raw, boundaryOf(request), (header) => {
      const disposition = headerParameters(header)
      const name = partName(disposition) ?? ''
      const count = (counts.get(name) ?? 0) + 1
      counts.set(name, count)
      checkPart(name, count, limits)
      const chunks: Uint8Array[] = []
      parts.push({ name, fileName: fileName(disposition, raw.headers['user-agent']), chunks })
      return (chunk) => {
        left -= chunk.byteLength
        if (left < 0) {
          throw new AppError(
            'BODY_TOO_LARGE',
            `expected a body of at most ${maxBytes} bytes, got more`,
          )
        }
        request.bodyHold!.take(chunk.byteLength)
        chunks.push(chunk)
      }
    })
  } catch (cause) {
    // What is left of the body is read and dropped, so that the client gets to read the answer.
    raw.unpipe()
    raw.resume()
    if (raw.destroyed && !raw.complete) {
      throw new AppError('CANCELLED', 'the client hung up in the middle of its body', { cause })
    }
    if (knownError(cause) !== null) throw cause
    const got = `one that cannot be read: ${String(cause)}`
    throw invalidRequest(`expected a complete multipart body, got ${got}`, { cause })
  }
  return parts.map(({ name, fileName, chunks }) => {
    return { name, fileName, bytes: Buffer.concat(chunks) }
  })
}

function boundaryOf({ headers }: FastifyRequest): string {
  const boundary = headerParameters(headers['content-type'] ?? '').get('boundary') ?? ''
  // RFC 2046 has 1 to 70 characters; the parser takes some more.
  if (boundary.length >= 1 && boundary.length <= 200) return boundary
  throw invalidRequest(`expected a boundary in Content-Type, got ${shown(boundary)}`)
}

function checkPart(name: string, count: number, limits: Readonly<Record<string, number>>): void {
  const limit = Object.hasOwn(limits, name) ? limits[name]! : 0
  if (count <= limit) return
  const expected = Object.entries(limits).map(([known, most]) => `${known} (at most ${most})`)
  throw invalidRequest(
    `expected the parts ${expected.join(' and ')}, got part ${count} named ${shown(name)}`,
  )
}

/** Reads the part of that name as JSON; {} where there is none. @throws INVALID_REQUEST; BODY_TOO_LARGE past 1 MiB. */
export function jsonPart(parts: readonly Part[], name: string, what: string): unknown {
  const bytes = parts.find((part) => part.name === name)?.bytes
  if (bytes === undefined) return {}
  if (bytes.byteLength > MAX_JSON_PART_BYTES) {
    throw new AppError(
      'BODY_TOO_LARGE',
      `expected a part ${name} of at most ${MAX_JSON_PART_BYTES} bytes, got ${bytes.byteLength}`,
    )
  }
  return parseJson(bytes, what)
}

/** Gives the parts with images, in their order. @throws INVALID_REQUEST where there is none. */
export function imageParts(form: readonly Part[]): readonly Part[] {
  const images = form.filter(({ name }) => name === 'image')
  if (images.length === 0) throw invalidRequest('expected a part image, got none')
  return images
}
