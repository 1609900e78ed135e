import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { colour, pngOf, writeColourModels } from '../support/colour-models.ts'
import { call, startServer, type TestServer } from '../support/http.ts'
import { openService, type TestService } from '../support/service.ts'

const base = '/v1/collections/c'
let service: TestService
let server: TestServer
let root: string

before(async () => {
  root = mkdtempSync(join(tmpdir(), 'lookalike-reembed-'))
  const modelsFolder = await writeColourModels(root)
  service = await openService({ modelsFolder, model: 'roots' })
  server = await startServer(service.collections, { jobs: service.jobs })
  await send('PUT', base, { keep: 'original' })
  for (let n = 0; n < 5; n++) await send('PUT', `${base}/images/${n}`, await pngOf(colour(n)))
})

after(async () => {
  await server.server.close()
  await service.close()
  rmSync(root, { recursive: true })
})

function send(method: string, path: string, body?: unknown) {
  const headers: Record<string, string> =
    body instanceof Uint8Array ? { 'content-type': 'image/png' } : {}
  return call(server, method, path, body, headers)
}

test('a collection moves to another model, its old vectors are listed, and dropped on request', async () => {
  const started = await send('POST', `${base}/reembed`, { model: 'both' })
  assert.equal(started.status, 202, JSON.stringify(started.body))
  assert.equal(started.headers.get('location'), `/v1/jobs/${started.body.id}`)
  // The stream of events ends with the job.
  await (await fetch(`${server.origin}/v1/jobs/${started.body.id}/events`)).text()
  const job = (await send('GET', `/v1/jobs/${started.body.id}`)).body
  assert.deepEqual(
    [job.kind, job.state, job.about],
    [...['reembed', 'succeeded', 'model both from the kept originals']],
  )
  const collection = (await send('GET', base)).body
  assert.deepEqual([collection.model, collection.dimensions, collection.count], ['both', 6, 5])
  const { generations } = (await send('GET', `${base}/generations`)).body
  assert.deepEqual(
    generations.map((one: Record<string, unknown>) => [one.generation, one.model, one.inForce]),
    [
      [0, 'roots', false],
      [1, 'both', true],
    ],
  )
  const kept = await send('DELETE', `${base}/generations/1`)
  assert.deepEqual([kept.status, kept.body.code], [409, 'GENERATION_IN_FORCE'])
  assert.equal((await send('DELETE', `${base}/generations/0`)).status, 204)
  const gone = await send('DELETE', `${base}/generations/0`)
  assert.deepEqual([gone.status, gone.body.code], [404, 'GENERATION_NOT_FOUND'])
})

const REFUSALS: [what: string, body: unknown, status: number, code: string][] = [
  ['without a model', {}, 400, 'INVALID_REQUEST'],
  ['to an unknown model', { model: 'x' }, 404, 'MODEL_NOT_FOUND'],
  ['from elsewhere', { model: 'weighed', from: 'memory' }, 400, 'INVALID_REQUEST'],
  [
    'from a folder where none may be read',
    { model: 'weighed', from: { folder: '.' } },
    400,
    'IMPORT_OFF',
  ],
  ['with an unknown permission', { model: 'weighed', missing: 'ignore' }, 400, 'INVALID_REQUEST'],
]
for (const [what, body, status, code] of REFUSALS) {
  test(`a re-embedding ${what} is refused at once with ${code}`, async () => {
    const answer = await send('POST', `${base}/reembed`, body)
    assert.deepEqual([answer.status, answer.body.code], [status, code], answer.body.detail)
  })
}
