import assert from 'node:assert/strict'
import type { FastifyBaseLogger } from 'fastify'
import pino from 'pino'
import type { TSchema } from 'typebox'
import { fetchNothing } from '../../src/collection/url-fetcher.ts'
import {
  createHttpServer,
  type HttpServer,
  type HttpServerOptions,
} from '../../src/http/http-server.ts'
import { createParser } from '../../src/http/schema-check.ts'

export interface TestServer {
  readonly server: HttpServer
  readonly origin: string
  readonly port: number
  /** Lines of the log, parsed. */
  readonly log: readonly Record<string, unknown>[]
}

/** Serves what it is given. Calls on models and jobs fail where a test gives none. */
export async function startServer(
  collections: HttpServerOptions['collections'],
  options: Partial<HttpServerOptions> = {},
): Promise<TestServer> {
  const log: Record<string, unknown>[] = []
  const logger = pino({ level: 'debug' }, { write: (line) => log.push(JSON.parse(line)) })
  const server = await createHttpServer({
    collections,
    embeddings: {} as HttpServerOptions['embeddings'],
    jobs: {} as HttpServerOptions['jobs'],
    urlFetcher: fetchNothing,
    liveness: () => null,
    gauges: [],
    logger: logger as FastifyBaseLogger,
    readiness: () => ({ ready: true, reason: null, details: { provider: 'cpu' } }),
    keys: [],
    anonymous: null,
    version: '0.0.0-test',
    ...options,
    limits: { maxBodyBytes: 4 * 1024 * 1024, closeTimeoutMs: 2000, ...options.limits },
  })
  const { port } = await server.listen({ host: '127.0.0.1', port: 0 })
  return { server, origin: `http://127.0.0.1:${port}`, port, log }
}

export interface Answer {
  readonly status: number
  readonly headers: Headers
  // biome-ignore lint/suspicious/noExplicitAny: a test reads what it expects to find
  readonly body: any
}

/** Calls and holds the answer to what the OpenAPI document says about this route. */
export async function call(
  { server, origin }: TestServer,
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const isJson = body !== undefined && !(body instanceof FormData) && !(body instanceof Uint8Array)
  const response = await fetch(origin + path, {
    method,
    headers: { ...(isJson ? { 'content-type': 'application/json' } : {}), ...headers },
    ...(body === undefined
      ? {}
      : { body: isJson ? JSON.stringify(body) : (body as FormData | Uint8Array<ArrayBuffer>) }),
  })
  const type = response.headers.get('content-type') ?? ''
  const parsed = type.includes('json') ? await response.json() : await response.arrayBuffer()
  if (type.includes('json') && path !== '/openapi.json') {
    checkAnswer(server, method, path, response.status, type, parsed)
  }
  return { status: response.status, headers: response.headers, body: parsed }
}

interface Operation {
  readonly responses: Record<string, { content?: Record<string, { schema: TSchema }> }>
}

function checkAnswer(
  server: HttpServer,
  method: string,
  path: string,
  status: number,
  type: string,
  parsed: unknown,
): void {
  const document = server.app.swagger() as unknown as {
    paths: Record<string, Record<string, Operation>>
  }
  const pattern = Object.keys(document.paths)
    .sort((a, b) => literals(b) - literals(a))
    .filter((candidate) => Object.hasOwn(document.paths[candidate]!, method.toLowerCase()))
    .find((candidate) => matches(candidate, path.split('?', 1)[0]!))
  const operation = pattern && document.paths[pattern]![method.toLowerCase()]
  if (!operation) {
    assert.ok([404, 405].includes(status), `${method} ${path} is not in the document`)
    return
  }
  const response = operation.responses[status] ?? operation.responses.default
  const schema = response?.content?.[type.split(';', 1)[0]!]?.schema
  assert.ok(schema, `${method} ${path}: the document has no ${status} of ${type}`)
  createParser(withoutReferences(schema, document) as TSchema)(parsed)
}

/** Puts what references lead to in their place. */
function withoutReferences(part: unknown, document: unknown): unknown {
  if (typeof part !== 'object' || part === null) return part
  if (Array.isArray(part)) return part.map((item) => withoutReferences(item, document))
  if ('$ref' in part && typeof part.$ref === 'string') {
    const names = part.$ref.slice(2).split('/')
    const target = names.reduce<unknown>(
      (node, name) => (node as Record<string, unknown> | undefined)?.[name],
      document,
    )
    return withoutReferences(target, document)
  }
  return Object.fromEntries(
    Object.entries(part).map(([name, value]) => [name, withoutReferences(value, document)]),
  )
}

function matches(pattern: string, path: string): boolean {
  const parts = pattern.split('/')
  const given = path.split('/')
  return (
    parts.length === given.length &&
    parts.every((part, i) => part.startsWith('{') || part === given[i])
  )
}

function literals(pattern: string): number {
  return pattern.split('/').filter((part) => !part.startsWith('{')).length
}
