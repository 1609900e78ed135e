import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { call, startServer, type TestServer } from '../support/http.ts'
import { openService, type TestService } from '../support/service.ts'

interface Operation {
  readonly operationId?: string
  readonly summary?: string
  readonly parameters?: readonly { name: string; in: string; required?: boolean }[]
  readonly requestBody?: { readonly content: Record<string, unknown> }
  readonly responses: Record<
    string,
    { description: string; content?: Record<string, { schema: unknown }> }
  >
}

const BYTES = { type: 'string', format: 'binary' }
const PROBLEM_TYPE = 'application/problem+json'
const warnings: string[] = []
process.on('warning', ({ message }) => warnings.push(message))

let service: TestService
let server: TestServer
let document: {
  openapi: string
  info: { title: string; version: string }
  paths: Record<string, Record<string, Operation>>
  components: {
    securitySchemes: Record<string, unknown>
    schemas: Record<string, { additionalProperties?: boolean }>
  }
}

before(async () => {
  service = await openService()
  server = await startServer(service.collections)
  document = (await call(server, 'GET', '/openapi.json')).body
})

after(async () => {
  await server.server.close()
  await service.close()
})

const collection = '/v1/collections/{collection}'
const CALLS = [
  ...['get /', 'get /health', 'get /v1/health'],
  ...['get /livez', 'get /readyz', 'get /metrics', 'get /v1/collections'],
  ...['put', 'get', 'delete'].map((method) => `${method} ${collection}`),
  ...['post', 'get'].map((method) => `${method} ${collection}/images`),
  ...['put', 'get', 'patch', 'delete'].map((method) => `${method} ${collection}/images/{id}`),
  `get ${collection}/images/{id}/content`,
  `post ${collection}/images/delete`,
  `post ${collection}/vectors`,
  `post ${collection}/search`,
  `post ${collection}/duplicates`,
  `post ${collection}/count`,
  `post ${collection}/select`,
  ...['get', 'post'].map((method) => `${method} ${collection}/map`),
  `post ${collection}/facets`,
  `post ${collection}/join`,
  `post ${collection}/reverse-search`,
  `post ${collection}/hubs`,
  `post ${collection}/identities/search`,
  `post ${collection}/identities/unknowns`,
  `post ${collection}/identities/suggestions`,
  ...[`post ${collection}/identify`, `post ${collection}/verify`],
  `delete ${collection}/identities/{identity}`,
  ...[
    `post ${collection}/evaluate`,
    `post ${collection}/observe`,
    ...['merge', 'split', 'assign', 'differ', 'undo'].map((what) => {
      return `post ${collection}/identities/${what}`
    }),
    ...['get', 'patch'].map((method) => `${method} ${collection}/identities/{identity}`),
    ...[`get ${collection}/identities`, `get ${collection}/identities/history`],
    `post ${collection}/calibrate`,
    `get ${collection}/calibration`,
  ],
  `get ${collection}/statistics`,
  ...['post /v1/embeddings', 'get /v1/models', 'get /v1/models/{model}'],
  ...['get /v1/jobs', 'get /v1/jobs/{id}', 'get /v1/jobs/{id}/events', 'delete /v1/jobs/{id}'],
  `post ${collection}/import`,
  `post ${collection}/import/archive`,
  `post ${collection}/reembed`,
  `get ${collection}/generations`,
  `delete ${collection}/generations/{generation}`,
  'post /v1/trainings',
  ...['get /v1/examples', 'post /v1/examples'],
]

function operations(): [name: string, operation: Operation][] {
  return Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]): [string, Operation] => [
      `${method} ${path}`,
      operation,
    ]),
  )
}

test('the document is OpenAPI 3.1 and names both ways to send a key', () => {
  assert.match(document.openapi, /^3\.1\.\d$/)
  assert.deepEqual(document.info.title, 'Lookalike')
  assert.deepEqual(Object.keys(document.components.securitySchemes), ['bearer', 'apiKey'])
})

test('every call of the contract is in the document, and no other', () => {
  assert.deepEqual(new Set(operations().map(([name]) => name)), new Set(CALLS))
})

test('every operation has its own id, a summary and described answers', () => {
  const ids = operations().map(([, { operationId }]) => operationId)
  assert.equal(new Set(ids).size, ids.length)
  for (const [name, operation] of operations()) {
    assert.ok(operation.operationId && operation.summary, name)
    const statuses = Object.keys(operation.responses)
    assert.ok(statuses.some((status) => status.startsWith('2')) && statuses.includes('default'))
    for (const [status, { description }] of Object.entries(operation.responses)) {
      assert.match(status, /^([1-5]\d\d|default)$/, name)
      assert.ok(description && description !== 'Default Response', `${name} ${status}`)
    }
  }
})

test('every parameter of a path is declared', () => {
  for (const [name, operation] of operations()) {
    const inPath = [...name.matchAll(/\{(\w+)\}/g)].map((match) => match[1])
    const declared = (operation.parameters ?? []).filter((parameter) => parameter.in === 'path')
    assert.deepEqual(new Set(declared.map((parameter) => parameter.name)), new Set(inPath), name)
    assert.ok(declared.every((parameter) => parameter.required))
  }
})

test('every reference leads somewhere', () => {
  const references = [...JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g)]
  for (const [, reference] of references) {
    const names = reference!.replace(/^#\//, '').split('/')
    const target = names.reduce<unknown>(
      (node, name) => (node as Record<string, unknown> | undefined)?.[name],
      document,
    )
    assert.ok(target, reference)
  }
})

test('what several calls share has a name, and each problem is the same', () => {
  const { schemas } = document.components
  for (const name of ['Problem', 'Collection', 'Record', 'Job', 'SearchRequest', 'Match']) {
    assert.ok(schemas[name], name)
  }
  for (const [name, { responses }] of operations()) {
    const problems = Object.values(responses).map((answer) => answer.content?.[PROBLEM_TYPE])
    for (const problem of problems.filter((one) => one !== undefined)) {
      assert.deepEqual(problem.schema, { $ref: '#/components/schemas/Problem' }, name)
    }
  }
})

test('objects of any members are said to be', () => {
  const { Metadata, Filter } = document.components.schemas
  assert.deepEqual([Metadata?.additionalProperties, Filter?.additionalProperties], [true, true])
})

test('text is described as text, and only images and archives as bytes', () => {
  for (const [name, { responses }] of operations()) {
    const contents = Object.entries(responses['200']?.content ?? {})
    for (const [type, { schema }] of contents) {
      if (type.startsWith('text/')) assert.deepEqual(schema, { type: 'string' }, name)
      if (type.startsWith('image/')) assert.deepEqual(schema, BYTES, name)
    }
  }
})

test('an image can be sent in every form of the contract', () => {
  const put = document.paths[`${collection}/images/{id}`]!.put!
  assert.deepEqual(Object.keys(put.requestBody?.content ?? {}), [
    'image/*',
    'application/octet-stream',
    'multipart/form-data',
    'application/json',
  ])
})

test('fastify finds nothing to warn of in the calls', () => {
  assert.deepEqual(warnings, [])
})
