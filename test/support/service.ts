import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Config } from '../../src/config/config.ts'
import { type Service, startService } from '../../src/service/service.ts'
import { DEFAULT_MODEL } from './shipped-models.ts'

export type TestService = Service

/** Everything bounded for tests; nothing is fetched, no folder may be imported. */
export function testConfig(dataFolder: string): Config {
  return {
    host: '127.0.0.1',
    port: 0,
    dataFolder,
    modelsFolder: 'models',
    shippedModels: null,
    model: DEFAULT_MODEL,
    provider: 'cpu',
    gpuDevice: 0,
    modelIdleSeconds: 900,
    apiKeys: [],
    apiKeysFile: null,
    anonymous: null,
    allowedHosts: null,
    corsOrigins: null,
    trustedProxies: null,
    rateLimit: 0,
    dailyQuota: 0,
    deadlineSeconds: 300,
    maxBodyBytes: 4 * 1024 * 1024,
    maxCollections: 1000,
    maxK: 10_000,
    maxFilterConditions: 1024,
    maxNeighbourhoods: 1000,
    statisticsRecords: 320,
    maxPixels: 1_000_000,
    graphFrom: 10_000,
    urlFetch: 'off',
    importRoot: null,
    maxArchiveBytes: 4 * 1024 * 1024,
    logLevel: 'info',
  }
}

/** The real service, loaded; the model starts with the first image. Its data folder is gone afterwards. */
export async function openService(changes: Partial<Config> = {}): Promise<TestService> {
  const folder = mkdtempSync(join(tmpdir(), 'lookalike-test-'))
  const service = await startService({ ...testConfig(folder), ...changes })
  await service.loaded
  await service.jobs.open()
  return {
    ...service,
    async close() {
      await service.close()
      rmSync(folder, { recursive: true })
    },
  }
}
