import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Config } from '../../src/config.ts'
import { type Service, startService } from '../../src/service.ts'

export type TestService = Service

/** The real service on a data folder of its own, loaded; the model starts with the first image. */
export async function openService(changes: Partial<Config> = {}): Promise<TestService> {
  const folder = mkdtempSync(join(tmpdir(), 'lookalike-test-'))
  const service = await startService({
    host: '127.0.0.1',
    port: 0,
    dataFolder: folder,
    modelsFolder: 'models',
    model: 'efficientnet-lite0',
    provider: 'cpu',
    apiKeys: [],
    anonymous: null,
    maxBodyBytes: 4 * 1024 * 1024,
    maxPixels: 1_000_000,
    graphFrom: 10_000,
    urlFetch: 'off',
    logLevel: 'info',
    ...changes,
  })
  await service.loaded
  return {
    ...service,
    async close() {
      await service.close()
      rmSync(folder, { recursive: true })
    },
  }
}
