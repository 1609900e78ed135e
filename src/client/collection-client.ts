import type { Call, CallOptions, ImageFile, Input, Schemas, WithFiles } from './calls.ts'
import { blobOf } from './image-files.ts'
import { joinPairs, type Pair } from './join-pairs.ts'
import type { Transport } from './transport.ts'

type Metadata = Schemas['Metadata']
type Filter = Schemas['Filter']
type ImportArchive = Call<'/v1/collections/{collection}/import/archive', 'post'>

export interface RecordsOptions extends CallOptions {
  readonly filter?: Filter
  /** Whether records come with their vectors. */
  readonly vector?: boolean
  /** Records that one call asks for. */
  readonly pageSize?: number
}

/** The calls on one collection. */
export class CollectionClient {
  readonly name: string
  readonly #transport: Transport
  readonly #path: { readonly collection: string }

  constructor(transport: Transport, name: string) {
    this.#transport = transport
    this.name = name
    this.#path = { collection: name }
  }

  /** Creates the collection; the same again changes nothing. */
  create(spec: Schemas['CreateCollection'] = {}, options?: CallOptions) {
    return this.#transport.call('put', '/v1/collections/{collection}', {
      path: this.#path,
      body: spec,
      ...options,
    })
  }

  describe(options?: CallOptions) {
    return this.#transport.call('get', '/v1/collections/{collection}', {
      path: this.#path,
      ...options,
    })
  }

  /** Drops the collection and all its records. */
  drop(options?: CallOptions) {
    return this.#transport.call('delete', '/v1/collections/{collection}', {
      path: this.#path,
      ...options,
    })
  }

  /** Adds an image, or replaces the one of that id. */
  add(id: string, image: ImageFile, options: CallOptions & { metadata?: Metadata } = {}) {
    const { metadata, ...rest } = options
    const query = metadata && { metadata: JSON.stringify(metadata) }
    return this.#transport.call('put', '/v1/collections/{collection}/images/{id}', {
      path: { ...this.#path, id },
      // The service finds the type in the bytes.
      body: new Blob([blobOf(image)], { type: 'application/octet-stream' }),
      ...(query && { query }),
      ...rest,
    })
  }

  /** Adds many images by their ids, in one request. Each succeeds or fails by itself. */
  addMany(
    images: Readonly<Record<string, { image: ImageFile; metadata?: Metadata }>>,
    options?: CallOptions,
  ) {
    const form = new FormData()
    const metadata: Record<string, Metadata> = {}
    for (const [id, one] of Object.entries(images)) {
      form.append('image', blobOf(one.image), id)
      if (one.metadata) metadata[id] = one.metadata
    }
    form.append('metadata', JSON.stringify(metadata))
    return this.#transport.call('post', '/v1/collections/{collection}/images', {
      path: this.#path,
      body: form,
      ...options,
    })
  }

  addVectors(points: Schemas['Point'][], options?: CallOptions) {
    return this.#transport.call('post', '/v1/collections/{collection}/vectors', {
      path: this.#path,
      body: { points },
      ...options,
    })
  }

  record(id: string, { vector, ...options }: CallOptions & { vector?: boolean } = {}) {
    return this.#transport.call('get', '/v1/collections/{collection}/images/{id}', {
      path: { ...this.#path, id },
      ...(vector && { query: { include: 'vector' as const } }),
      ...options,
    })
  }

  /** Gives all records in the order of their ids, page by page. */
  async *records(options: RecordsOptions = {}): AsyncGenerator<Schemas['Record'], void, undefined> {
    const { filter, vector, pageSize, ...rest } = options
    let cursor: string | null = null
    do {
      const page: { records: Schemas['Record'][]; cursor: string | null } =
        await this.#transport.call('get', '/v1/collections/{collection}/images', {
          path: this.#path,
          query: {
            ...(filter && { filter: JSON.stringify(filter) }),
            ...(vector && { include: 'vector' as const }),
            ...(pageSize && { limit: pageSize }),
            ...(cursor !== null && { cursor }),
          },
          ...rest,
        })
      yield* page.records
      cursor = page.cursor
    } while (cursor !== null)
  }

  /** Changes metadata by a merge patch: members replace, null removes. */
  patch(id: string, metadata: Metadata, options?: CallOptions) {
    return this.#transport.call('patch', '/v1/collections/{collection}/images/{id}', {
      path: { ...this.#path, id },
      body: { metadata },
      ...options,
    })
  }

  /** Reads the original or the thumbnail that was kept. */
  content(id: string, options?: CallOptions): Promise<Blob> {
    return this.#transport.call('get', '/v1/collections/{collection}/images/{id}/content', {
      path: { ...this.#path, id },
      ...options,
    })
  }

  delete(id: string, options?: CallOptions) {
    return this.#transport.call('delete', '/v1/collections/{collection}/images/{id}', {
      path: { ...this.#path, id },
      ...options,
    })
  }

  /** Deletes the records of some ids, or all that a filter allows. */
  deleteMany(which: { ids: string[] } | { filter: Filter }, options?: CallOptions) {
    return this.#transport.call('post', '/v1/collections/{collection}/images/delete', {
      path: this.#path,
      body: which,
      ...options,
    })
  }

  /** Searches. Where the request has images they may be files. */
  search(request: WithFiles<Schemas['SearchRequest']>, options?: CallOptions) {
    return this.#transport.call('post', '/v1/collections/{collection}/search', {
      path: this.#path,
      body: request,
      ...options,
    })
  }

  /** Gives all matches of a search, page by page. */
  async *matches(
    request: WithFiles<Schemas['SearchRequest']>,
    options?: CallOptions,
  ): AsyncGenerator<Schemas['Match'], void, undefined> {
    let cursor: string | null | undefined = request.cursor
    do {
      const page: Schemas['SearchAnswer'] = await this.search(
        { ...request, cursor: cursor ?? null },
        options,
      )
      yield* page.matches
      cursor = page.cursor
    } while (cursor !== null)
  }

  /** Gives the pairs of a join as they come. @throws LookalikeError also where the answer ends before all were given. */
  join(
    request: Schemas['JoinRequest'],
    options?: CallOptions,
  ): AsyncGenerator<Pair, void, undefined> {
    return joinPairs(this.#transport, this.#path, request, options)
  }

  /** Asks who a subject is. Where the request has images they may be files. */
  identify(request: WithFiles<Schemas['IdentifyRequest']>, options?: CallOptions) {
    return this.#transport.call('post', '/v1/collections/{collection}/identify', {
      path: this.#path,
      body: request,
      ...options,
    })
  }

  /** Starts an import of a zip, tar or tar.gz file; gives its job. */
  importArchive(
    archive: Blob,
    query: Input<ImportArchive>['query'] = {},
    options?: CallOptions,
  ): Promise<Schemas['Job']> {
    return this.#transport.call('post', '/v1/collections/{collection}/import/archive', {
      path: this.#path,
      body: new Blob([archive], { type: 'application/octet-stream' }),
      query,
      ...options,
    })
  }
}
