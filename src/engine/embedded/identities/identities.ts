import { AppError, shown } from '../../../errors.ts'
import { admission } from '../../../scheduling/admission.ts'
import { SharedWork } from '../../../scheduling/shared-work.ts'
import type { CollectionSpec } from '../../collection-spec.ts'
import { type FieldPath, fieldPath } from '../../field-path.ts'
import type { Filter } from '../../filter.ts'
import { identityAt } from '../../identity-value.ts'
import type { Metadata } from '../../metadata.ts'
import { type IdentityAnswer, type IdentityQuery, MAX_IDENTITY_RECORDS } from '../../query.ts'
import type { RecordReads } from '../generation-parts.ts'
import type { GenerationRows } from '../rows/generation-rows.ts'
import type { KeyedRecord } from '../store/stored-row.ts'
import { FilteredVersions } from './filtered-versions.ts'
import { IdentityMembers } from './identity-members.ts'
import { RecordCameras } from './record-cameras.ts'
import type { RecordSets } from './record-sets.ts'

interface Parts {
  readonly spec: Pick<CollectionSpec, 'name' | 'dimensions' | 'identityField' | 'cameraField'>
  /** Null where vectors are in a file. */
  readonly sets: RecordSets | null
  readonly rows: Pick<GenerationRows, 'keyOf'>
  readonly records: Pick<RecordReads, 'page' | 'matching'>
}

type Loading =
  | { readonly kind: 'none' }
  /** More is known of the `touched` versions than a page of the truth may have. */
  | { readonly kind: 'loading'; readonly work: SharedWork; readonly touched: Set<number> }
  | { readonly kind: 'loaded' }

/** Vector components copied for the search: 1 GiB. */
const MAX_COMPONENTS = 2 ** 28
/** Records read at once when identities are first searched: their metadata is parsed here. */
const PAGE = 128
/** Records handed to the sets before other work gets its turn: about 1 ms. */
const RECORDS_A_TURN = 2000

/**
 * The identities of one generation: the records that share a value of the identity field are one set. They are read from
 * the truth by the first search, and get every committed change from then on, in the turn in which the rows do. The next
 * search hands over what has changed, so that both are of one moment.
 */
export class Identities {
  readonly #parts: Parts
  readonly #path: FieldPath
  readonly #cameraPath: FieldPath | null
  #members = new IdentityMembers()
  #cameras = new RecordCameras()
  #loading: Loading = { kind: 'none' }
  /** Those of the searches with a filter that are under way. */
  readonly #filtered = new Set<FilteredVersions>()
  readonly #admit = admission(64, 'searches of identities already wait')

  constructor(parts: Parts) {
    this.#parts = parts
    this.#path = fieldPath(parts.spec.identityField ?? '')
    const { cameraField } = parts.spec
    this.#cameraPath = cameraField === null ? null : fieldPath(cameraField)
  }

  /** To be called when the rows have this version. */
  put(key: number, metadata: Metadata): void {
    if (this.#loading.kind === 'none') return
    this.#set(key, metadata)
  }

  changed({ id, key, metadata }: KeyedRecord): void {
    if (this.#hasVector(id, key)) this.put(key, metadata)
  }

  delete(key: number): void {
    if (this.#loading.kind === 'none') return
    this.#set(key, null)
  }

  async search(query: IdentityQuery, signal?: AbortSignal): Promise<IdentityAnswer> {
    const sets = this.#usableSets()
    return await this.#admit(async () => {
      try {
        await this.#loaded(signal)
        const { filter = null } = query
        if (filter === null) return await this.#search(sets, query, null, signal)
        return await this.#searchFiltered(sets, query, filter, signal)
      } catch (error) {
        if (error instanceof AppError && error.code === 'THREAD_FAILED') {
          // The thread may have lost some: the next search hands all over again.
          sets.forget()
          this.#members.changeAll()
        }
        throw error
      }
    })
  }

  release(): void {
    this.#empty()
    this.#parts.sets?.forget()
  }

  async #searchFiltered(
    sets: RecordSets,
    query: IdentityQuery,
    filter: Filter,
    signal: AbortSignal | undefined,
  ): Promise<IdentityAnswer> {
    const allowed = new FilteredVersions(filter)
    this.#filtered.add(allowed)
    try {
      await allowed.read(this.#parts.records, signal)
      return await this.#search(sets, query, allowed, signal)
    } finally {
      this.#filtered.delete(allowed)
    }
  }

  async #search(
    sets: RecordSets,
    { by, withoutCameras = [], filter: _, without = [], ...asked }: IdentityQuery,
    allowed: FilteredVersions | null,
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
      const withoutKeys = [...this.#cameras.of(withoutCameras), ...this.#keysOf(without)]
      if (allowed !== null) {
        for (const key of this.#members.keys()) if (!allowed.has(key)) withoutKeys.push(key)
      }
      const query = { of, ...asked, withoutKeys }
      const [answer] = await Promise.all([sets.search(query, signal), taken])
      return { ...answer, tooLarge }
    }
  }

  #keysOf(ids: readonly string[]): readonly number[] {
    return ids.map((id) => this.#parts.rows.keyOf(id)).filter((key) => key !== null)
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

  /** @param metadata null: the version has ended. */
  #set(key: number, metadata: Metadata | null): void {
    if (this.#loading.kind === 'loading') this.#loading.touched.add(key)
    for (const versions of this.#filtered) versions.note(key, metadata)
    this.#know(key, metadata)
  }

  #know(key: number, metadata: Metadata | null): void {
    this.#members.set(key, metadata && identityAt(metadata, this.#path))
    const path = this.#cameraPath
    if (path !== null) this.#cameras.set(key, metadata && identityAt(metadata, path))
  }

  #empty(): void {
    this.#loading = { kind: 'none' }
    this.#members = new IdentityMembers()
    this.#cameras = new RecordCameras()
  }

  /** A generation that was made of another may lack vectors of records that are there. */
  #hasVector(id: string, key: number): boolean {
    return this.#parts.rows.keyOf(id) === key
  }

  async #loaded(signal: AbortSignal | undefined): Promise<void> {
    for (;;) {
      const loading = this.#loading
      if (loading.kind === 'loaded') return
      if (loading.kind === 'none') this.#beginLoading()
      else if (loading.work.stopped) await loading.work.done.catch(() => undefined)
      else await loading.work.wait(signal)
    }
  }

  #beginLoading(): void {
    const touched = new Set<number>()
    const work = new SharedWork((signal) => this.#load(touched, signal))
    this.#loading = { kind: 'loading', work, touched }
  }

  async #load(touched: ReadonlySet<number>, signal: AbortSignal): Promise<void> {
    try {
      let after: string | null = null
      for (;;) {
        const page = { after, limit: PAGE, filter: null }
        const records = await this.#parts.records.page(page, signal)
        for (const { id, key, metadata } of records) {
          // A version that the rows do not have yet is put when they have.
          if (touched.has(key) || !this.#hasVector(id, key)) continue
          this.#know(key, metadata)
        }
        if (records.length < PAGE) break
        after = records.at(-1)!.id
        signal.throwIfAborted()
      }
      this.#loading = { kind: 'loaded' }
    } catch (error) {
      this.#empty()
      throw error
    }
  }
}
