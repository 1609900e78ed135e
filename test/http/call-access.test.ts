import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, before, test } from 'node:test'
import { call, startServer, type TestServer } from '../support/http.ts'
import { openService, type TestService } from '../support/service.ts'

interface Operation {
  readonly requestBody?: { readonly content: Record<string, unknown> }
}

interface Call {
  readonly method: string
  /** As the document has it, `/v1/collections/{collection}`. */
  readonly path: string
  readonly mediaType: string | undefined
}

const keys = [
  { name: 'reader', scope: 'read', secret: 'r-secret', collections: null },
  { name: 'guest', scope: 'read', secret: 'g-secret', collections: ['seen', 'later'] },
  { name: 'writer', scope: 'write', secret: 'w-secret', collections: null },
] as const

const SECRETS = {
  none: null,
  wrong: 'x-secret',
  read: 'r-secret',
  restricted: 'g-secret',
  write: 'w-secret',
}

let service: TestService
let server: TestServer
let calls: readonly Call[]

before(async () => {
  service = await openService()
  for (const name of ['seen', 'unseen']) await service.collections.create({ name, dimensions: 2 })
  server = await startServer(service.collections, { keys })
  const { body } = await call(server, 'GET', '/openapi.json')
  const paths = Object.entries(body.paths as Record<string, Record<string, Operation>>)
  calls = paths.flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, { requestBody }]) => {
      const mediaType = Object.keys(requestBody?.content ?? {})[0]?.replace('*', 'png')
      return { method: method.toUpperCase(), path, mediaType }
    }),
  )
})

after(async () => {
  await server.server.close()
  await service.close()
})

/** Calls with a parameter that no call knows: whoever is let in gets 400, and nothing is done. */
async function answerOf(
  { method, path, mediaType }: Call,
  collection: string,
  secret: string | null,
): Promise<string> {
  const target = path.replace('{collection}', collection).replace(/\{\w+\}/, '0')
  const response = await fetch(`${server.origin}${target}?unknown=1`, {
    method,
    headers: {
      ...(secret !== null && { 'x-api-key': secret }),
      ...(mediaType !== undefined && { 'content-type': mediaType }),
    },
    ...(mediaType !== undefined && { body: '{}' }),
  })
  const { code, error } = (await response.json()) as { code?: string; error?: { code: string } }
  return `${response.status} ${code ?? error?.code}`
}

const WORDS: Record<string, string> = {
  '400 INVALID_REQUEST': 'yes',
  '401 UNAUTHENTICATED': '401',
  '403 FORBIDDEN': '403',
  '404 COLLECTION_NOT_FOUND': '404',
}

async function accessTo(one: Call, secret: string | null): Promise<string> {
  const answer = await answerOf(one, 'seen', secret)
  const word = WORDS[answer]
  assert.ok(word, `${one.method} ${one.path}: ${answer}`)
  if (!one.path.includes('{collection}')) return word
  const others = [await answerOf(one, 'unseen', secret), await answerOf(one, 'not-there', secret)]
  assert.equal(others[0], others[1], `${one.method} ${one.path} tells what is there`)
  const otherWord = WORDS[others[0]!]
  return word === 'yes' && otherWord === '404' ? 'own' : word
}

test('docs/security.md says of every call in /openapi.json which key may make it', async () => {
  const rows: string[] = []
  for (const one of calls) {
    const cells: string[] = []
    for (const secret of Object.values(SECRETS)) cells.push(await accessTo(one, secret))
    rows.push(`| \`${one.method} ${one.path}\` | ${cells.join(' | ')} |`)
  }
  const documented = readFileSync('docs/security.md', 'utf8')
    .split('\n')
    .filter((line) => /^\| `(GET|PUT|POST|PATCH|DELETE) /.test(line))
  assert.ok(rows.length > 30, `found ${rows.length} calls`)
  assert.deepEqual(new Set(documented), new Set(rows))
})

const OPEN = new Set(['/', '/livez', '/readyz', '/health', '/v1/health'])

test('only the start and health need no key, and what only reads needs no write key', () => {
  const table = readFileSync('docs/security.md', 'utf8')
  const rows = [
    ...table.matchAll(/^\| `(\w+) (\S+)` \| (\w+) \| (\w+) \| (\w+) \| (\w+) \| (\w+) \|$/gm),
  ]
  for (const [, method, path = '', none, wrong, read, restricted, write] of rows) {
    const open = OPEN.has(path)
    assert.deepEqual([none, wrong], open ? ['yes', 'yes'] : ['401', '401'], path)
    assert.equal(write, 'yes', path)
    if (method !== 'GET' && method !== 'POST') assert.equal(read, '403', path)
    if (read === '403') assert.equal(restricted, '403', path)
    if (read === 'yes' && path.includes('{collection}')) assert.equal(restricted, 'own', path)
  }
})

test('HEAD asks for the key that GET asks for', async () => {
  for (const { method, path } of calls) {
    if (method !== 'GET') continue
    for (const secret of Object.values(SECRETS)) {
      const headers: Record<string, string> = secret === null ? {} : { 'x-api-key': secret }
      const target = `${server.origin}${path.replace('{collection}', 'unseen').replace(/\{\w+\}/, '0')}?unknown=1`
      const statuses: number[] = []
      for (const verb of ['GET', 'HEAD']) {
        const response = await fetch(target, { method: verb, headers })
        await response.arrayBuffer()
        statuses.push(response.status)
      }
      assert.equal(statuses[1], statuses[0], `${path} with ${secret}`)
    }
  }
})
