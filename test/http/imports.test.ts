import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { type Answer, call, startServer, type TestServer } from '../support/http.ts'
import { makePictureFolder } from '../support/pictures.ts'
import { openService, type TestService } from '../support/service.ts'
import { tarFile } from '../support/tar-file.ts'
import { zipFile } from '../support/zip-file.ts'

const fox = readFileSync('examples/emoji/animal-mammal/fox_face.google.png')
const cherries = readFileSync('examples/emoji/food-fruit/cherries.google.png')
const base = '/v1/collections/c'

let service: TestService
let server: TestServer
let root: string

before(async () => {
  root = mkdtempSync(join(tmpdir(), 'lookalike-import-'))
  mkdirSync(join(root, 'set'))
  makePictureFolder(join(root, 'set'))
  service = await openService({ importRoot: root })
  const keys = [
    { name: 'w', scope: 'write' as const, secret: 'a-secret-that-writes', collections: null },
    { name: 'r', scope: 'read' as const, secret: 'a-secret-that-reads', collections: null },
  ]
  server = await startServer(service.collections, { jobs: service.jobs, keys })
  await send('PUT', base, {})
  await send('PUT', '/v1/collections/points', { dimensions: 2 })
})

after(async () => {
  await server.server.close()
  await service.close()
  rmSync(root, { recursive: true })
})

const KEY = { 'x-api-key': 'a-secret-that-writes' }

function send(method: string, path: string, body?: unknown, headers: Record<string, string> = {}) {
  return call(server, method, path, body, { ...KEY, ...headers })
}

/** The events of a job, until the stream ends. */
async function eventsOf(id: string, headers: Record<string, string> = {}) {
  const response = await fetch(`${server.origin}/v1/jobs/${id}/events`, {
    headers: { ...KEY, ...headers },
  })
  assert.equal(response.headers.get('content-type'), 'text/event-stream')
  const text = await response.text()
  return [...text.matchAll(/id: (\d+)\nevent: job\ndata: (.+)\n\n/g)].map(([, id, data]) => {
    return { id: Number(id), job: JSON.parse(data!) }
  })
}

async function finished(answer: Answer) {
  assert.equal(answer.status, 202, JSON.stringify(answer.body))
  assert.equal(answer.headers.get('location'), `/v1/jobs/${answer.body.id}`)
  await eventsOf(answer.body.id)
  return (await send('GET', `/v1/jobs/${answer.body.id}`)).body
}

async function idsOf(collection: string): Promise<string[]> {
  const { body } = await send('GET', `/v1/collections/${collection}/images`)
  return body.records.map(({ id }: { id: string }) => id)
}

test('a folder below the root is imported with labels, and again only what changed', async () => {
  const started = await send('POST', `${base}/import`, { folder: 'set' })
  const events = await eventsOf(started.body.id)
  const job = await finished(started)
  assert.deepEqual(events.at(-1)!.job, job, 'the last event is the job as it ended')
  const versions = events.map(({ id }) => id)
  assert.deepEqual(
    versions,
    [...new Set(versions)].sort((a, b) => a - b),
  )
  assert.deepEqual(
    [job.state, job.kind, job.collection, job.error],
    ['succeeded', 'import', 'c', null],
  )
  const counts = { added: 4, refused: 1, leftOut: 1 }
  assert.deepEqual(job.progress, { done: 6, total: null, counts })
  const reason = 'no image by its first bytes'
  assert.deepEqual(job.details, { leftOut: [{ item: 'notes.txt', reason }] })
  assert.deepEqual(
    job.failures.map(({ item, code }: { item: string; code: string }) => [item, code]),
    [['broken.png', 'NOT_AN_IMAGE']],
  )
  const ids = ['animals/deep/fox 2.PNG', 'animals/fox.png', 'fruit/cherries.png', 'top.png']
  assert.deepEqual(await idsOf('c'), ids)
  const record = await send('GET', `${base}/images/${encodeURIComponent(ids[0]!)}`)
  assert.deepEqual(record.body.metadata, { label: 'animals' })
  const again = await finished(await send('POST', `${base}/import`, { folder: 'set' }))
  assert.deepEqual(again.progress.counts, { skipped: 4, refused: 1, leftOut: 1 })
})

test('a job that has ended is one event, or none for who has seen it', async () => {
  const { id } = await finished(await send('POST', `${base}/import`, { folder: 'set/fruit' }))
  const [only, ...others] = await eventsOf(id)
  assert.deepEqual([only!.job.state, others.length], ['succeeded', 0])
  assert.deepEqual(await eventsOf(id, { 'last-event-id': String(only!.id) }), [])
})

