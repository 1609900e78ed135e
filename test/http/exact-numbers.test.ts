import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { call, startServer, type TestServer } from '../support/http.ts'
import { openService, type TestService } from '../support/service.ts'

let service: TestService
let server: TestServer
const base = '/v1/collections/points'
const JSON_TYPE = { 'content-type': 'application/json' }

before(async () => {
  service = await openService()
  server = await startServer(service.collections)
  await send('PUT', base, { dimensions: 2, metric: 'euclidean', identityField: 'who' })
  await send('POST', `${base}/vectors`, { points: [{ id: 'a', vector: [1, 2] }] })
})

after(async () => {
  await server.server.close()
  await service.close()
})

function send(method: string, path: string, body?: unknown, headers?: Record<string, string>) {
  return call(server, method, path, body, headers)
}

function text(json: string): Uint8Array {
  return new TextEncoder().encode(json)
}

function form(parts: Readonly<Record<string, string>>): FormData {
  const made = new FormData()
  for (const [name, value] of Object.entries(parts)) made.append(name, value)
  made.append('image', new Blob(['no image']), 'x.png')
  return made
}

/** Every place where a caller gives a number, by where the refusal says that it stands. */
const PLACES: readonly [
  path: string,
  method: string,
  call: string,
  body: (n: string) => unknown,
][] = [
  [
    '/points/0/metadata/n',
    'POST',
    '/vectors',
    (n) => text(`{"points":[{"id":"x","vector":[1,2],"metadata":{"n":${n}}}]}`),
  ],
  [
    '/points/0/vector/1',
    'POST',
    '/vectors',
    (n) => text(`{"points":[{"id":"x","vector":[1,${n}]}]}`),
  ],
  [
    '/filter/n/$in/1',
    'POST',
    '/search',
    (n) => text(`{"query":{"id":"a"},"filter":{"n":{"$in":[1,${n}]}}}`),
  ],
  ['/radius', 'POST', '/search', (n) => text(`{"query":{"id":"a"},"radius":${n}}`)],
  ['/query/vector/0', 'POST', '/search', (n) => text(`{"query":{"vector":[${n},1]}}`)],
  ['/filter/n', 'POST', '/search', (n) => form({ request: `{"filter":{"n":${n}}}` })],
  ['/query/identity', 'POST', '/identities/search', (n) => text(`{"query":{"identity":${n}}}`)],
  ['/filter/n', 'POST', '/images/delete', (n) => text(`{"filter":{"n":${n}}}`)],
  ['/metadata/a/0/n', 'PATCH', '/images/a', (n) => text(`{"metadata":{"a":[{"n":${n}}]}}`)],
  ['/metadata/n', 'PUT', '/images/x', (n) => text(`{"data":"AAAA","metadata":{"n":${n}}}`)],
  ['/n', 'PUT', '/images/x', (n) => form({ metadata: `{"n":${n}}` })],
  ['/x.png/n', 'POST', '/images', (n) => form({ metadata: `{"x.png":{"n":${n}}}` })],
  [
    '/urls/0/metadata/n',
    'POST',
    '/import',
    (n) => text(`{"urls":[{"url":"https://x/","metadata":{"n":${n}}}]}`),
  ],
  ['/radius', 'POST', '/duplicates', (n) => text(`{"by":"embedding","radius":${n}}`)],
]

for (const [path, method, at, body] of PLACES) {
  test(`${method} ${at} refuses what would be another number at ${path}`, async () => {
    for (const number of ['215250709085334181', '9007199254740993.0', '1e400', '1e-400']) {
      const made = body(number)
      const headers = made instanceof FormData ? {} : JSON_TYPE
      const answer = await send(method, base + at, made, headers)
      const { code, detail, errors } = answer.body
      assert.deepEqual([answer.status, code], [400, 'INVALID_NUMBER'], detail)
      assert.equal(errors[0].path, path)
      assert.ok(errors[0].message.includes(`got ${number}: send it as text`), errors[0].message)
    }
  })
}

test('numbers in an address are held to the same rule', async () => {
  const encoded = encodeURIComponent('{"n":215250709085334181}')
  for (const [method, at, detail] of [
    ['GET', `/images?filter=${encoded}`, /^\/n: .*got 215250709085334181/],
    ['GET', '/statistics?radius=9007199254740993', /^\/radius: .*got 9007199254740993/],
    ['GET', '/statistics?radius=1e-400', /^\/radius: .*got 1e-400/],
  ] as const) {
    const answer = await send(method, base + at)
    assert.deepEqual([answer.status, answer.body.code], [400, 'INVALID_NUMBER'])
    assert.match(answer.body.detail, detail)
  }
  const image = { 'content-type': 'image/png' }
  const put = await send('PUT', `${base}/images/x?metadata=${encoded}`, new Uint8Array([1]), image)
  assert.deepEqual([put.status, put.body.code], [400, 'INVALID_NUMBER'])
})

test('a large body is refused by its thread in the same words', async () => {
  const points = Array.from({ length: 9000 }, (_, i) => `{"id":"p${i}","vector":[1,2]}`)
  points[8000] = '{"id":"x","vector":[1,2],"metadata":{"n":9007199254740993}}'
  const answer = await send(
    'POST',
    `${base}/vectors`,
    text(`{"points":[${points.join(',')}]}`),
    JSON_TYPE,
  )
  assert.deepEqual([answer.status, answer.body.code], [400, 'INVALID_NUMBER'])
  assert.equal(answer.body.errors[0].path, '/points/8000/metadata/n')
})

test('numbers as text stay two identities, and deleting one leaves the other', async () => {
  const [one, other] = ['215250709085334180', '215250709085334181']
  const points = [
    { id: 'one', vector: [0, 1], metadata: { who: one } },
    { id: 'other', vector: [1, 0], metadata: { who: other } },
  ]
  assert.equal((await send('POST', `${base}/vectors`, { points })).status, 200)
  const found = await send('POST', `${base}/identities/search`, { query: { identity: one } })
  const identities = found.body.identities.map(({ identity }: { identity: unknown }) => identity)
  assert.deepEqual(identities, [other])
  const deleted = await send('POST', `${base}/images/delete`, { filter: { who: one } })
  assert.deepEqual(deleted.body, { deleted: 1 })
  assert.equal((await send('GET', `${base}/images/other`)).status, 200)
})
