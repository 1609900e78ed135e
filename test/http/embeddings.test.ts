import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import OpenAI from 'openai'
import sharp from 'sharp'
import { bundleCatalogue } from '../../src/adapters/models-folder/bundle-catalogue.ts'
import { openOnnxEmbedder } from '../../src/adapters/onnxruntime/onnx-embedder.ts'
import { createSharpImageDecoder } from '../../src/adapters/sharp-image-decoder.ts'
import { Embeddings } from '../../src/collection/embeddings.ts'
import { ImageEmbedder } from '../../src/embedding/image-embedder.ts'
import { ModelRegistry } from '../../src/embedding/model-registry.ts'
import { ImageScheduler } from '../../src/scheduling/image-scheduler.ts'
import { call, startServer, type TestServer } from '../support/http.ts'
import { ManualTimers } from '../support/manual-timers.ts'
import { openService, type TestService } from '../support/service.ts'
import { tinyDescription, tinyModel, writeBundle } from '../support/tiny-model.ts'

const SECRET = 'a-secret-of-the-tests'
const keys = [{ name: 'reader', scope: 'read', secret: SECRET, collections: null }] as const
const authorization = { authorization: `Bearer ${SECRET}` }

let folder: string
let service: TestService
let models: ModelRegistry
let server: TestServer
let client: OpenAI

before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'lookalike-test-'))
  // Roots of the mean red, green and blue; `tiny` scales them to length 1, `long` leaves them.
  const input = { ...tinyDescription.input, mean: [0, 0, 0] }
  const output = { ...tinyDescription.output, minDimensions: 2 }
  await writeBundle(folder, tinyModel(), { ...tinyDescription, input, output })
  const long = { ...tinyDescription.output, normalise: 'none' } as const
  await writeBundle(folder, tinyModel(), { ...tinyDescription, name: 'long', input, output: long })
  mkdirSync(join(folder, 'broken'))
  writeFileSync(join(folder, 'broken', 'model.json'), '{}')
  service = await openService()
  models = new ModelRegistry({
    defaultName: 'tiny',
    open: async (name) => openOnnxEmbedder({ folder: join(folder, name), provider: 'cpu' }),
    timers: new ManualTimers(),
    idleMs: null,
  })
  const clock = () => performance.now()
  const scheduler = new ImageScheduler({ clock, processors: 2 })
  const images = new ImageEmbedder({ decoder: createSharpImageDecoder(), scheduler, clock })
  const catalogue = bundleCatalogue({ modelsFolder: folder, shippedModels: null })
  const embeddings = new Embeddings({ models, catalogue, images })
  server = await startServer(service.collections, { embeddings, keys })
  client = new OpenAI({ baseURL: `${server.origin}/v1`, apiKey: SECRET, maxRetries: 0 })
})

after(async () => {
  await server.server.close()
  await models.close()
  await service.close()
  rmSync(folder, { recursive: true })
})

type Colour = readonly [red: number, green: number, blue: number]
const RED: Colour = [225, 0, 0]
const GREY: Colour = [100, 100, 100]
const TEAL: Colour = [16, 121, 144]

async function png([r, g, b]: Colour): Promise<Buffer> {
  return await sharp({ create: { width: 5, height: 5, channels: 3, background: { r, g, b } } })
    .png()
    .toBuffer()
}

async function dataUri(colour: Colour): Promise<string> {
  return `data:image/png;base64,${(await png(colour)).toString('base64')}`
}

/** The embedding of one colour, by hand. */
function byHand(colour: Colour, { dimensions = 3, unit = true } = {}): number[] {
  const roots = colour.map(Math.sqrt).slice(0, dimensions)
  const length = unit ? Math.hypot(...roots) : 1
  return roots.map((root) => root / length)
}

function assertNear(got: ArrayLike<number>, wanted: readonly number[]): void {
  assert.equal(got.length, wanted.length)
  for (const [i, value] of wanted.entries()) {
    assert.ok(Math.abs(got[i]! - value) < 1e-5, `number ${i}: expected ${value}, got ${got[i]}`)
  }
}

const post = (body: unknown) => call(server, 'POST', '/v1/embeddings', body, authorization)

test("OpenAI's client gets vectors in the order of its images, by its default of base64", async () => {
  const colours = [RED, GREY, TEAL, RED]
  const input = await Promise.all(colours.map(dataUri))
  const answer = await client.embeddings.create({ model: 'tiny', input })
  assert.deepEqual(
    answer.data.map(({ index, object }) => [index, object]),
    [...colours.map((_, index) => [index, 'embedding'])],
  )
  for (const [i, colour] of colours.entries()) {
    assertNear(answer.data[i]!.embedding, byHand(colour))
  }
  assert.deepEqual([answer.object, answer.model], ['list', 'tiny'])
  assert.deepEqual(answer.usage, { prompt_tokens: 4, total_tokens: 4 })
})

