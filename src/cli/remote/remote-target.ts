import type { ReembedInput } from '../../collection/reembed/reembeddings.ts'
import type {
  AddResult,
  CollectionStatus,
  ImageInput,
  SearchAnswer,
} from '../../collection/requests.ts'
import type { Keep } from '../../engine/collection-spec.ts'
import type { KeptContent } from '../../engine/embedded/store/record-store.ts'
import { AppError } from '../../errors.ts'
import { type JobReport, type PictureQuery, type Target, unless } from '../target.ts'
import { HttpClient } from './http-client.ts'

/** The service's own limit is not known here; this one bounds the memory of the client. */
const MAX_IMAGE_BYTES = 256 * 1024 * 1024
const PARALLEL_LOOKUPS = 8

/** A running service, over the HTTP contract. */
export class RemoteTarget implements Target {
  readonly maxImageBytes = MAX_IMAGE_BYTES
  readonly #client: HttpClient

  constructor(options: { url: string; apiKey: string | null }) {
    this.#client = new HttpClient(options)
  }

  async collections(): Promise<readonly CollectionStatus[]> {
    const answer = await this.#client.json({ method: 'GET', path: ['v1', 'collections'] })
    return listOf<CollectionStatus>(answer, 'collections', 'name')
  }

  async collection(name: string): Promise<CollectionStatus> {
    const path = ['v1', 'collections', name]
    return objectOf<CollectionStatus>(await this.#client.json({ method: 'GET', path }), 'name')
  }

  async create({ name, keep }: { name: string; keep?: Keep }): Promise<CollectionStatus> {
    const path = ['v1', 'collections', name]
    const json = keep === undefined ? {} : { keep }
    const answer = await this.#client.json({ method: 'PUT', path, json })
    return objectOf<CollectionStatus>(answer, 'name')
  }

  /** The contract has no call for many, so each record is asked for. */
  async contentHashes(
    collection: string,
    ids: readonly string[],
  ): Promise<readonly (string | null)[]> {
    const hashes: (string | null)[] = []
    for (let start = 0; start < ids.length; start += PARALLEL_LOOKUPS) {
      const some = ids.slice(start, start + PARALLEL_LOOKUPS)
      hashes.push(...(await Promise.all(some.map((id) => this.#contentHash(collection, id)))))
    }
    return hashes
  }

  async #contentHash(collection: string, id: string): Promise<string | null> {
    const path = ['v1', 'collections', collection, 'images', id]
    const answer = await unless('RECORD_NOT_FOUND', this.#client.json({ method: 'GET', path }))
    if (answer === null) return null
    const { image } = objectOf<{ image: { contentHash?: unknown } | null }>(answer, 'id')
    return typeof image?.contentHash === 'string' ? image.contentHash : null
  }

  async addImage(collection: string, input: ImageInput): Promise<AddResult> {
    const form = new FormData()
    form.set('metadata', JSON.stringify(input.metadata))
    form.set('image', new Blob([input.bytes]), 'image')
    const path = ['v1', 'collections', collection, 'images', input.id]
    return objectOf<AddResult>(await this.#client.json({ method: 'PUT', path, form }), 'status')
  }

  async search(collection: string, query: PictureQuery): Promise<SearchAnswer> {
    const { k, radius, filter, bytes } = query
    const given = Object.entries({ k, radius, filter }).filter(([, value]) => value !== null)
    const form = new FormData()
    form.set('request', JSON.stringify({ ...Object.fromEntries(given), include: ['metadata'] }))
    form.set('image', new Blob([bytes]), 'image')
    const path = ['v1', 'collections', collection, 'search']
    const answer = await this.#client.json({ method: 'POST', path, form })
    listOf(answer, 'matches', 'id')
    return answer as SearchAnswer
  }

  async content(collection: string, id: string): Promise<KeptContent | null> {
    const path = ['v1', 'collections', collection, 'images', id, 'content']
    return await unless('CONTENT_NOT_FOUND', this.#client.call({ method: 'GET', path }))
  }

  async startReembed(
    collection: string,
    { model, from, missing }: ReembedInput,
  ): Promise<JobReport> {
    const source = from.kind === 'folder' ? { folder: from.folder } : from.kind
    const path = ['v1', 'collections', collection, 'reembed']
    const json = { model, from: source, missing }
    return objectOf<JobReport>(await this.#client.json({ method: 'POST', path, json }), 'progress')
  }

  async job(id: string): Promise<JobReport> {
    const path = ['v1', 'jobs', id]
    return objectOf<JobReport>(await this.#client.json({ method: 'GET', path }), 'progress')
  }

  async cancelJob(id: string): Promise<JobReport> {
    const path = ['v1', 'jobs', id]
    return objectOf<JobReport>(await this.#client.json({ method: 'DELETE', path }), 'progress')
  }

  async close(): Promise<void> {}
}

/** Checks no more than what tells an answer of this contract from another's. */
function objectOf<T>(value: unknown, member: string): T {
  if (typeof value === 'object' && value !== null && member in value) return value as T
  throw new AppError('SERVICE_UNREACHABLE', `expected an answer with "${member}", got another`)
}

function listOf<T>(value: unknown, member: string, ofEach: string): readonly T[] {
  const list = objectOf<Record<string, unknown>>(value, member)[member]
  if (Array.isArray(list)) return list.map((item) => objectOf<T>(item, ofEach))
  throw new AppError('SERVICE_UNREACHABLE', `expected "${member}" to be a list, got ${typeof list}`)
}
