import type { SearchAnswer } from '../../collection/requests.ts'
import type { RecordSummary, StoredRecord } from '../../engine/record.ts'
import { AppError } from '../../errors.ts'
import { mapBounded } from '../../scheduling/map-bounded.ts'
import { type Backend, nullFor } from './backend.ts'
import { type Call, HttpClient } from './http-client.ts'

/** The service's own limit is not known here; this one bounds the memory of the client. */
const MAX_IMAGE_BYTES = 256 * 1024 * 1024
const PARALLEL_LOOKUPS = 8

/** Makes a backend of a running service, over the HTTP contract. */
export function remoteBackend(service: { url: string; apiKey: string | null }): Backend {
  const client = new HttpClient(service)

  /** Calls, and checks only the member that distinguishes an answer of this contract from another's. */
  async function ask<T>(
    member: string,
    method: Call['method'],
    path: readonly string[],
    body: Pick<Call, 'json' | 'form'> = {},
  ): Promise<T> {
    return objectOf(await client.json({ method, path: ['v1', ...path], ...body }), member)
  }

  async function summary(collection: string, id: string): Promise<RecordSummary | null> {
    const path = ['collections', collection, 'images', id]
    const answer = ask<Pick<StoredRecord, 'image' | 'metadata'>>('metadata', 'GET', path)
    const record = await nullFor('RECORD_NOT_FOUND', answer)
    return record && { contentHash: record.image?.contentHash ?? null, metadata: record.metadata }
  }

  return {
    maxImageBytes: MAX_IMAGE_BYTES,
    collections: async () =>
      listOf(await ask('collections', 'GET', ['collections']), 'collections', 'name'),
    collection: (name) => ask('name', 'GET', ['collections', name]),
    create: (name, keep) => ask('name', 'PUT', ['collections', name], { json: { keep } }),
    // The contract has no call for many, so each record is requested.
    summaries: (collection, ids) =>
      mapBounded(ids, PARALLEL_LOOKUPS, (id) => summary(collection, id)),
    addImage(collection, { id, bytes, metadata }) {
      const form = new FormData()
      form.set('metadata', JSON.stringify(metadata))
      form.set('image', new Blob([bytes]), 'image')
      return ask('status', 'PUT', ['collections', collection, 'images', id], { form })
    },
    async patchMetadata(collection, id, metadata) {
      const path = ['collections', collection, 'images', id]
      const answer = ask('id', 'PATCH', path, { json: { metadata } })
      return (await nullFor('RECORD_NOT_FOUND', answer)) !== null
    },
    async search(collection, { bytes, k, radius, filter }) {
      const given = Object.entries({ k, radius, filter }).filter(([, value]) => value !== null)
      const form = new FormData()
      form.set('request', JSON.stringify({ ...Object.fromEntries(given), include: ['metadata'] }))
      form.set('image', new Blob([bytes]), 'image')
      const path = ['collections', collection, 'search']
      const answer = await ask<SearchAnswer>('matches', 'POST', path, { form })
      listOf(answer, 'matches', 'id')
      return answer
    },
    content(collection, id) {
      const path = ['v1', 'collections', collection, 'images', id, 'content']
      return nullFor('CONTENT_NOT_FOUND', client.call({ method: 'GET', path }))
    },
    startReembed(collection, { model, from, missing }) {
      const source = from.kind === 'folder' ? { folder: from.folder } : from.kind
      const json = { model, from: source, missing }
      return ask('progress', 'POST', ['collections', collection, 'reembed'], { json })
    },
    job: (id) => ask('progress', 'GET', ['jobs', id]),
    cancelJob: (id) => ask('progress', 'DELETE', ['jobs', id]),
    async close() {},
  }
}

function objectOf<T>(value: unknown, member: string): T {
  if (typeof value === 'object' && value !== null && member in value) return value as T
  throw new AppError('SERVICE_UNREACHABLE', `expected an answer with "${member}", got another`)
}

function listOf<T>(value: object, member: string, ofEach: string): readonly T[] {
  const list = (value as Readonly<Record<string, unknown>>)[member]
  if (Array.isArray(list)) return list.map((item) => objectOf<T>(item, ofEach))
  throw new AppError('SERVICE_UNREACHABLE', `expected "${member}" to be a list, got ${typeof list}`)
}