test("OpenAI's client gets floats when it asks for them, of one image without a list", async () => {
  const input = await dataUri(TEAL)
  const answer = await client.embeddings.create({ model: 'tiny', input, encoding_format: 'float' })
  assert.equal(answer.data.length, 1)
  assertNear(answer.data[0]!.embedding, byHand(TEAL))
})

test('base64 is little-endian float32', async () => {
  const { body } = await post({ input: await dataUri(GREY), encoding_format: 'base64' })
  const bytes = Buffer.from(body.data[0].embedding, 'base64')
  assertNear(
    [0, 4, 8].map((at) => bytes.readFloatLE(at)),
    byHand(GREY),
  )
})

test('dimensions cut and scale the vectors of a model that allows it', async () => {
  const input = [await dataUri(TEAL)]
  const cut = await client.embeddings.create({ model: 'tiny', input, dimensions: 2 })
  assertNear(cut.data[0]!.embedding, byHand(TEAL, { dimensions: 2 }))
  const whole = await client.embeddings.create({ model: 'long', input, dimensions: 3 })
  assertNear(whole.data[0]!.embedding, byHand(TEAL, { unit: false }))
})

test('a model of which no part is an embedding refuses dimensions, naming its own', async () => {
  const input = [await dataUri(TEAL)]
  await assert.rejects(client.embeddings.create({ model: 'long', input, dimensions: 2 }), {
    status: 400,
    code: 'INVALID_REQUEST',
    param: 'dimensions',
    type: 'invalid_request_error',
    message: /expected dimensions 3 for model long.*got 2/,
  })
  await assert.rejects(client.embeddings.create({ model: 'tiny', input, dimensions: 1 }), {
    message: /expected dimensions 2 to 3 for model tiny, got 1/,
  })
})

test("the request of infinity's clients is taken", async () => {
  const { status, body } = await post({
    model: 'tiny',
    modality: 'image',
    encoding_format: 'float',
    input: [await dataUri(RED)],
  })
  assert.equal(status, 200)
  assertNear(body.data[0].embedding, byHand(RED))
})

test("the request of Jina's clients is taken: data URI and bare base64 in `image`", async () => {
  const { status, body } = await post({
    model: 'long',
    normalized: true,
    embedding_type: 'float',
    input: [{ image: await dataUri(RED) }, { image: (await png(TEAL)).toString('base64') }],
  })
  assert.equal(status, 200)
  assertNear(body.data[0].embedding, byHand(RED))
  assertNear(body.data[1].embedding, byHand(TEAL))
})

test('a form is taken, its images in order, its numbers as text', async () => {
  const form = new FormData()
  form.set('model', 'tiny')
  form.set('dimensions', '2')
  form.set('encoding_format', 'float')
  form.set('normalized', 'true')
  for (const colour of [GREY, TEAL]) form.append('image', new Blob([await png(colour)]), 'a.png')
  const { status, body } = await post(form)
  assert.equal(status, 200)
  assertNear(body.data[0].embedding, byHand(GREY, { dimensions: 2 }))
  assertNear(body.data[1].embedding, byHand(TEAL, { dimensions: 2 }))
})

test('without a model the default one embeds', async () => {
  assert.equal((await post({ input: await dataUri(RED) })).body.model, 'tiny')
})

test('a body too large for the event loop gives the same vectors', async () => {
  const noise = sharp({
    create: {
      width: 200,
      height: 200,
      channels: 3,
      background: '#888',
      noise: { type: 'gaussian', mean: 128, sigma: 40 },
    },
  })
  const large = `data:image/png;base64,${(await noise.png().toBuffer()).toString('base64')}`
  assert.ok(large.length > 64 * 1024)
  const { body } = await post({ input: [large, await dataUri(TEAL)], encoding_format: 'float' })
  assertNear(body.data[1].embedding, byHand(TEAL))
})

test('models are listed and shown one by one, as the client reads them; a broken one is none', async () => {
  const listed = (await client.models.list()).data
  assert.deepEqual(
    listed.map(({ id, object }) => [id, object]),
    [
      ['long', 'model'],
      ['tiny', 'model'],
    ],
  )
  assert.ok(Math.abs(listed[0]!.created - Date.now() / 1000) < 3600)
  const { body } = await call(server, 'GET', '/v1/models/tiny', undefined, authorization)
  assert.deepEqual([body.id, body.dimensions, body.min_dimensions], ['tiny', 3, 2])
  await assert.rejects(client.models.retrieve('none'), {
    status: 404,
    code: 'MODEL_NOT_FOUND',
    type: 'invalid_request_error',
    param: null,
  })
  await assert.rejects(client.models.retrieve('broken'), { status: 404 })
  await assert.rejects(client.embeddings.create({ model: '../tiny', input: 'data:,' }), {
    status: 400,
  })
})

test('an image that fails is named by its place, and the client knows the kind of error', async () => {
  const text = `data:image/png;base64,${Buffer.from('this is text').toString('base64')}`
  const input = [await dataUri(RED), text]
  await assert.rejects(client.embeddings.create({ model: 'tiny', input }), {
    status: 415,
    code: 'NOT_AN_IMAGE',
    param: 'input[1]',
    type: 'invalid_request_error',
  })
})

