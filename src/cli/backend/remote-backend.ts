import type { RecordSummary, StoredRecord } from '../../engine/record.ts'
import { mapBounded } from '../../scheduling/map-bounded.ts'
import { type Backend, nullFor } from './backend.ts'
import { type Call, HttpClient, type HttpClientOptions, MAX_IMAGE_BYTES } from './http-client.ts'

const PARALLEL_LOOKUPS = 8

/** Makes a backend of a running service, over the HTTP contract. */
export function remoteBackend(service: HttpClientOptions): Backend {
  const client = new HttpClient(service)

  function ask<T>(
    member: string,
    method: Call['method'],
    path: readonly string[],
    body: Pick<Call, 'json' | 'form'> = {},
  ): Promise<T> {
    return client.ask(member, { method, path: ['v1', ...path], ...body })
  }

  async function summary(collection: string, id: string): Promise<RecordSummary | null> {
    const path = ['collections', collection, 'images', id]
    const answer = ask<Pick<StoredRecord, 'image' | 'metadata'>>('metadata', 'GET', path)
    const record = await nullFor('RECORD_NOT_FOUND', answer)
    return record && { contentHash: record.image?.contentHash ?? null, metadata: record.metadata }
  }

  return {
    maxImageBytes: MAX_IMAGE_BYTES,
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
    async close() {},
  }
}
