import { after, before } from 'node:test'
import type { Config } from '../../src/config/config.ts'
import { type Answer, call, startServer, type TestServer } from './http.ts'
import { openService, type TestService } from './service.ts'

type Send = (
  method: string,
  path: string,
  body?: unknown,
  headers?: Record<string, string>,
) => Promise<Answer>

/** The real service behind its real server, from before the first test of a file until after its last; returns how to call it. */
export function serveOverHttp(changes: Partial<Config> = {}): Send {
  let service: TestService
  let server: TestServer
  before(async () => {
    service = await openService(changes)
    server = await startServer(service.collections, { jobs: service.jobs })
  })
  after(async () => {
    await server.server.close()
    await service.close()
  })
  return (method, path, body, headers) => call(server, method, path, body, headers)
}