test('a URL is refused with the code of a service that fetches none', async () => {
  await assert.rejects(
    client.embeddings.create({ model: 'tiny', input: 'http://127.0.0.1/a.png' }),
    { status: 400, code: 'URL_FETCH_OFF' },
  )
})

const REFUSED: readonly [what: string, body: object, param: string | null, message: RegExp][] = [
  ['text', { input: 'a red fox' }, 'input', /expected an image as data URI.*got "a red fox"/],
  ['text of Jina', { input: [{ text: 'fox' }] }, 'input[0]', /got members "text"/],
  ['tokens', { input: [[1, 2]] }, 'input[0]', /expected an image/],
  ['no input', { model: 'tiny' }, 'input', /missing/],
  ['an empty list', { input: [] }, 'input', /expected 1 to 256 images, got 0/],
  ['a list too long', { input: Array(257).fill('data:,') }, 'input', /1 to 256 images, got 257/],
  ['a data URI without base64', { input: 'data:image/svg+xml,<svg/>' }, 'input', /in base64/],
  ['what is no base64', { input: ['data:image/png;base64,%%'] }, 'input[0]', /in base64/],
  ['another modality', { input: 'data:,', modality: 'audio' }, 'modality', /"image"/],
  ['another format', { input: 'data:,', encoding_format: 'hex' }, 'encoding_format', /"base64"/],
  [
    'two formats',
    { input: 'data:,', encoding_format: 'float', embedding_type: 'base64' },
    'embedding_type',
    /float/,
  ],
  ['a member nobody knows', { input: 'data:,', modle: 'tiny' }, 'modle', /unknown member/],
  [
    'vectors of another length',
    { input: 'data:image/png;base64,aaaa', normalized: false },
    'normalized',
    /unit vectors only/,
  ],
]

for (const [what, body, param, message] of REFUSED) {
  test(`${what}: refused in OpenAI's shape`, async () => {
    const answer = await post(body)
    assert.equal(answer.status, 400)
    assert.deepEqual(Object.keys(answer.body.error), ['message', 'type', 'param', 'code'])
    assert.equal(answer.body.error.param, param)
    assert.match(answer.body.error.message, message)
  })
}

test('every error on both paths has that shape: key, route, media type, size', async () => {
  const wrong = new OpenAI({ baseURL: `${server.origin}/v1`, apiKey: 'x', maxRetries: 0 })
  await assert.rejects(wrong.models.list(), {
    status: 401,
    code: 'UNAUTHENTICATED',
    type: 'authentication_error',
  })
  const answers = [
    await call(server, 'GET', '/v1/models?x=1', undefined, authorization),
    await call(server, 'GET', '/v1/models/a/b', undefined, authorization),
    await call(server, 'DELETE', '/v1/embeddings', undefined, authorization),
    await post(new Uint8Array(3)),
    await post({ input: 'a'.repeat(5 * 1024 * 1024) }),
  ]
  assert.deepEqual(
    answers.map(({ status, body }) => [status, body.error.code]),
    [
      [400, 'INVALID_REQUEST'],
      [404, 'ROUTE_NOT_FOUND'],
      [405, 'METHOD_NOT_ALLOWED'],
      [415, 'UNSUPPORTED_MEDIA_TYPE'],
      [413, 'BODY_TOO_LARGE'],
    ],
  )
  for (const { headers } of answers) {
    assert.match(headers.get('content-type') ?? '', /^application\/json/)
    assert.ok(headers.get('x-request-id'))
  }
})

test('our own paths keep their problems, also where they only end the same', async () => {
  for (const path of ['/v1/collections/models', '/v1/jobs/models', '/modelsx', '/v2/chat']) {
    const { headers } = await call(server, 'GET', path, undefined, authorization)
    assert.match(headers.get('content-type') ?? '', /^application\/problem\+json/)
  }
})

test('members that are not set are taken as left out, as the clients of infinity and Jina send them', async () => {
  const input = await dataUri(TEAL)
  const plain = await post({ input })
  for (const unset of [
    { dimensions: 0, modality: 'image', user: null, model: null, encoding_format: 'float' },
    { dimensions: null, encoding_format: null },
    { truncate: true, late_chunking: false, embedding_type: ['float'] },
  ]) {
    const { status, body } = await post({ input, ...unset })
    assert.deepEqual([status, body.data], [200, plain.body.data], JSON.stringify(unset))
  }
  const twice = await post({ input, embedding_type: ['float', 'base64'] })
  assert.deepEqual([twice.status, twice.body.error.param], [400, 'embedding_type'])
})

test('models have the member that infinity’s client asks for', async () => {
  const { body } = await call(server, 'GET', '/v1/models', undefined, authorization)
  assert.deepEqual(body.data[0].stats, {})
})
