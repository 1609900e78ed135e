import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Config } from '../../config/config.ts'
import { AppError } from '../../errors.ts'
import { openService, type Service } from '../../service/service.ts'
import { type Backend, hasCode } from './backend.ts'

/** Opens the data folder for this process alone. @throws DATA_FOLDER_LOCKED with how to reach the service that runs on it. */
export async function openLocalBackend(config: Config): Promise<Backend> {
  const service = await openServiceAlone(config)
  const { collections } = service
  return {
    maxImageBytes: config.maxBodyBytes,
    collection: async (name) => await collections.get(name).status(),
    create: async (name, keep) =>
      (await collections.create(keep === undefined ? { name } : { name, keep })).status,
    summaries: async (collection, ids) => await collections.get(collection).engine.summaries(ids),
    addImage: async (collection, input) => await collections.get(collection).addImage(input),
    patchMetadata: async (collection, id, patch) =>
      (await collections.get(collection).engine.patch(id, patch)) !== null,
    close: async () => await service.close(),
  }
}

/** @throws as openLocalBackend. */
export async function openServiceAlone(config: Config): Promise<Service> {
  return await sayingWhoServes(config, () => openService(config))
}

/** Does what takes a data folder. @throws DATA_FOLDER_LOCKED with the address of the service that has it. */
export async function sayingWhoServes<T>(
  { dataFolder }: Pick<Config, 'dataFolder'>,
  take: () => Promise<T>,
): Promise<T> {
  try {
    return await take()
  } catch (error) {
    if (!hasCode(error, 'DATA_FOLDER_LOCKED')) throw error
    const url = addressOfService(dataFolder)
    if (url === null) throw error
    throw new AppError(error.code, `${error.message}; it serves at ${url}`, { cause: error })
  }
}

/** Reads where `serve` wrote its address into the folder that it runs on. */
function addressOfService(dataFolder: string): string | null {
  try {
    const { url } = JSON.parse(readFileSync(join(dataFolder, 'service.json'), 'utf8'))
    return typeof url === 'string' && URL.canParse(url) ? url : null
  } catch {
    return null
  }
}
