import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { call, startServer, type TestServer } from '../support/http.ts'
import { head, outcome, RawClient } from '../support/raw-http.ts'
import { openService, type TestService } from '../support/service.ts'
import { tarFile } from '../support/tar-file.ts'

const TIMEOUT_MS = 1000
const path = '/v1/collections/c/import/archive'

let service: TestService
let server: TestServer
let archive: Buffer

before(async () => {
  service = await openService()
  server = await startServer(service.collections, {
    jobs: service.jobs,
    limits: { maxBodyBytes: 100_000, requestTimeoutMs: TIMEOUT_MS },
  })
  await call(server, 'PUT', '/v1/collections/c', {})
  archive = await tarFile([{ name: 'text.png', bytes: Buffer.from('no image') }])
})

after(async () => {
  await server.server.close()
  await service.close()
})

function begin(): RawClient {
  const headers = { 'content-type': 'application/x-tar', 'content-length': archive.byteLength }
  return new RawClient(server.port).send(head('POST', path, headers))
}

test('an archive may take longer than other bodies while it keeps arriving', async () => {
  const client = begin()
  const pieces = 25
  const size = Math.ceil(archive.byteLength / pieces)
  for (let at = 0; at < archive.byteLength; at += size) {
    client.send(archive.subarray(at, at + size))
    await wait((2.5 * TIMEOUT_MS) / pieces)
  }
  assert.deepEqual(outcome(await client.ended()), [202, undefined])
})

test('an archive of which nothing arrives any more is cut with 408', async () => {
  const client = begin().send(archive.subarray(0, 600))
  assert.deepEqual(outcome(await client.ended()), [408, 'REQUEST_TIMEOUT'])
})
