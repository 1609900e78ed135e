// Twelve calls by types of openapi-typescript and the client openapi-fetch. See docs/clients.md.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import createClient from 'openapi-fetch'
import type { components, paths } from './api.ts'

const [url, archive] = process.argv.slice(2) as [string, string]
const { DELETE, GET, PATCH, POST, PUT } = createClient<paths>({ baseUrl: url })

const picture = (name: string) => readFileSync(`examples/emoji/${name}.png`)
const fox = picture('animal-mammal/fox_face.google')
const otherFox = picture('animal-mammal/fox_face.twitter')
const cherries = picture('food-fruit/cherries.google')
/** The types say `string` where bytes are. */
const bytes = (file: Uint8Array) => file as unknown as string
const collection = 'openapi-typescript'
const path = { collection }

// 1. Create a collection.
const created = await PUT('/v1/collections/{collection}', {
  params: { path },
  body: { metric: 'cosine', keep: 'original', fields: ['kind'], identityField: 'who' },
})
assert.equal(created.data?.count, 0)

// 2. Add two pictures by a form.
const added = await POST('/v1/collections/{collection}/images', {
  params: { path },
  body: {
    image: [bytes(otherFox), bytes(cherries)],
    metadata: { 'fox.png': { kind: 'animal', who: 'fox' }, 'cherries.png': { kind: 'fruit' } },
  },
  bodySerializer({ image, metadata }) {
    const form = new FormData()
    const names = ['fox.png', 'cherries.png']
    for (const [i, file] of image.entries()) form.append('image', new Blob([file]), names[i])
    form.append('metadata', JSON.stringify(metadata))
    return form
  },
})
assert.deepEqual(
  added.data?.results.map(({ status }) => status),
  ['added', 'added'],
)

// 3. Add a picture by its bytes.
const raw = await PUT('/v1/collections/{collection}/images/{id}', {
  params: { path: { collection, id: 'foxes/1' }, query: { metadata: '{"kind":"animal"}' } },
  headers: { 'content-type': 'image/png' },
  body: bytes(fox),
  bodySerializer: (body) => body,
})
assert.deepEqual(raw.data, { id: 'foxes/1', status: 'added' })

// 4. Import an archive, as a job.
const started = await POST('/v1/collections/{collection}/import/archive', {
  params: { path },
  headers: { 'content-type': 'application/zip' },
  body: bytes(readFileSync(archive)),
  bodySerializer: (body) => body,
})
assert.ok(started.data)
let job: components['schemas']['Job'] = started.data

// 5. Follow its progress.
while (job.state === 'queued' || job.state === 'running') {
  await new Promise((resolve) => setTimeout(resolve, 50))
  const { data } = await GET('/v1/jobs/{id}', { params: { path: { id: job.id } } })
  assert.ok(data)
  job = data
}
assert.deepEqual([job.state, job.progress.done, job.progress.counts.added], ['succeeded', 2, 2])

// 6. Search by a picture, with a filter.
const found = await POST('/v1/collections/{collection}/search', {
  params: { path },
  body: {
    query: { image: { data: fox.toString('base64') } },
    k: 2,
    filter: { kind: { $ne: 'fruit' } },
    include: ['metadata'],
  },
})
assert.deepEqual([found.data?.matches[0]?.id, found.data?.exact], ['foxes/1', true])

// 7. Go through all records, page by page.
const ids: string[] = []
let cursor: string | null | undefined
do {
  const { data } = await GET('/v1/collections/{collection}/images', {
    params: { path, query: { limit: 2, ...(cursor && { cursor }) } },
  })
  assert.ok(data)
  ids.push(...data.records.map((record) => record.id))
  cursor = data.cursor
} while (cursor !== null)
assert.equal(ids.length, 5)

// 8. Change the metadata of a record.
const id = 'foxes/1'
const patched = await PATCH('/v1/collections/{collection}/images/{id}', {
  params: { path: { collection, id } },
  body: { metadata: { who: 'fox', seen: [1, { deep: true }] } },
})
assert.deepEqual(patched.data?.metadata, {
  kind: 'animal',
  who: 'fox',
  seen: [1, { deep: true }],
})

// 9. Read the picture that was kept.
const kept = await GET('/v1/collections/{collection}/images/{id}/content', {
  params: { path: { collection, id } },
  parseAs: 'arrayBuffer',
})
assert.deepEqual(Buffer.from(kept.data!), fox)

// 10. Ask who is on a picture.
const who = await POST('/v1/collections/{collection}/identify', {
  params: { path },
  body: {
    query: { image: { data: fox.toString('base64') } },
    thresholds: { known: 0.01, unknown: 0.9 },
  },
})
assert.deepEqual([who.data?.decision, who.data?.identity], ['known', 'fox'])

// 11. Delete a record; asked for again, it is a typed problem.
const deleted = await DELETE('/v1/collections/{collection}/images/{id}', {
  params: { path: { collection, id } },
})
assert.equal(deleted.response.status, 204)
const gone = await GET('/v1/collections/{collection}/images/{id}', {
  params: { path: { collection, id } },
})
assert.equal(gone.error?.code, 'RECORD_NOT_FOUND')

// 12. Drop the collection.
const dropped = await DELETE('/v1/collections/{collection}', { params: { path } })
assert.equal(dropped.response.status, 204)
process.stdout.write('12 calls passed\n')
