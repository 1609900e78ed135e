import { readFileSync } from 'node:fs'
import { join, parse, resolve } from 'node:path'
import { isFinished } from '../collection/jobs/job.ts'
import type { ReembedInput } from '../collection/reembed/reembeddings.ts'
import type {
  AddResult,
  CollectionStatus,
  ImageInput,
  SearchAnswer,
} from '../collection/requests.ts'
import { DEFAULT_LIMIT } from '../collection/requests.ts'
import type { Config } from '../config/config.ts'
import type { Keep } from '../engine/collection-spec.ts'
import type { KeptContent } from '../engine/embedded/store/record-store.ts'
import { parseFilter } from '../engine/filter.ts'
import { AppError } from '../errors.ts'
import { openService, type Service } from '../service/service.ts'
import { type JobReport, type PictureQuery, type Target, unless } from './target.ts'

/**
 * The data folder itself, opened by this process alone.
 * @throws DATA_FOLDER_LOCKED that says how to reach the service that runs on it.
 */
export async function openDataFolder(config: Config): Promise<Target> {
  // Who runs a command may read what the process may.
  const service = await openServiceAlone({ ...config, importRoot: parse(resolve('.')).root })
  return new DataFolderTarget(service, config.maxBodyBytes)
}

/** @throws as openDataFolder. */
export async function openServiceAlone(config: Config): Promise<Service> {
  try {
    return await openService(config)
  } catch (error) {
    if (!(error instanceof AppError && error.code === 'DATA_FOLDER_LOCKED')) throw error
    const url = addressOfService(config.dataFolder)
    if (url === null) throw error
    throw new AppError(error.code, `${error.message}; it serves at ${url}`, { cause: error })
  }
}

/** What `serve` wrote into the folder that it runs on. */
function addressOfService(dataFolder: string): string | null {
  try {
    const written: unknown = JSON.parse(readFileSync(join(dataFolder, 'service.json'), 'utf8'))
    const { url } = written as { url?: unknown }
    return typeof url === 'string' && URL.canParse(url) ? url : null
  } catch {
    return null
  }
}

class DataFolderTarget implements Target {
  readonly maxImageBytes: number
  readonly #service: Service

  constructor(service: Service, maxImageBytes: number) {
    this.#service = service
    this.maxImageBytes = maxImageBytes
  }

  async collections(): Promise<readonly CollectionStatus[]> {
    return await this.#service.collections.list()
  }

  async collection(name: string): Promise<CollectionStatus> {
    return await this.#service.collections.get(name).status()
  }

  async create(request: { name: string; keep?: Keep }): Promise<CollectionStatus> {
    return (await this.#service.collections.create(request)).status
  }

  async contentHashes(
    collection: string,
    ids: readonly string[],
  ): Promise<readonly (string | null)[]> {
    return await this.#service.collections.get(collection).contentHashes(ids)
  }

  async addImage(collection: string, input: ImageInput): Promise<AddResult> {
    return await this.#service.collections.get(collection).addImage(input)
  }

  async search(collection: string, query: PictureQuery): Promise<SearchAnswer> {
    const { bytes, k, radius, filter } = query
    return await this.#service.collections.get(collection).search({
      query: { kind: 'one', example: { kind: 'image', bytes } },
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
    })
  }

  async content(collection: string, id: string): Promise<KeptContent | null> {
    return await unless('CONTENT_NOT_FOUND', this.#service.collections.get(collection).content(id))
  }

  /** Jobs that a service left here wait on; a run like this one that was killed is given up, and its vectors are taken over. */
  async startReembed(collection: string, input: ReembedInput): Promise<JobReport> {
    const { open, runner, reembeddings } = this.#service.jobs
    await open({ goOn: false })
    for (const job of runner.list()) {
      const left = job.kind === 'reembed' && job.collection === collection
      if (left && !isFinished(job)) await runner.cancel(job.id)
    }
    const { from } = input
    const source = from.kind === 'folder' ? { ...from, folder: resolve(from.folder) } : from
    return await reembeddings.start(collection, { ...input, from: source })
  }

  async job(id: string): Promise<JobReport> {
    return this.#service.jobs.runner.job(id)
  }

  async cancelJob(id: string): Promise<JobReport> {
    return await this.#service.jobs.runner.cancel(id)
  }

  async close(): Promise<void> {
    await this.#service.close()
  }
}