test('jobs are listed, the newest first, by collection and state', async () => {
  await send('PUT', '/v1/collections/listed', {})
  const path = '/v1/collections/listed/import'
  const first = await finished(await send('POST', path, { folder: 'set/fruit' }))
  const second = await finished(await send('POST', path, { folder: 'set/fruit' }))
  const { body } = await send('GET', '/v1/jobs?collection=listed&state=succeeded')
  assert.deepEqual(body.jobs, [second, first])
  assert.deepEqual((await send('GET', '/v1/jobs?collection=listed&state=failed')).body.jobs, [])
})

const ARCHIVES: [
  type: string,
  make: (files: { name: string; bytes: Buffer }[]) => Promise<Buffer>,
][] = [
  ['application/zip', async (files) => zipFile(files)],
  ['application/x-tar', (files) => tarFile(files)],
  ['application/octet-stream', async (files) => zipFile(files)],
]
for (const [type, make] of ARCHIVES) {
  test(`an archive of ${type} is imported, its tricks refused, and dropped afterwards`, async () => {
    const name = type.replace('/', '-')
    await send('PUT', `/v1/collections/${name}`, {})
    const archive = await make([
      { name: 'animals/fox.png', bytes: fox },
      { name: '../up.png', bytes: fox },
      { name: 'cherries.png', bytes: cherries },
    ])
    const job = await finished(
      await send(
        ...(['POST', `/v1/collections/${name}/import/archive?labelFrom=none`] as const),
        ...([new Uint8Array(archive), { 'content-type': type }] as const),
      ),
    )
    assert.deepEqual(job.progress.counts, { added: 2, refused: 1 })
    assert.equal(job.failures[0].code, 'ARCHIVE_ENTRY_REFUSED')
    assert.deepEqual(await idsOf(name), ['animals/fox.png', 'cherries.png'])
    const record = await send('GET', `/v1/collections/${name}/images/animals%2Ffox.png`)
    assert.deepEqual(record.body.metadata, {})
  })
}

/** Starts the import of an archive into a new collection of that name. */
async function archiveJob(name: string, files: { name: string; bytes: Buffer }[], query = '') {
  await send('PUT', `/v1/collections/${name}`, {})
  const archive = new Uint8Array(zipFile(files))
  const path = `/v1/collections/${name}/import/archive${query}`
  return await finished(await send('POST', path, archive, { 'content-type': 'application/zip' }))
}

test('what a folder excludes is left out, and what it takes back is not', async () => {
  await send('PUT', '/v1/collections/excluding', {})
  const body = { folder: 'set', exclude: ['deep/', '*.txt', 'broken.*', 'top*', '!top.png'] }
  const job = await finished(await send('POST', '/v1/collections/excluding/import', body))
  assert.deepEqual(job.progress.counts, { added: 3, leftOut: 3 })
  assert.deepEqual(job.details.leftOut, [
    { item: 'animals/deep/', reason: 'excluded by deep/' },
    { item: 'broken.png', reason: 'excluded by broken.*' },
    { item: 'notes.txt', reason: 'excluded by *.txt' },
  ])
  assert.deepEqual(await idsOf('excluding'), ['animals/fox.png', 'fruit/cherries.png', 'top.png'])
})

test('what an archive excludes is left out, by one glob or several', async () => {
  const files = ['a.png', 'b.png', 'c.png', '@eaDir/a.png'].map((name) => ({ name, bytes: fox }))
  const one = await archiveJob('one-glob', files, '?exclude=b.*')
  assert.deepEqual(one.progress.counts, { added: 2, leftOut: 2 })
  const two = await archiveJob('two-globs', files, '?exclude=b.*&exclude=c.*')
  assert.deepEqual(two.progress.counts, { added: 1, leftOut: 3 })
})

test('images under any name are taken from an archive and a folder', async () => {
  const names = ['saved.jfif', 'saved.JPE', 'both.mpo', 'noextension', 'notes.txt']
  const files = names.map((name) => ({ name, bytes: fox }))
  const job = await archiveJob('names', [...files, { name: 'text', bytes: Buffer.from('text') }])
  assert.deepEqual(job.progress.counts, { added: 5, leftOut: 1 })
  mkdirSync(join(root, 'names'))
  for (const { name, bytes } of files) writeFileSync(join(root, 'names', name), bytes)
  const again = await finished(
    await send('POST', '/v1/collections/names/import', { folder: 'names' }),
  )
  assert.deepEqual(again.progress.counts, { skipped: 5 })
})

test('of many files that are left out, all are counted and a hundred are named', async () => {
  const files = Array.from({ length: 150 }, (_, i) => {
    return { name: `${String(i).padStart(3, '0')}.txt`, bytes: Buffer.from('text') }
  })
  const job = await archiveJob('many', files)
  assert.deepEqual([job.state, job.progress.counts], ['succeeded', { leftOut: 150 }])
  const named = job.details.leftOut.map(({ item }: { item: string }) => item)
  assert.deepEqual(
    named,
    files.slice(0, 100).map(({ name }) => name),
  )
})

