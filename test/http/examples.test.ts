import assert from 'node:assert/strict'
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { shippedExamples } from '../../src/adapters/shipped-examples.ts'
import { Examples } from '../../src/collection/import/examples.ts'
import { writeColourModels } from '../support/colour-models.ts'
import { failsWith } from '../support/errors.ts'
import { call, startServer, type TestServer } from '../support/http.ts'
import { openService, type TestService } from '../support/service.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const keys = [
  { name: 'reader', scope: 'read', secret: 'a-secret-that-reads', collections: null },
  { name: 'guest', scope: 'read', secret: 'a-secret-of-guests', collections: ['cats'] },
  { name: 'writer', scope: 'write', secret: 'a-secret-that-writes', collections: null },
] as const
const WRITER = { 'x-api-key': 'a-secret-that-writes' }

let models: string
let service: TestService
let server: TestServer

before(async () => {
  models = mkdtempSync(join(tmpdir(), 'lookalike-examples-'))
  await writeColourModels(models)
  // A model of three numbers: what is tested is what is stored of each picture.
  service = await openService({ modelsFolder: models, model: 'roots' })
  server = await startServer(service.collections, { jobs: service.jobs, keys })
})

after(async () => {
  await server.server.close()
  await service.close()
  rmSync(models, { recursive: true })
})

async function finished(id: string) {
  const { runner } = service.jobs
  const signal = AbortSignal.timeout(120_000)
  while (runner.job(id).finishedAt === null) await runner.changed(id, signal)
  return runner.job(id)
}

test('the shipped pictures are added with what metadata.csv says of them; again, nothing changes', async () => {
  const add = () => call(server, 'POST', '/v1/examples', undefined, WRITER)
  const [started, same] = [await add(), await add()]
  assert.equal(started.status, 202)
  assert.equal(same.body.id, started.body.id, 'the job that is on its way is the answer')
  const { progress, state } = await finished(started.body.id)
  assert.deepEqual([state, progress.total], ['succeeded', 704])
  assert.deepEqual(progress.counts, { added: 704 })
  const rows = readFileSync('examples/emoji/metadata.csv', 'utf8').trim().split('\n').slice(1)
  const collection = service.collections.get('emoji')
  for (const row of rows) {
    const [file = '', , name, drawing] = row.split(',')
    const { metadata } = await collection.record(file, { vector: false })
    assert.deepEqual(metadata, { label: file.split('/')[0], name, drawing })
  }
  assert.equal(rows.length, 704)
  const { body: again } = await add()
  assert.deepEqual((await finished(again.id)).progress.counts, { skipped: 704 })
})

test('callers at the same time are given one job', async () => {
  const own = await openService({ modelsFolder: models, model: 'roots' })
  try {
    const jobs = await Promise.all(Array.from({ length: 5 }, () => own.jobs.examples.add()))
    assert.equal(new Set(jobs.map(({ id }) => id)).size, 1)
    assert.equal(own.jobs.runner.list().length, 1)
  } finally {
    await own.close()
  }
})

test('the first picture to search by is one of them', async () => {
  const { body } = await call(server, 'GET', '/v1/examples', undefined, WRITER)
  assert.deepEqual([body.collection, body.pictures], ['emoji', 704])
  assert.ok(readFileSync(join('examples/emoji', body.first)).byteLength > 0)
})

test('a caller is told whether its key, or having none, allows to add them', async () => {
  const open = await startServer(service.collections, { jobs: service.jobs })
  const looking = await startServer(service.collections, {
    jobs: service.jobs,
    keys,
    anonymous: 'read',
  })
  try {
    const mayAdd = async (at: TestServer, headers: Record<string, string>) =>
      (await call(at, 'GET', '/v1/examples', undefined, headers)).body.mayAdd
    assert.equal(await mayAdd(server, WRITER), true)
    assert.equal(await mayAdd(server, { 'x-api-key': 'a-secret-that-reads' }), false)
    assert.equal(await mayAdd(server, { 'x-api-key': 'a-secret-of-guests' }), false)
    assert.equal(await mayAdd(open, {}), true)
    assert.equal(await mayAdd(looking, {}), false)
    const refused = await call(looking, 'POST', '/v1/examples')
    assert.equal(refused.status, 401)
    assert.equal(refused.body.code, 'UNAUTHENTICATED')
  } finally {
    await open.server.close()
    await looking.server.close()
  }
})

test('a collection of that name that is made differently is left as it is', async () => {
  const own = await openService({ modelsFolder: models, model: 'roots' })
  try {
    await own.collections.create({ name: 'emoji' })
    await assert.rejects(own.jobs.examples.add(), failsWith('COLLECTION_DIFFERS'))
    assert.deepEqual(own.jobs.runner.list(), [])
  } finally {
    await own.close()
  }
})

test('a copy of the service without the pictures offers none', async (t) => {
  const none = join(temporaryFolder(t), 'none')
  const { collections, jobs } = service
  const pictures = shippedExamples(none)
  const examples = new Examples({ collections, jobs: jobs.runner, pictures })
  assert.equal((await examples.status()).pictures, 0)
  await assert.rejects(examples.add(), failsWith('EXAMPLES_NOT_FOUND'))
})

test('pictures that could not be listed are listed when they are asked for again', async (t) => {
  const folder = join(temporaryFolder(t), 'pictures')
  const pictures = shippedExamples(folder)
  writeFileSync(folder, 'no folder')
  await assert.rejects(pictures.count(), { code: 'ENOTDIR' })
  rmSync(folder)
  cpSync('examples/emoji/food-fruit', folder, { recursive: true })
  assert.ok((await pictures.count()) > 0)
})
