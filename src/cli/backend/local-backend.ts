import { readFileSync } from 'node:fs'
import { join, parse, resolve } from 'node:path'
import { isFinished } from '../../collection/jobs/job.ts'
import { DEFAULT_LIMIT } from '../../collection/requests.ts'
import type { Config } from '../../config/config.ts'
import { parseFilter } from '../../engine/filter.ts'
import { AppError } from '../../errors.ts'
import { openService, type Service } from '../../service/service.ts'
import { type Backend, hasCode, nullFor } from './backend.ts'

/** Opens the data folder for this process alone. @throws DATA_FOLDER_LOCKED with how to reach the service that runs on it. */
export async function openLocalBackend(config: Config): Promise<Backend> {
  // Who runs a command may read what the process may.
  const service = await openServiceAlone({ ...config, importRoot: parse(resolve('.')).root })
  const { collections, jobs } = service
  return {
    maxImageBytes: config.maxBodyBytes,
    collections: async () => await collections.list(),
    collection: async (name) => await collections.get(name).status(),
    create: async (name, keep) =>
      (await collections.create(keep === undefined ? { name } : { name, keep })).status,
    summaries: async (collection, ids) => await collections.get(collection).engine.summaries(ids),
    addImage: async (collection, input) => await collections.get(collection).addImage(input),
    patchMetadata: async (collection, id, patch) =>
      (await collections.get(collection).engine.patch(id, patch)) !== null,
    search: async (collection, { bytes, k, radius, filter }) =>
      await collections.get(collection).search({
        query: { positive: [{ kind: 'image', bytes }], negative: [] },
        k,
        radius,
        filter: filter === null ? null : parseFilter(filter),
        groupBy: null,
        groupSize: 1,
        exactIndex: 'scan',
        accuracy: 'auto',
        include: ['metadata'],
        limit: DEFAULT_LIMIT,
        cursor: null,
      }),
    content: async (collection, id) =>
      await nullFor('CONTENT_NOT_FOUND', collections.get(collection).content(id)),
    async startReembed(collection, input) {
      await takeOver(service, collection)
      const { from } = input
      const source = from.kind === 'folder' ? { ...from, folder: resolve(from.folder) } : from
      return await jobs.reembeddings.start(collection, { ...input, from: source })
    },
    job: async (id) => jobs.runner.job(id),
    cancelJob: async (id) => await jobs.runner.cancel(id),
    close: async () => await service.close(),
  }
}

/** Cancels a killed re-embedding of the collection: the new one uses its vectors. Jobs that a service left here wait on. */
async function takeOver({ jobs }: Service, collection: string): Promise<void> {
  await jobs.open({ resume: false })
  for (const job of jobs.runner.list()) {
    if (job.kind !== 'reembed' || job.collection !== collection || isFinished(job)) continue
    await jobs.runner.cancel(job.id)
  }
}

/** @throws as openLocalBackend. */
export async function openServiceAlone(config: Config): Promise<Service> {
  try {
    return await openService(config)
  } catch (error) {
    if (!hasCode(error, 'DATA_FOLDER_LOCKED')) throw error
    const url = addressOfService(config.dataFolder)
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
