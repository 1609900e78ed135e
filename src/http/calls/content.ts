import { createHash } from 'node:crypto'
import type { FastifyReply } from 'fastify'
import { checkId } from '../../engine/collection-spec.ts'
import { AppError } from '../../errors.ts'
import { readRange } from '../byte-range.ts'
import { type App, binary, type CallContext, call, empty } from '../call.ts'
import * as shared from '../schemas/shared.ts'

export function registerContent(app: App, { collections }: CallContext): void {
  call(app, 'getContent', 'GET /v1/collections/:collection/images/:id/content', {
    scope: 'read',
    summary: 'The kept original or thumbnail',
    tag: 'images',
    params: shared.RecordParams,
    answers: {
      200: image('The image.'),
      206: image('The bytes that `Range` asks for.'),
      304: empty('The image is the one of `If-None-Match`.'),
    },
    problems: [404, 416],
    handler: async (request, reply) => {
      const id = checkId(request.params.id)
      const { bytes, mediaType } = await collections.get(request.params.collection).content(id)
      const tag = `"${createHash('sha256').update(bytes).digest('base64url')}"`
      // Another image may get the id: caches ask whether theirs is still the one.
      reply.headers({ etag: tag, 'cache-control': 'private, no-cache', 'accept-ranges': 'bytes' })
      if (names(request.headers['if-none-match'], tag)) return reply.code(304).send()
      const ifRange = request.headers['if-range']
      const range = ifRange === undefined || ifRange === tag ? request.headers.range : undefined
      // An original may be of a kind that runs scripts when it is opened as a page.
      reply.header('content-security-policy', "default-src 'none'; sandbox; frame-ancestors 'none'")
      return reply.type(mediaType).send(part(bytes, range, reply))
    },
  })
}

/** Describes bytes of an image. Some generators of clients know no `image/*`, and take the second name of the same bytes. */
function image(description: string) {
  return binary(description, 'image/*', 'application/octet-stream')
}

/** Whether an `If-None-Match` header names this tag, strong or weak (RFC 9110, section 13.1.2). */
function names(header: string | undefined, tag: string): boolean {
  const tags = (header ?? '').split(',').map((one) => one.trim().replace(/^W\//, ''))
  return tags.includes('*') || tags.includes(tag)
}

/** Takes the part that was asked for, and says so in the answer. @throws RANGE_NOT_SATISFIABLE. */
function part(bytes: Uint8Array, header: string | undefined, reply: FastifyReply): Uint8Array {
  const size = bytes.byteLength
  const range = readRange(header, size)
  if (range === null) return bytes
  if (range === 'unsatisfiable') {
    reply.header('content-range', `bytes */${size}`)
    const message = `expected a range that begins within ${size} bytes, got ${header}`
    throw new AppError('RANGE_NOT_SATISFIABLE', message)
  }
  const { start, end } = range
  reply.code(206).header('content-range', `bytes ${start}-${end}/${size}`)
  return bytes.subarray(start, end + 1)
}
