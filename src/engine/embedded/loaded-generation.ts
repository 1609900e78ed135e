import type { ImageEmbedding } from '../../collection/image-embedding.ts'
import { AppError } from '../../errors.ts'
import { Pending } from '../../scheduling/pending.ts'
import type { Metadata } from '../metadata.ts'
import type { Gallery, GalleryRecord } from './gallery.ts'
import type { Identities } from './identities/identities.ts'
import type { RecordStore, StoredCollection, VectorRange } from './store/record-store.ts'

/** One generation of a collection, in memory. */
export class LoadedGeneration {
  readonly stored: StoredCollection
  readonly gallery: Gallery
  readonly identities: Identities
  /** Null for a collection of vectors only. */
  readonly embedding: (() => Promise<ImageEmbedding>) | null
  readonly #uses = new Pending()

  constructor(
    stored: StoredCollection,
    gallery: Gallery,
    identities: Identities,
    embedding: (() => Promise<ImageEmbedding>) | null,
  ) {
    this.stored = stored
    this.gallery = gallery
    this.identities = identities
    this.embedding = embedding
  }

  /** Keeps its vectors in memory until the work is done. */
  use<T>(work: (generation: LoadedGeneration) => Promise<T>): Promise<T> {
    return this.#uses.track(work(this))
  }

  /** Frees the memory once nobody uses it; from now on nobody may begin to. */
  async release(): Promise<void> {
    await this.#uses.settled()
    this.identities.release()
    this.gallery.release()
  }

  /** A version was committed. */
  put(record: GalleryRecord, metadata: Metadata): void {
    if (record.replacedKey !== null) this.identities.delete(record.replacedKey)
    this.gallery.put(record)
    this.identities.put(record.key, metadata)
  }

  /** These versions have ended. */
  delete(keys: readonly number[]): void {
    for (const key of keys) this.identities.delete(key)
    this.gallery.delete(keys)
  }

  /** @throws COLLECTION_WITHOUT_MODEL. */
  async imageEmbedding(): Promise<ImageEmbedding> {
    if (this.embedding !== null) return await this.embedding()
    const { name, dimensions } = this.stored.spec
    throw new AppError(
      'COLLECTION_WITHOUT_MODEL',
      `collection ${name} has no model: give vectors of ${dimensions} numbers, not images`,
    )
  }

  /**
   * Puts what the store holds of it; all, or the versions of a range of keys.
   * @param check looks at each vector before; what it throws ends the filling.
   */
  async fill(
    store: RecordStore,
    range: Pick<VectorRange, 'after' | 'upto'>,
    check: (id: string, vector: Float32Array) => void = () => undefined,
  ): Promise<void> {
    const { key: collection, generation, spec } = this.stored
    const { gallery } = this
    for await (const batch of store.vectors(collection, { generation, ...range })) {
      await gallery.reserve(batch.keys.length)
      batch.keys.forEach((key, i) => {
        const vector = batch.vectors.subarray(i * spec.dimensions, (i + 1) * spec.dimensions)
        const fingerprint = batch.fingerprints[i] ?? null
        const id = batch.ids[i]!
        check(id, vector)
        gallery.put({ key, id, vector, fingerprint, replacedKey: null })
      })
    }
  }
}

/** All versions there are. */
export const EVERYTHING = { after: 0, upto: null } as const
