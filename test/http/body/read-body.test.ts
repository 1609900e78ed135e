import assert from 'node:assert/strict'
import type { IncomingMessage } from 'node:http'
import { PassThrough } from 'node:stream'
import { test } from 'node:test'
import type { FastifyRequest } from 'fastify'
import { createBodyBudget } from '../../../src/http/body/body-budget.ts'
import { BodyMemory } from '../../../src/http/body/body-memory.ts'
import { readBody } from '../../../src/http/body/read-body.ts'

const LENGTH = 4096

/** A body that is being read into memory that has room for it alone. */
function reading({ bodyLimit = LENGTH, mediaType = 'image/png', lendsBody = true } = {}) {
  const memory = new BodyMemory(LENGTH)
  const bodyHold = createBodyBudget(2 ** 20)('caller')
  const request = {
    routeOptions: { bodyLimit, config: { lendsBody } },
    headers: { 'content-length': String(LENGTH) },
    mediaType,
    bodyHold,
    lentBody: null,
  } as unknown as FastifyRequest
  const payload = new PassThrough()
  const read = new Promise<Uint8Array>((resolve, reject) => {
    readBody(memory, request, payload as unknown as IncomingMessage, (error, body) => {
      if (error === null) resolve(body as Uint8Array)
      else reject(error)
    })
  })
  const isFree = () => {
    const loan = memory.lend(LENGTH)
    loan?.giveBack()
    return loan !== null
  }
  return { request, payload, read, isFree }
}

const send = async (payload: PassThrough, bytes: number) => {
  payload.write(Buffer.alloc(bytes, 5))
  await new Promise((resolve) => setImmediate(resolve))
}

test('a body in pieces lies in lent memory, which is free when its request has ended', async () => {
  const { request, payload, read, isFree } = reading()
  await send(payload, 1000)
  assert.equal(isFree(), false)
  payload.end(Buffer.alloc(LENGTH - 1000, 5))
  const body = await read
  assert.deepEqual(body, Buffer.alloc(LENGTH, 5))
  assert.ok(body.buffer instanceof SharedArrayBuffer)
  assert.equal(isFree(), false)
  request.lentBody!.requestEnded()
  assert.equal(isFree(), true)
})

test('memory is free again when the sender hangs up, or sends too much, in the middle', async () => {
  const cutOff = reading()
  await send(cutOff.payload, 1000)
  cutOff.payload.destroy()
  await assert.rejects(cutOff.read, { code: 'CANCELLED' })
  const broken = reading()
  await send(broken.payload, 1000)
  broken.payload.destroy(new Error('aborted'))
  await assert.rejects(broken.read, { message: 'aborted' })
  const large = reading({ bodyLimit: 1500 })
  await send(large.payload, 1000)
  large.payload.write(Buffer.alloc(1000))
  await assert.rejects(large.read, { code: 'BODY_TOO_LARGE' })
  for (const { request, isFree } of [cutOff, broken, large]) {
    assert.equal(request.lentBody, null)
    assert.equal(isFree(), true)
  }
})

test('a body that comes after its request was answered is dropped, and its memory free', async () => {
  const { request, payload, read, isFree } = reading()
  await send(payload, 1000)
  request.bodyHold!.release()
  payload.end(Buffer.alloc(LENGTH - 1000))
  await assert.rejects(read, { code: 'CANCELLED' })
  assert.equal(isFree(), true)
})

test('nothing is lent for JSON, or to a call that does not give it back', async () => {
  for (const other of [{ mediaType: 'application/json' }, { lendsBody: false }]) {
    const { request, payload, read } = reading(other)
    await send(payload, 1000)
    payload.end(Buffer.alloc(LENGTH - 1000, 5))
    assert.deepEqual(await read, Buffer.alloc(LENGTH, 5))
    assert.equal(request.lentBody, null)
  }
})
