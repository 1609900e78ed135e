import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { createBodyReader } from '../../../src/http/body/body-reader.ts'
import { BODY_READERS } from '../../../src/http/body/body-readers.ts'
import type { BodyReader } from '../../../src/http/query-limits.ts'

const inThread = createBodyReader({ inPlaceBytes: 0, maxPending: 2 })
const inPlace = createBodyReader({ inPlaceBytes: Number.POSITIVE_INFINITY })

after(() => inThread.close())

const bytes = (value: unknown) => new TextEncoder().encode(JSON.stringify(value))

test('the thread reads every kind of body as it is read in place', async () => {
  const image = { data: Buffer.from('some bytes of an image').toString('base64') }
  const points = [
    { id: 'a', vector: [1.1, 1e300], metadata: { a: ['ü'] } },
    { id: 'b', vector: [] },
  ]
  const query = { positive: [{ id: 'a' }, { image }], negative: [{ vector: [1, 2] }] }
  for (const [kind, body] of [
    ['create', { dimensions: 2 }],
    ['patch', { metadata: { a: null } }],
    ['image', { ...image, metadata: { x: 1 } }],
    ['vectors', { points: points.slice(0, 1) }],
    ['delete', { ids: ['a', 'b'] }],
    ['delete', { filter: { a: { $in: [1, 2] } } }],
    ['search', { query, filter: { a: 1 }, k: 3 }],
    ['search', { query: { images: [image, image] } }],
  ] as const) {
    const reader: BodyReader<unknown> = BODY_READERS[kind]
    const here = await inPlace.read(reader, bytes(body))
    const there = await inThread.read(reader, bytes(body))
    // Buffers arrive as plain byte arrays.
    assert.equal(plain(there), plain(here), kind)
  }
})

function plain(value: unknown): string {
  return JSON.stringify(value, (_name, member) => {
    if (member?.type === 'Buffer') return { bytes: member.data }
    if (member instanceof Uint8Array) return { bytes: [...member] }
    return ArrayBuffer.isView(member) ? [...(member as Float64Array)] : member
  })
}

test('the thread refuses a body with the error that reading in place gives', async () => {
  const body = { points: [{ id: 'a', vector: ['x'] }] }
  const here = await inPlace.read(BODY_READERS.vectors, bytes(body)).catch((error) => error)
  const there = await inThread.read(BODY_READERS.vectors, bytes(body)).catch((error) => error)
  assert.equal(there.code, 'INVALID_REQUEST')
  assert.deepEqual(
    [there.code, there.message, there.issues],
    [here.code, here.message, here.issues],
  )
})

test('a full queue and a closed reader refuse at once, and closing leaves no one waiting', async () => {
  const reader = createBodyReader({ inPlaceBytes: 0, maxPending: 1 })
  const waiting = reader.read(BODY_READERS.create, bytes({}))
  await assert.rejects(reader.read(BODY_READERS.create, bytes({})), { code: 'QUEUE_FULL' })
  const closing = reader.close()
  await assert.rejects(waiting, { code: 'SHUTTING_DOWN' })
  await closing
  await assert.rejects(reader.read(BODY_READERS.create, bytes({})), { code: 'SHUTTING_DOWN' })
})

test('a body is read by the reader that the call names', async () => {
  const read = await inPlace.read(BODY_READERS.delete, bytes({ ids: ['a'] }))
  assert.deepEqual(read, { ids: ['a'] })
})

test('a reader that is missing in the table fails with the first body, however small', async () => {
  const missing = (body: Uint8Array) => body.byteLength
  await assert.rejects(inPlace.read(missing, bytes({})), {
    message: 'missing is not in BODY_READERS',
  })
})
