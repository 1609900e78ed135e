import { AppError, shown } from '../../../errors.ts'
import type { SetQuery } from '../../../index/metric/row-sets.ts'
import type { CollectionSpec } from '../../collection-spec.ts'
import { type IdentityValue, identityAt } from '../../identity-value.ts'
import type { Metadata } from '../../metadata.ts'
import type { Gallery } from '../gallery.ts'
import type { StoredRecord } from '../store/record-store.ts'
import type { GallerySets, RecordSetAnswer } from './gallery-sets.ts'
import { IdentityMembers, MAX_IDENTITY_RECORDS } from './identity-members.ts'

interface Parts {
  readonly spec: Pick<CollectionSpec, 'name' | 'dimensions' | 'identityField'>
  readonly gallery: Pick<Gallery, 'keyOf' | 'sets'>
  /** Records in id order, as RecordStore.page gives them. */
  readonly page: (options: {
    after: string | null
    limit: number
    filter: null
  }) => Promise<readonly StoredRecord[]>
}

export interface IdentityAnswer extends RecordSetAnswer {
  /** Identities of more records than are compared, in order; they are not in the answer. */
  readonly tooLarge: readonly IdentityValue[]
}

type Loading =
  | { readonly kind: 'none' }
  /** Of the `touched` versions more is known than the truth may still say. */
  | {
      readonly kind: 'loading'
      readonly done: Promise<void>
      readonly touched: Set<number>
    }
  | { readonly kind: 'loaded' }

/** Searches of one collection's identities that may be under way or wait. */
const MAX_SEARCHES = 64
/** Vector components copied for the search: 1 GiB. */
const MAX_COMPONENTS = 2 ** 28
/** Records read at once when identities are first asked for: their metadata is parsed here. */
const PAGE = 128
/** Records handed to the sets before other work gets its turn: about 1 ms. */
const RECORDS_A_TURN = 2000

/**
 * The identities of one collection: the records that share a value of its identity field are one set. Read from the
 * truth when first asked for; from then on told of every committed change, in the turn in which the gallery is. What
 * has changed is handed over by the next search, in whose turn both are of one moment.
 */
export class Identities {
  readonly #parts: Parts
  readonly #path: readonly string[]
  #members = new IdentityMembers()
  #loading: Loading = { kind: 'none' }
  #searches = 0

  constructor(parts: Parts) {
    this.#parts = parts
    this.#path = parts.spec.identityField?.split('.') ?? []
  }

  /** The gallery has this version now. */
  put(key: number, metadata: Metadata): void {
    this.#set(key, identityAt(metadata, this.#path))
  }

  /** The metadata has changed. */
  changed({ id, key, metadata }: StoredRecord): void {
    if (this.#hasVector(id, key)) this.put(key, metadata)
  }

  /** A version has ended. */
  delete(key: number): void {
    this.#set(key, null)
  }

  /**
   * @throws COLLECTION_WITHOUT_IDENTITIES; INVALID_REQUEST where vectors are in a file; IDENTITY_NOT_FOUND,
   * IDENTITY_TOO_LARGE for a query by identity; OUT_OF_MEMORY, QUEUE_FULL, THREAD_FAILED.
   */
  async search(query: SetQuery, signal?: AbortSignal): Promise<IdentityAnswer> {
    const sets = this.#usableSets()
    if (this.#searches === MAX_SEARCHES) {
      throw new AppError('QUEUE_FULL', `${MAX_SEARCHES} searches of identities already wait`, {
        retryAfterSeconds: 1,
      })
    }
    this.#searches++
    try {
      await this.#loaded()
      return await this.#search(sets, query, signal)
    } catch (error) {
      if (error instanceof AppError && error.code === 'THREAD_FAILED') this.#handOverAnew(sets)
      throw error
    } finally {
      this.#searches--
    }
  }

  release(): void {
    this.#loading = { kind: 'none' }
    this.#members = new IdentityMembers()
    this.#parts.gallery.sets?.forget()
  }

  async #search(
    sets: GallerySets,
    query: SetQuery,
    signal: AbortSignal | undefined,
  ): Promise<IdentityAnswer> {
    for (;;) {
      // From here to the hand-over is one turn: nothing taken may be lost.
      signal?.throwIfAborted()
      this.#check(query)
      const taken = sets.put(this.#members.take(RECORDS_A_TURN))
      if (this.#members.hasChanged) {
        await taken
        continue
      }
      const tooLarge = this.#members.tooLarge()
      const [answer] = await Promise.all([sets.search(query), taken])
      return { ...answer, tooLarge }
    }
  }

  #check({ of }: SetQuery): void {
    const { name, dimensions } = this.#parts.spec
    const most = Math.floor(MAX_COMPONENTS / dimensions)
    if (this.#members.compared > most) {
      throw new AppError(
        'OUT_OF_MEMORY',
        `expected at most ${most} records with an identity to search, of ${dimensions} numbers each, got ${this.#members.compared}`,
      )
    }
    if (of.kind === 'vectors') return
    const records = this.#members.sizeOf(of.name)
    if (records === 0) {
      throw new AppError('IDENTITY_NOT_FOUND', `no identity ${shown(of.name)} in ${name}`)
    }
    if (records > MAX_IDENTITY_RECORDS) {
      throw new AppError(
        'IDENTITY_TOO_LARGE',
        `expected an identity of at most ${MAX_IDENTITY_RECORDS} records, got ${shown(of.name)} of ${records}`,
      )
    }
  }

  #usableSets(): GallerySets {
    const { spec, gallery } = this.#parts
    if (spec.identityField === null) {
      throw new AppError(
        'COLLECTION_WITHOUT_IDENTITIES',
        `expected a collection with an identityField, got ${spec.name}, which has none`,
      )
    }
    if (gallery.sets !== null) return gallery.sets
    throw new AppError(
      'INVALID_REQUEST',
      `expected a collection with every vector in memory, got ${spec.name} of memory "codes"`,
    )
  }

  #set(key: number, value: IdentityValue | null): void {
    if (this.#loading.kind === 'none') return
    if (this.#loading.kind === 'loading') this.#loading.touched.add(key)
    this.#members.set(key, value)
  }

  /** A generation that was made of another may lack vectors of records that are there. */
  #hasVector(id: string, key: number): boolean {
    return this.#parts.gallery.keyOf(id) === key
  }

  #loaded(): Promise<void> {
    if (this.#loading.kind === 'loaded') return Promise.resolve()
    if (this.#loading.kind === 'loading') return this.#loading.done
    const touched = new Set<number>()
    const done = Promise.resolve().then(() => this.#load(touched))
    this.#loading = { kind: 'loading', done, touched }
    return done
  }

  async #load(touched: ReadonlySet<number>): Promise<void> {
    try {
      let after: string | null = null
      for (;;) {
        const records = await this.#parts.page({ after, limit: PAGE, filter: null })
        for (const { id, key, metadata } of records) {
          // A version that the gallery has not heard of yet is told of when it has.
          if (touched.has(key) || !this.#hasVector(id, key)) continue
          this.#members.set(key, identityAt(metadata, this.#path))
        }
        if (records.length < PAGE) break
        after = records.at(-1)!.id
      }
      this.#loading = { kind: 'loaded' }
    } catch (error) {
      this.#loading = { kind: 'none' }
      this.#members = new IdentityMembers()
      throw error
    }
  }

  /** The thread may have lost some. */
  #handOverAnew(sets: GallerySets): void {
    sets.forget()
    this.#members.changeAll()
  }
}