test('an archive that is damaged fails the job, and keeps what came before', async () => {
  await send('PUT', '/v1/collections/damaged', {})
  const whole = await tarFile([
    { name: 'fox.png', bytes: fox },
    { name: 'cherries.png', bytes: cherries },
  ])
  const cut = new Uint8Array(whole.subarray(0, fox.length + 1500))
  const path = '/v1/collections/damaged/import/archive'
  const job = await finished(await send('POST', path, cut, { 'content-type': 'application/x-tar' }))
  assert.deepEqual([job.state, job.error.code], ['failed', 'ARCHIVE_INVALID'])
})

const zip = { 'content-type': 'application/zip' }
const text = new TextEncoder().encode('no archive')
const urls = (...items: object[]) => ({ urls: items })
const REFUSALS: [what: string, path: string, body: unknown, status: number, code: string][] = [
  [
    'an unknown collection',
    '/v1/collections/x/import',
    { folder: '.' },
    404,
    'COLLECTION_NOT_FOUND',
  ],
  ['vectors', '/v1/collections/points/import', { folder: '.' }, 409, 'COLLECTION_WITHOUT_MODEL'],
  ['a folder elsewhere', `${base}/import`, { folder: '/etc' }, 400, 'IMPORT_FOLDER_REFUSED'],
  ['a folder above', `${base}/import`, { folder: 'set/../..' }, 400, 'IMPORT_FOLDER_REFUSED'],
  ['nothing', `${base}/import`, {}, 400, 'INVALID_REQUEST'],
  ['both', `${base}/import`, { folder: '.', urls: [{ url: 'a' }] }, 400, 'INVALID_REQUEST'],
  [
    'labels of URLs',
    `${base}/import`,
    { ...urls({ url: 'a' }), labelFrom: 'none' },
    400,
    'INVALID_REQUEST',
  ],
  [
    'exclusions of URLs',
    `${base}/import`,
    { ...urls({ url: 'a' }), exclude: ['a'] },
    400,
    'INVALID_REQUEST',
  ],
  ['a bad glob', `${base}/import`, { folder: '.', exclude: ['{a,b}'] }, 400, 'INVALID_REQUEST'],
  [
    'an archive with a bad glob',
    `${base}/import/archive?exclude=a%2F%2Fb`,
    text,
    400,
    'INVALID_REQUEST',
  ],
  ['URLs', `${base}/import`, urls({ url: 'http://example.com/' }), 400, 'URL_FETCH_OFF'],
  ['text as an archive', `${base}/import/archive`, text, 422, 'ARCHIVE_INVALID'],
  [
    'too large an archive',
    `${base}/import/archive`,
    new Uint8Array(4 * 1024 * 1024 + 1),
    413,
    'BODY_TOO_LARGE',
  ],
]
for (const [what, path, body, status, code] of REFUSALS) {
  test(`an import of ${what} is refused at once with ${code}`, async () => {
    const headers = body instanceof Uint8Array ? zip : {}
    const answer = await send('POST', path, body, headers)
    assert.deepEqual([answer.status, answer.body.code], [status, code], answer.body.detail)
  })
}

test('an archive of another media type, and none at all, are refused', async () => {
  const path = `${base}/import/archive`
  const other = await send('POST', path, text, { 'content-type': 'application/x-rar' })
  assert.deepEqual([other.status, other.body.code], [415, 'UNSUPPORTED_MEDIA_TYPE'])
  for (const type of ['application/json', 'image/png', 'multipart/form-data; boundary=b']) {
    const empty = await fetch(`${server.origin}${path}`, {
      method: 'POST',
      headers: { ...KEY, 'content-type': type },
    })
    assert.equal(empty.status, 415, type)
    const { code } = (await empty.json()) as { readonly code: string }
    assert.equal(code, 'UNSUPPORTED_MEDIA_TYPE', type)
  }
  const none = await send('POST', path, undefined, {})
  assert.deepEqual([none.status, none.body.code], [400, 'INVALID_REQUEST'])
})

test('unknown jobs are 404, and a key that reads sees none', async () => {
  for (const [method, path] of [
    ['GET', '/v1/jobs/x'],
    ['DELETE', '/v1/jobs/x'],
    ['GET', '/v1/jobs/x/events'],
  ] as const) {
    const unknown = await send(method, path)
    assert.deepEqual([unknown.status, unknown.body.code], [404, 'JOB_NOT_FOUND'])
    const reading = await send(method, path, undefined, { 'x-api-key': 'a-secret-that-reads' })
    assert.deepEqual([reading.status, reading.body.code], [403, 'FORBIDDEN'])
  }
})
