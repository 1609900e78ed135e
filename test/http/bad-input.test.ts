import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type Answer, call, startServer, type TestServer } from '../support/http.ts'
import { openService, type TestService } from '../support/service.ts'

let service: TestService
let server: TestServer
const base = '/v1/collections/points'

before(async () => {
  service = await openService()
  server = await startServer(service.collections)
  await call(server, 'PUT', base, { dimensions: 3, metric: 'cosine' })
  const points = [{ id: 'a', vector: [1, 2, 3] }]
  assert.equal((await call(server, 'POST', `${base}/vectors`, { points })).status, 200)
})

after(async () => {
  await server.server.close()
  await service.close()
})

const JSON_TYPE = { 'content-type': 'application/json' }

function post(path: string, body: unknown, headers: Record<string, string> = JSON_TYPE) {
  const sent = typeof body === 'string' ? new TextEncoder().encode(body) : body
  return call(server, 'POST', `${base}/${path}`, sent, headers)
}

function refused(answer: Answer, status: number, code: string, detail: RegExp): void {
  assert.match(answer.headers.get('content-type') ?? '', /^application\/problem\+json/)
  assert.deepEqual([answer.status, answer.body.code], [status, code], answer.body.detail)
  assert.match(answer.body.detail, detail)
  assert.equal(answer.body.requestId, answer.headers.get('x-request-id'))
  assert.equal(answer.body.status, status)
}

