import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import type { FastifyRequest } from 'fastify'
import { createBodyBudget } from '../../../src/http/body/body-budget.ts'
import { BodyMemory } from '../../../src/http/body/body-memory.ts'
import { readBody } from '../../../src/http/body/read-body.ts'

const MEBIBYTE = 2 ** 20

/** Sends a body over the network. @returns what `read` makes of it, and the pieces in which it came, afterwards. */
async function received<T>(
  body: Buffer,
  contentType: string,
  read: (request: FastifyRequest, raw: IncomingMessage) => Promise<T>,
) {
  const server = createServer()
  const answered = new Promise<{ result: T; pieces: Buffer[] }>((resolve, reject) => {
    server.on('request', (raw, reply) => {
      const pieces: Buffer[] = []
      raw.on('data', (piece: Buffer) => pieces.push(piece))
      const request = {
        ...{ raw, headers: raw.headers, mediaType: contentType.split(';')[0], lentBody: null },
        routeOptions: { bodyLimit: 2 * MEBIBYTE, config: { lendsBody: true } },
        bodyHold: createBodyBudget(16 * MEBIBYTE)('caller'),
      } as unknown as FastifyRequest
      read(request, raw)
        .then((result) => resolve({ result, pieces }), reject)
        .finally(() => reply.end())
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const headers = { 'content-type': contentType }
  try {
    await fetch(`http://127.0.0.1:${port}/`, {
      method: 'POST',
      body: new Uint8Array(body),
      headers,
    })
    return await answered
  } finally {
    server.close()
  }
}

async function wholeBody(request: FastifyRequest, raw: IncomingMessage) {
  const body = await new Promise<Buffer>((resolve, reject) => {
    readBody(new BodyMemory(2 * MEBIBYTE), request, raw, (error, body) => {
      if (error === null) resolve(body as Buffer)
      else reject(error)
    })
  })
  return { body, copy: Buffer.from(body), lent: request.lentBody! }
}

const sizes = (pieces: readonly Buffer[]) => pieces.map(({ byteLength }) => byteLength)

test('the pieces of a large body are freed when they have been copied', async () => {
  const sent = Buffer.from(Array.from({ length: MEBIBYTE }, (_, i) => (i * 7919) % 251))
  const { result, pieces } = await received(sent, 'image/png', wholeBody)
  assert.ok(result.copy.equals(sent))
  assert.ok(pieces.length > 1)
  assert.deepEqual(
    sizes(pieces),
    pieces.map(() => 0),
  )
})

test('a body of one piece is freed when its request has ended, and not before', async () => {
  const sent = Buffer.alloc(5000, 7)
  const { result, pieces } = await received(sent, 'image/png', wholeBody)
  assert.ok(result.copy.equals(sent))
  assert.deepEqual(sizes(pieces), [5000])
  result.lent.requestEnded()
  assert.deepEqual(sizes(pieces), [0])
})
