import { createHash } from 'node:crypto'
import type { FastifyBaseLogger } from 'fastify'
import pino from 'pino'
import { fetchNothing } from '../../src/collection/url-fetcher.ts'
import { createHttpServer, type HttpServerOptions } from '../../src/http/http-server.ts'

/** Gives `/openapi.json` as text, without a service behind it. The version is always the same. */
export async function openApiText(): Promise<string> {
  const { app, close } = await createHttpServer({
    collections: {} as HttpServerOptions['collections'],
    embeddings: {} as HttpServerOptions['embeddings'],
    jobs: {} as HttpServerOptions['jobs'],
    urlFetcher: fetchNothing,
    liveness: () => null,
    gauges: [],
    logger: pino({ level: 'silent' }) as FastifyBaseLogger,
    readiness: () => ({ ready: true, reason: null, details: {} }),
    keys: [],
    anonymous: null,
    version: '0',
    limits: { maxBodyBytes: 1024 },
  })
  const text = JSON.stringify(app.swagger())
  await close()
  return text
}

/** Names the document that a generated file was made of. */
export function stampOf(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
