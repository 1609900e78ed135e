import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { FastifyRequest } from 'fastify'
import { BodyReader } from '../../../src/http/body/body-reader.ts'
import { createReadJson } from '../../../src/http/body/read-json.ts'
import { readDeleteBody } from '../../../src/http/calls/delete-records.ts'

const readJson = createReadJson(new BodyReader())
const request = { body: Buffer.from('{"ids":["a"]}') } as unknown as FastifyRequest

test('a body is read by the reader that the call names', async () => {
  assert.deepEqual(await readJson(request, readDeleteBody), { ids: ['a'] })
})

test('a reader that is missing in the table fails with the first body, however small', async () => {
  const missing = (body: Uint8Array) => body.byteLength
  await assert.rejects(readJson(request, missing), { message: 'missing is not in BODY_READERS' })
})
