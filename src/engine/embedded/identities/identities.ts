import { AppError, shown } from '../../../errors.ts'
import type { CollectionSpec } from '../../collection-spec.ts'
import { type IdentityValue, identityAt } from '../../identity-value.ts'
import type { Metadata } from '../../metadata.ts'
import { type IdentityAnswer, type IdentityQuery, MAX_IDENTITY_RECORDS } from '../../query.ts'
import type { KeyedRecord, PageOptions } from '../store/stored-row.ts'
import { IdentityMembers } from './identity-members.ts'
import type { RecordSets } from './record-sets.ts'

interface Parts {
  readonly spec: Pick<CollectionSpec, 'name' | 'dimensions' | 'identityField'>
  /** Null where vectors are in a file. */
  readonly sets: RecordSets | null
  readonly rows: { keyOf(id: string): number | null }
  readonly records: {
    /** Records in id order. */
    page(options: PageOptions): Promise<readonly KeyedRecord[]>
  }
}

type Loading =
  | { readonly kind: 'none' }
  /** Of the `touched` versions more is known than the truth may still say. */
  | { readonly kind: 'loading'; readonly done: Promise<void>; readonly touched: Set<number> }
  | { readonly kind: 'loaded' }

/** Searches of one collection's identities that may be under way or wait. */
const MAX_SEARCHES = 64
/** Vector components copied for the search: 1 GiB. */
const MAX_COMPONENTS = 2 ** 28
/** Records read at once when identities are first searched: their metadata is parsed here. */
const PAGE = 128
/** Records handed to the sets before other work gets its turn: about 1 ms. */
const RECORDS_A_TURN = 2000

/**
 * The identities of one generation: the records that share a value of the identity field are one set. They are read from
 * the truth by the first search, and told of every committed change from then on, in the turn in which the rows are. The
 * next search hands over what has changed, so that both are of one moment.
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

  /** Tells that the rows have this version now. */
  put(key: number, metadata: Metadata): void {
    this.#set(key, identityAt(metadata, this.#path))
  }

  /** Tells that the metadata of a record has changed. */
  changed({ id, key, metadata }: KeyedRecord): void {
    if (this.#hasVector(id, key)) this.put(key, metadata)
  }

  /** Tells that a version has ended. */
  delete(key: number): void {
    this.#set(key, null)
  }

  /** See PinnedGeneration. */
  async search(query: IdentityQuery, signal?: AbortSignal): Promise<IdentityAnswer> {
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
    this.#parts.sets?.forget()
  }

  async #search(
    sets: RecordSets,
    { by, k, radius }: IdentityQuery,
    signal: AbortSignal | undefined,
  ): Promise<IdentityAnswer> {
    const of = by.kind === 'identity' ? ({ kind: 'set', name: by.identity } as const) : by
    for (;;) {
      // From here to the hand-over is one turn: nothing taken may be lost.
      signal?.throwIfAborted()
      this.#check(by)
      const taken = sets.put(this.#members.take(RECORDS_A_TURN))
      if (this.#members.hasChanged) {
        await taken
        continue
      }
      const tooLarge = this.#members.tooLarge()
      const [answer] = await Promise.all([sets.search({ of, k, radius }), taken])
      return { ...answer, tooLarge }
    }
  }

  #check(by: IdentityQuery['by']): void {
    const { name, dimensions } = this.#parts.spec
    const most = Math.floor(MAX_COMPONENTS / dimensions)
    if (this.#members.compared > most) {
      throw new AppError(
        'OUT_OF_MEMORY',
        `expected at most ${most} records with an identity to search, of ${dimensions} numbers each, got ${this.#members.compared}`,
      )
    }
    if (by.kind === 'vectors') return
    const records = this.#members.sizeOf(by.identity)
    if (records === 0) {
      throw new AppError('IDENTITY_NOT_FOUND', `no identity ${shown(by.identity)} in ${name}`)
    }
    if (records > MAX_IDENTITY_RECORDS) {
      throw new AppError(
        'IDENTITY_TOO_LARGE',
        `expected an identity of at most ${MAX_IDENTITY_RECORDS} records, got ${shown(by.identity)} of ${records}`,
      )
    }
  }

  #usableSets(): RecordSets {
    const { spec, sets } = this.#parts
    if (spec.identityField === null) {
      throw new AppError(
        'COLLECTION_WITHOUT_IDENTITIES',
        `expected a collection with an identityField, got ${spec.name}, which has none`,
      )
    }
    if (sets !== null) return sets
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
    return this.#parts.rows.keyOf(id) === key
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
        const records = await this.#parts.records.page({ after, limit: PAGE, filter: null })
        for (const { id, key, metadata } of records) {
          // A version that the rows do not have yet is put when they have.
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

  /** Hands all sets over again: the thread may have lost some. */
  #handOverAnew(sets: RecordSets): void {
    sets.forget()
    this.#members.changeAll()
  }
}
