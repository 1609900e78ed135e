import type { FastifyRequest } from 'fastify'
import { AppError, shown } from '../../errors.ts'
import { knownError } from '../problem.ts'
import { invalidRequest } from '../schema-check.ts'
import type { BodyHold } from './body-budget.ts'
import { parseJson } from './json-text.ts'

export const MAX_FILES = 1000
/** The most bytes of a JSON part, which is read in place. */
const MAX_JSON_PART_BYTES = 1024 * 1024

/** One part. `fileName` is null for a plain form field. */
export interface Part {
  readonly name: string
  readonly fileName: string | null
  readonly bytes: Uint8Array
}

/** Every part is handed over as bytes: whether a client sent JSON as a field or as a file is its own choice. */
export const MULTIPART_OPTIONS = {
  isPartAFile: () => true,
  preservePath: true,
  limits: { files: MAX_FILES + 1, parts: MAX_FILES + 1, headerPairs: 32, fieldNameSize: 100 },
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
  try {
    const parts: Part[] = []
    const counts = new Map<string, number>()
    let left = maxBytes
    for await (const part of request.parts({ limits: { fileSize: maxBytes + 1 } })) {
      if (part.type !== 'file') throw new Error('expected every part as a file')
      const count = (counts.get(part.fieldname) ?? 0) + 1
      counts.set(part.fieldname, count)
      checkPart(part.fieldname, count, limits)
      const bytes = await readPart(part.file, left, maxBytes, request.bodyHold)
      left -= bytes.byteLength
      parts.push({ name: part.fieldname, fileName: part.filename ?? null, bytes })
    }
    return parts
  } catch (cause) {
    // What is left of the body is read and dropped, so that the client gets to read the answer.
    request.raw.unpipe()
    request.raw.resume()
    if (request.raw.destroyed && !request.raw.complete) {
      throw new AppError('CANCELLED', 'the client hung up in the middle of its body', { cause })
    }
    if (knownError(cause) !== null) throw cause
    const got = `one that cannot be read: ${String(cause)}`
    throw invalidRequest(`expected a complete multipart body, got ${got}`, { cause })
  }
}

function checkPart(name: string, count: number, limits: Readonly<Record<string, number>>): void {
  const limit = Object.hasOwn(limits, name) ? limits[name]! : 0
  if (count <= limit) return
  const expected = Object.entries(limits).map(([known, most]) => `${known} (at most ${most})`)
  throw invalidRequest(
    `expected the parts ${expected.join(' and ')}, got part ${count} named ${shown(name)}`,
  )
}

async function readPart(
  stream: AsyncIterable<Buffer>,
  left: number,
  maxBytes: number,
  hold: BodyHold,
) {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of stream) {
    size += chunk.byteLength
    if (size > left) {
      throw new AppError('BODY_TOO_LARGE', `expected a body of at most ${maxBytes} bytes, got more`)
    }
    hold.take(chunk.byteLength)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
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
