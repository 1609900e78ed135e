import { parse, resolve } from 'node:path'
import { Readable } from 'node:stream'
import type { Config } from '../../config/config.ts'
import { createHttpServer } from '../../http/http-server.ts'
import { openLog } from '../../logger.ts'
import { HttpClient } from './http-client.ts'
import { openServiceAlone } from './local-backend.ts'

const URL = 'http://localhost'
const DAY_MS = 86_400_000

/**
 * Opens the data folder for this process alone, and answers the calls of the HTTP contract on it without a network. Jobs that a
 * service left stay as they are. @throws as openServiceAlone.
 */
export async function openInProcessClient(config: Config) {
  // Who runs a command may read what the process may.
  const service = await openServiceAlone({ ...config, importRoot: parse(resolve('.')).root })
  const log = openLog({ level: 'silent' })
  try {
    await service.jobs.open({ resume: false })
    const { app, close } = await createHttpServer({
      collections: service.collections,
      embeddings: service.embeddings,
      urlFetcher: service.urlFetcher,
      jobs: service.jobs,
      logger: log.logger,
      readiness: () => ({ ready: true, reason: null, details: {} }),
      liveness: () => null,
      limits: { maxBodyBytes: config.maxBodyBytes, deadlineMs: DAY_MS },
      keys: [],
      anonymous: null,
      version: '',
      gauges: [],
    })
    const send = async (url: string, init: RequestInit): Promise<Response> => {
      const { method = 'GET' } = init
      const body = init.body instanceof Readable ? null : init.body
      const request = new Request(url, { method, headers: init.headers!, body: body ?? null })
      const answer = await app.inject({
        method: method as 'GET',
        url: url.slice(URL.length),
        headers: Object.fromEntries(request.headers),
        payload:
          init.body instanceof Readable ? init.body : Buffer.from(await request.arrayBuffer()),
      })
      const empty = answer.statusCode === 204
      return new Response(empty ? null : new Uint8Array(answer.rawPayload), {
        status: answer.statusCode,
        headers: Object.entries(answer.headers).map(([name, value]) => [name, String(value)]),
      })
    }
    return {
      client: new HttpClient({ url: URL, apiKey: null, scope: 'write', send }),
      maxImageBytes: config.maxBodyBytes,
      async close() {
        await close()
        await service.close()
        await log.close()
      },
    }
  } catch (error) {
    await service.close()
    throw error
  }
}
