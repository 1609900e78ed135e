import type { ReembedInput } from '../../collection/reembed/reembed-input.ts'
import type {
  AddResult,
  CollectionStatus,
  ImageInput,
  SearchAnswer,
} from '../../collection/service.ts'
import type { Keep } from '../../engine/collection-spec.ts'
import type { KeptContent } from '../../engine/embedded/store/record-store.ts'
import { AppError } from '../../errors.ts'
import { mapBounded } from '../../scheduling/map-bounded.ts'
import { type Backend, type ImageQuery, type JobReport, nullFor } from './backend.ts'
import { type Call, HttpClient } from './http-client.ts'

/** The service's own limit is not known here; this one bounds the memory of the client. */
const MAX_IMAGE_BYTES = 256 * 1024 * 1024
const PARALLEL_LOOKUPS = 8

/** A running service, over the HTTP contract. */
export class RemoteBackend implements Backend {
  readonly maxImageBytes = MAX_IMAGE_BYTES
  readonly #client: HttpClient

  constructor(options: { url: string; apiKey: string | null }) {
    this.#client = new HttpClient(options)
  }

  async collections(): Promise<readonly CollectionStatus[]> {
    const answer = await this.#ask('collections', 'GET', ['collections'])
    return listOf<CollectionStatus>(answer, 'collections', 'name')
  }

  async collection(name: string): Promise<CollectionStatus> {
    return await this.#ask('name', 'GET', ['collections', name])
  }

  async create(name: string, keep: Keep | undefined): Promise<CollectionStatus> {
    return await this.#ask('name', 'PUT', ['collections', name], { json: { keep } })
  }

  /** The contract has no call for many, so each record is asked for. */
  async contentHashes(
    collection: string,
    ids: readonly string[],
  ): Promise<readonly (string | null)[]> {
    return await mapBounded(ids, PARALLEL_LOOKUPS, async (id) => {
      const answer = this.#ask<{ readonly image: { contentHash?: unknown } | null }>('id', 'GET', [
        'collections',
        collection,
        'images',
        id,
      ])
      const hash = (await nullFor('RECORD_NOT_FOUND', answer))?.image?.contentHash
      return typeof hash === 'string' ? hash : null
    })
  }

  async addImage(collection: string, input: ImageInput): Promise<AddResult> {
    const form = new FormData()
    form.set('metadata', JSON.stringify(input.metadata))
    form.set('image', new Blob([input.bytes]), 'image')
    const path = ['collections', collection, 'images', input.id]
    return await this.#ask('status', 'PUT', path, { form })
  }

  async search(collection: string, query: ImageQuery): Promise<SearchAnswer> {
    const { k, radius, filter, bytes } = query
    const given = Object.entries({ k, radius, filter }).filter(([, value]) => value !== null)
    const form = new FormData()
    form.set('request', JSON.stringify({ ...Object.fromEntries(given), include: ['metadata'] }))
    form.set('image', new Blob([bytes]), 'image')
    const path = ['collections', collection, 'search']
    const answer = await this.#ask<SearchAnswer>('matches', 'POST', path, { form })
    listOf(answer, 'matches', 'id')
    return answer
  }

  async content(collection: string, id: string): Promise<KeptContent | null> {
    const path = ['v1', 'collections', collection, 'images', id, 'content']
    return await nullFor('CONTENT_NOT_FOUND', this.#client.call({ method: 'GET', path }))
  }

  async startReembed(
    collection: string,
    { model, from, missing }: ReembedInput,
  ): Promise<JobReport> {
    const source = from.kind === 'folder' ? { folder: from.folder } : from.kind
    const json = { model, from: source, missing }
    return await this.#ask('progress', 'POST', ['collections', collection, 'reembed'], { json })
  }

  async job(id: string): Promise<JobReport> {
    return await this.#ask('progress', 'GET', ['jobs', id])
  }

  async cancelJob(id: string): Promise<JobReport> {
    return await this.#ask('progress', 'DELETE', ['jobs', id])
  }

  async close(): Promise<void> {}

  /** Calls, and checks no more than a member that tells an answer of this contract from another's. */
  async #ask<T>(
    member: string,
    method: Call['method'],
    path: readonly string[],
    body: Pick<Call, 'json' | 'form'> = {},
  ): Promise<T> {
    return objectOf(await this.#client.json({ method, path: ['v1', ...path], ...body }), member)
  }
}

function objectOf<T>(value: unknown, member: string): T {
  if (typeof value === 'object' && value !== null && member in value) return value as T
  throw new AppError('SERVICE_UNREACHABLE', `expected an answer with "${member}", got another`)
}

function listOf<T>(value: unknown, member: string, ofEach: string): readonly T[] {
  const list = objectOf<Record<string, unknown>>(value, member)[member]
  if (Array.isArray(list)) return list.map((item) => objectOf<T>(item, ofEach))
  throw new AppError('SERVICE_UNREACHABLE', `expected "${member}" to be a list, got ${typeof list}`)
}