const searches: [name: string, body: unknown, code: string, detail: RegExp][] = [
  ['a vector too short', { query: { vector: [1, 2] } }, 'DIMENSION_MISMATCH', /3 numbers, got 2/],
  ['a vector of zeros', { query: { vector: [0, 0, 0] } }, 'INVALID_VECTOR', /only zeros/],
  ['1e999', '{"query":{"vector":[1,1e999,3]}}', 'INVALID_NUMBER', /vector\/1: .*got 1e999/],
  [
    'a tree for approximate answers',
    { query: { id: 'a' }, accuracy: 'approximate', exactIndex: 'vp-tree' },
    'INVALID_REQUEST',
    /exactIndex: .*got "approximate"/,
  ],
  ['a number past float32', { query: { vector: [1, 1e39, 3] } }, 'INVALID_VECTOR', /1e\+39/],
  ['NaN, which is not JSON', '{"query":{"vector":[NaN]}}', 'INVALID_REQUEST', /JSON/],
  ['null in a vector', { query: { vector: [1, null, 3] } }, 'INVALID_REQUEST', /got null/],
  ['text in a vector', { query: { vector: ['1', 2, 3] } }, 'INVALID_REQUEST', /got "1"/],
  [
    'a list in a vector',
    { query: { vector: [[1], 2, 3] } },
    'INVALID_REQUEST',
    /a list of 1 items/,
  ],
  ['text that is no base64', { query: { vector: 'a b' } }, 'INVALID_REQUEST', /base64, got "a b"/],
  ['an empty text', { query: { vector: '' } }, 'INVALID_REQUEST', /vector: .*got ""/],
  ['half a number', { query: { vector: 'AAAAAAA' } }, 'INVALID_REQUEST', /each number, got 5/],
  ['two numbers', { query: { vector: 'AACAPwAAgD8' } }, 'DIMENSION_MISMATCH', /3 .*, got 2/],
  ['NaN in base64', { query: { vector: 'AADAfwAAgD8AAIA/' } }, 'INVALID_VECTOR', /got NaN/],
  ['an object as vector', { query: { vector: {} } }, 'INVALID_REQUEST', /a list .* or a string/],
  ['an empty vector', { query: { vector: [] } }, 'INVALID_REQUEST', /a list of 0 items/],
  ['no query', {}, 'INVALID_REQUEST', /exactly one of .* got none/],
  [
    'two queries',
    { query: { id: 'a', vector: [1, 2, 3] } },
    'INVALID_REQUEST',
    /got id and vector/,
  ],
  ['negative alone', { query: { negative: [{ id: 'a' }] } }, 'INVALID_REQUEST', /got negative/],
  ['an unknown record', { query: { id: 'zzz' } }, 'RECORD_NOT_FOUND', /zzz/],
  ['an unknown member', { query: { id: 'a' }, radious: 1 }, 'INVALID_REQUEST', /radious.*unknown/],
  [
    'no method of rerank',
    { query: { id: 'a' }, rerank: {} },
    'INVALID_REQUEST',
    /rerank.method: expected/,
  ],
  ['__proto__', '{"query":{"id":"a"},"__proto__":{}}', 'INVALID_REQUEST', /__proto__: unknown/],
  ['k of 0', { query: { id: 'a' }, k: 0 }, 'INVALID_REQUEST', /\/k: .* 1 to 10000, got 0/],
  ['k as text', { query: { id: 'a' }, k: '5' }, 'INVALID_REQUEST', /an integer .*got "5"/],
  ['k of 1.5', { query: { id: 'a' }, k: 1.5 }, 'INVALID_REQUEST', /an integer .*got 1.5/],
  [
    'a negative radius',
    { query: { id: 'a' }, radius: -1 },
    'INVALID_REQUEST',
    /at least 0, got -1/,
  ],
  ['groupSize alone', { query: { id: 'a' }, groupSize: 2 }, 'INVALID_REQUEST', /groupBy/],
  [
    'an unknown tree',
    { query: { id: 'a' }, exactIndex: 'r-tree' },
    'INVALID_REQUEST',
    /"m-tree", got "r-tree"/,
  ],
  [
    'include twice',
    { query: { id: 'a' }, include: ['vector', 'vector'] },
    'INVALID_REQUEST',
    /once/,
  ],
  ['a url', { query: { image: { url: 'http://x/' } } }, 'URL_FETCH_OFF', /http:\/\/x\//],
  ['data that is not base64', { query: { image: { data: '***' } } }, 'INVALID_REQUEST', /base64/],
  ['neither data nor url', { query: { image: {} } }, 'INVALID_REQUEST', /got neither/],
  ['a bad operator', { query: { id: 'a' }, filter: { a: { $x: 1 } } }, 'INVALID_FILTER', /\$x/],
  ['a filter that is a list', { query: { id: 'a' }, filter: [] }, 'INVALID_REQUEST', /filter/],
  ['a filter 100 deep', deepFilter(100), 'INVALID_FILTER', /32 deep/],
  ['a filter 20,000 deep', deepFilter(20_000), 'INVALID_FILTER', /32 deep/],
  ['a made-up cursor', { query: { id: 'a' }, cursor: 'x' }, 'INVALID_CURSOR', /cursor/],
  ['a body that is a list', [], 'INVALID_REQUEST', /an object, got a list/],
  ['no body', '', 'INVALID_REQUEST', /expected a JSON body, got none/],
  ['broken JSON', '{"query":', 'INVALID_REQUEST', /expected a JSON body: /],
]

for (const [name, body, code, detail] of searches) {
  test(`search refuses ${name}`, async () => {
    const status = code === 'RECORD_NOT_FOUND' ? 404 : 400
    refused(await post('search', body), status, code, detail)
  })
}

function deepFilter(depth: number): string {
  return `{"query":{"id":"a"},"filter":${'{"$not":'.repeat(depth)}{"a":1}${'}'.repeat(depth)}}`
}

test('a body that is not UTF-8 is refused', async () => {
  refused(await post('search', new Uint8Array([0x22, 0xff, 0x22])), 400, 'INVALID_REQUEST', /UTF-8/)
})

test('all problems are named at once, up to a bound', async () => {
  const two = await post('search', { query: { id: 5 }, k: 0, x: 1 })
  assert.deepEqual(
    two.body.errors.map((issue: { path: string }) => issue.path),
    ['/query/id', '/k', '/x'],
  )
  const vector = Array.from({ length: 3000 }, () => 'x')
  const many = await post('search', { query: { vector } })
  assert.equal(many.body.errors.length, 16)
})

const points: [name: string, points: unknown, code: string, detail: RegExp][] = [
  ['a wrong length', [{ id: 'x', vector: [1] }], 'DIMENSION_MISMATCH', /got 1/],
  ['no base64', [{ id: 'x', vector: '?' }], 'INVALID_REQUEST', /points\/0\/vector: .*"\?"/],
  ['zeros', [{ id: 'x', vector: [0, 0, 0] }], 'INVALID_VECTOR', /zeros/],
  ['an id twice', [point('x'), point('y'), point('x')], 'DUPLICATE_ID', /"x" twice/],
  ['an empty id', [point('')], 'INVALID_ID', /got 0 bytes/],
  ['an id of 1 MB', [point('x'.repeat(1_000_000))], 'INVALID_ID', /got 1000000 bytes/],
  ['an id with a lone surrogate', [point('\ud800')], 'INVALID_ID', /Unicode/],
  ['a number as id', [{ id: 1, vector: [1, 2, 3] }], 'INVALID_REQUEST', /a string, got 1/],
  ['no points', [], 'INVALID_REQUEST', /1 to 10000 items/],
  ['too many points', Array(10_001).fill(0), 'INVALID_REQUEST', /a list of 10001 items/],
  ['a list as metadata', [{ ...point('x'), metadata: [] }], 'INVALID_REQUEST', /an object/],
  [
    'large metadata',
    [{ ...point('x'), metadata: { a: 'x'.repeat(70_000) } }],
    'INVALID_METADATA',
    /65536/,
  ],
  ['an unknown member', [{ ...point('x'), meta: {} }], 'INVALID_REQUEST', /\/points\/0\/meta/],
]

function point(id: string) {
  return { id, vector: [1, 2, 3] }
}

for (const [name, list, code, detail] of points) {
  test(`vectors refuses ${name} and stores nothing`, async () => {
    const before = (await call(server, 'GET', base)).body.count
    refused(await post('vectors', { points: list }), 400, code, detail)
    assert.equal((await call(server, 'GET', base)).body.count, before)
  })
}

test('a large wrong body is refused by the thread with the same words', async () => {
  const list = Array.from({ length: 9000 }, (_, i) => ({ id: `p${i}`, vector: [1, 2, 'x'] }))
  const { body } = await post('vectors', { points: list })
  assert.equal(body.errors.length, 16)
  assert.deepEqual(body.errors[1], {
    path: '/points/1/vector/2',
    message: 'expected a finite number, got "x"',
  })
})

test('an unknown collection and an unknown call are 404', async () => {
  const unknown = await call(server, 'GET', '/v1/collections/none')
  refused(unknown, 404, 'COLLECTION_NOT_FOUND', /none/)
  refused(await call(server, 'GET', '/v2/x'), 404, 'ROUTE_NOT_FOUND', /^no call GET "\/v2\/x"$/)
})

test('a bad collection name, model and member is refused', async () => {
  const name = await call(server, 'PUT', '/v1/collections/a%20b', {})
  refused(name, 400, 'INVALID_NAME', /a b/)
  const model = await call(server, 'PUT', '/v1/collections/c', { model: 'none' })
  refused(model, 404, 'MODEL_NOT_FOUND', /none/)
  const member = await call(server, 'PUT', '/v1/collections/c', { dimension: 3 })
  refused(member, 400, 'INVALID_REQUEST', /dimension: unknown member; expected only model/)
})

test('an id over 512 bytes and a broken percent-encoding are 400', async () => {
  const long = await call(server, 'GET', `${base}/images/${'x'.repeat(513)}`)
  refused(long, 400, 'INVALID_ID', /513 bytes/)
  refused(await call(server, 'GET', `${base}/images/%E0%A4%A`), 400, 'INVALID_REQUEST', /./)
})

test('a call that describes no query takes none', async () => {
  for (const path of [base, `${base}/images/a/content`, '/livez', '/v1/models']) {
    const answer = await call(server, 'GET', `${path}?limti=3`)
    const { code, detail, error } = answer.body
    assert.deepEqual([answer.status, code ?? error.code], [400, 'INVALID_REQUEST'], path)
    assert.equal(detail ?? error.message, '/limti: unknown member; expected none')
  }
})

test('query parameters are checked, and only numbers are numbers', async () => {
  for (const [query, detail] of [
    ['limit=0', /1 to 10000, got 0/],
    ['limit=', /an integer .*got ""/],
    ['limit=0x3', /got "0x3"/],
    ['limit=1e', /got "1e"/],
    ['limit=1&limit=2', /a list of 2 items/],
    ['limits=1', /limits: unknown member/],
    ['include=vectors', /"vector", got "vectors"/],
  ] as const) {
    const answer = await call(server, 'GET', `${base}/images?${query}`)
    refused(answer, 400, 'INVALID_REQUEST', detail)
  }
  const filter = await call(server, 'GET', `${base}/images?filter=x`)
  refused(filter, 400, 'INVALID_FILTER', /JSON/)
})

test('a wrong content type is 415 and says what is taken', async () => {
  const xml = await post('search', '<a/>', { 'content-type': 'text/xml' })
  refused(xml, 415, 'UNSUPPORTED_MEDIA_TYPE', /application\/json or multipart.*got "text\/xml"/)
  const odd = await post('vectors', '{}', { 'content-type': 'image/png' })
  refused(odd, 415, 'UNSUPPORTED_MEDIA_TYPE', /application\/json/)
})

test('an image call on a collection of vectors is 409', async () => {
  const png = { 'content-type': 'image/png' }
  const answer = await call(server, 'PUT', `${base}/images/x`, new Uint8Array([1]), png)
  refused(answer, 409, 'COLLECTION_WITHOUT_MODEL', /points/)
})

test('deleting needs exactly one of ids and filter', async () => {
  refused(await post('images/delete', {}), 400, 'INVALID_REQUEST', /got neither/)
  const both = await post('images/delete', { ids: [], filter: {} })
  refused(both, 400, 'INVALID_REQUEST', /got both/)
})

const forms: [name: string, fill: (form: FormData) => void, code: string, detail: RegExp][] = [
  ['an unknown part', (form) => form.append('picture', 'x'), 'INVALID_REQUEST', /picture/],
  ['a part __proto__', (form) => form.append('__proto__', 'x'), 'INVALID_REQUEST', /./],
  ['two requests', (form) => twice(form, 'request'), 'INVALID_REQUEST', /part 2 named "request"/],
  ['broken JSON', (form) => form.append('request', '{'), 'INVALID_REQUEST', /request part/],
  ['no query', (form) => form.append('request', '{"k":1}'), 'INVALID_REQUEST', /got none/],
  ['image and id', withId, 'INVALID_REQUEST', /got id and image parts/],
]

function twice(form: FormData, name: string): void {
  form.append(name, '{}')
  form.append(name, '{}')
}

function withId(form: FormData): void {
  form.append('request', '{"query":{"id":"a"}}')
  form.append('image', new Blob([new Uint8Array([1])]), 'x')
}

for (const [name, fill, code, detail] of forms) {
  test(`a multipart search refuses ${name}`, async () => {
    const form = new FormData()
    fill(form)
    refused(await call(server, 'POST', `${base}/search`, form), 400, code, detail)
  })
}

test('many images refuses a file twice and metadata of no file', async () => {
  const path = '/v1/collections/many/images'
  await call(server, 'PUT', '/v1/collections/many', {})
  const file = () => new Blob([new Uint8Array([1])])
  const form = new FormData()
  form.append('image', file(), 'a')
  form.append('image', file(), 'a')
  refused(await call(server, 'POST', path, form), 400, 'DUPLICATE_ID', /"a" twice/)
  const other = new FormData()
  other.append('image', file(), 'a')
  other.append('metadata', '{"b":{}}')
  refused(await call(server, 'POST', path, other), 400, 'INVALID_REQUEST', /"b"/)
})

test('a failure of ours says nothing of its inside and is logged with its cause', async (t) => {
  const broken = await startServer({
    ...service.collections,
    get: () => {
      throw new Error('secret path /etc')
    },
    create: () => Promise.reject(new Error('unused')),
    list: () => Promise.resolve([]),
    drop: () => Promise.resolve(),
  })
  t.after(() => broken.server.close())
  const answer = await call(broken, 'GET', '/v1/collections/x')
  refused(answer, 500, 'INTERNAL_ERROR', /request id/)
  assert.doesNotMatch(JSON.stringify(answer.body), /secret/)
  const line = broken.log.find((entry) => entry.msg === 'request failed')
  assert.match(JSON.stringify(line), /secret path/)
  assert.equal(line?.requestId, answer.body.requestId)
})
