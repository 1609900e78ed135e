// Twelve calls by a client of @hey-api/openapi-ts. See docs/clients.md.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { client } from './client/client.gen.ts'
import * as api from './client/index.ts'

const [url, archive] = process.argv.slice(2) as [string, string]
client.setConfig({ baseUrl: url, throwOnError: true })

const picture = (name: string) => readFileSync(`examples/emoji/${name}.png`)
const fox = picture('animal-mammal/fox_face.google')
const otherFox = picture('animal-mammal/fox_face.twitter')
const cherries = picture('food-fruit/cherries.google')
const path = { collection: 'hey-api' }
const record = { ...path, id: 'foxes/1' }

// 1. Create a collection.
const created = await api.createCollection({
  path,
  body: { metric: 'cosine', keep: 'original', fields: ['kind'], identityField: 'who' },
})
assert.equal(created.data?.count, 0)

// 2. Add two pictures by a form.
const added = await api.addImages({
  path,
  body: {
    image: [new File([otherFox], 'fox.png'), new File([cherries], 'cherries.png')],
    metadata: { 'fox.png': { kind: 'animal', who: 'fox' }, 'cherries.png': { kind: 'fruit' } },
  },
})
assert.deepEqual(
  added.data?.results.map(({ status }) => status),
  ['added', 'added'],
)

// 3. Add a picture by its bytes. The generator types one of the four kinds of body, the JSON.
const raw = await api.addImage({
  path: record,
  query: { metadata: '{"kind":"animal"}' },
  headers: { 'Content-Type': 'image/png' },
  body: fox as never,
  bodySerializer: null,
})
assert.deepEqual(raw.data, { id: 'foxes/1', status: 'added' })

// 4. Import an archive, as a job.
const started = await api.importArchive({ path, body: new Blob([readFileSync(archive)]) })
assert.ok(started.data)
let job: api.Job = started.data

// 5. Follow its progress.
while (job.state === 'queued' || job.state === 'running') {
  await new Promise((resolve) => setTimeout(resolve, 50))
  const { data } = await api.getJob({ path: { id: job.id } })
  assert.ok(data)
  job = data
}
assert.deepEqual([job.state, job.progress.done, job.progress.counts.added], ['succeeded', 2, 2])

// 6. Search by a picture, with a filter.
const found = await api.search({
  path,
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
  const { data } = await api.scrollRecords({ path, query: { limit: 2, ...(cursor && { cursor }) } })
  assert.ok(data)
  ids.push(...data.records.map(({ id }) => id))
  cursor = data.cursor
} while (cursor !== null)
assert.equal(ids.length, 5)

// 8. Change the metadata of a record.
const patched = await api.patchRecord({
  path: record,
  body: { metadata: { who: 'fox', seen: [1, { deep: true }] } },
})
assert.deepEqual(patched.data?.metadata, {
  kind: 'animal',
  who: 'fox',
  seen: [1, { deep: true }],
})

// 9. Read the picture that was kept.
const kept = await api.getContent({ path: record, parseAs: 'blob' })
assert.deepEqual(Buffer.from(await (kept.data as Blob).arrayBuffer()), fox)

// 10. Ask who is on a picture.
const who = await api.identify({
  path,
  body: {
    query: { image: { data: fox.toString('base64') } },
    thresholds: { known: 0.01, unknown: 0.9 },
  },
})
assert.deepEqual([who.data?.decision, who.data?.identity], ['known', 'fox'])

// 11. Delete a record; asked for again, it is a typed problem.
const deleted = await api.deleteRecord({ path: record })
assert.equal(deleted.response?.status, 204)
const gone = await api.getRecord({ path: record, throwOnError: false })
assert.equal(gone.error?.code, 'RECORD_NOT_FOUND')

// 12. Drop the collection.
const dropped = await api.dropCollection({ path })
assert.equal(dropped.response?.status, 204)
process.stdout.write('12 calls passed\n')
