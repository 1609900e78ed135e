import { mapBounded } from '../../scheduling/map-bounded.ts'
import { Pending } from '../../scheduling/pending.ts'
import { WriteGate } from '../../scheduling/write-gate.ts'
import type { CollectionSpec } from '../collection-spec.ts'
import type {
  EngineCollection,
  EngineCollectionStatus,
  ScrollOptions,
  VectorBatch,
} from '../engine.ts'
import type { Filter } from '../filter.ts'
import type { GenerationDraft, NewGeneration, StoredGeneration } from '../generation.ts'
import type { IdentityStore } from '../identity-store.ts'
import type { Metadata } from '../metadata.ts'
import type { Erasure, KeptContent, NewRecord, RecordSummary, StoredRecord } from '../record.ts'
import { EmbeddedDraft } from './embedded-draft.ts'
import { erasedFromFiles } from './erased-files.ts'
import { Generation } from './generation.ts'
import type { GenerationParts, RecordReads } from './generation-parts.ts'
import { pinned } from './rows/pinned.ts'
import type { RecordStore } from './store/record-store.ts'
import {
  type DeletedVersions,
  type KeyedRecord,
  type StoredCollection,
  storedFingerprint,
} from './store/stored-row.ts'

export interface CollectionParts {
  readonly store: RecordStore
  /** Makes what holds and searches the rows of a generation. */
  readonly openGeneration: (stored: StoredCollection) => GenerationParts
}

const EVERYTHING = { after: 0, upto: null } as const
/** Keys deleted in one commit. */
const KEYS_AT_ONCE = 128
/** Records looked up at once that no search would find. */
const LOOKUPS_AT_ONCE = 16

/** One collection: its truth in the store, and the active generation of its vectors, loaded. */
export class EmbeddedCollection implements EngineCollection {
  readonly key: number
  readonly createdAt: string
  active: Generation
  readonly identities: IdentityStore
  readonly #parts: CollectionParts
  readonly #records: RecordReads
  readonly #commits = new Pending()
  readonly #gate = new WriteGate()
  /** Generations that were active and that searches still use. */
  readonly #retiring = new Set<Generation>()
  /** Takes the keys of versions that end while a draft loads. */
  #endedForDraft: number[] | null = null

  constructor(stored: StoredCollection, parts: CollectionParts) {
    this.key = stored.key
    this.createdAt = stored.createdAt
    this.#parts = parts
    const { store } = parts
    this.#records = {
      matching: async (filter, signal) => {
        const keys = await store.matching(this.key, filter, signal)
        // The store may know versions and metadata whose commit was not yet announced here.
        await this.#commits.settled()
        return keys
      },
      facets: async (filter, fields, signal) => {
        const found = await store.facets(this.key, filter, fields, signal)
        await this.#commits.settled()
        return found
      },
      recordsByKey: (keys, signal) => store.recordsByKey(this.key, keys, signal),
      fieldValues: (keys, field, signal) => store.fieldValues(this.key, keys, field, signal),
      page: (options, signal) => store.page(this.key, options, signal),
    }
    this.active = this.open(stored)
    this.identities = store.identitiesOf(this.key, stored.spec.identityField ?? '', {
      track: (change) => this.#commits.track(change),
      changed: (records) => {
        for (const record of records) this.active.identities.changed(record)
      },
    })
  }

  open(stored: StoredCollection): Generation {
    return new Generation(stored, this.#parts.openGeneration(stored), this.#records)
  }

  /** Loads the active generation, unless `signal` aborts. To be called once, before anything else. */
  async load(signal: AbortSignal): Promise<void> {
    const { store } = this.#parts
    this.active.rows.beginFilling(await store.generations.records(this.key))
    await this.active.fill(store, EVERYTHING, () => signal.throwIfAborted())
    await this.active.rows.filled()
  }

  get spec(): CollectionSpec {
    return this.active.spec
  }

  get activeGeneration(): number {
    return this.active.generation
  }

  get size(): number {
    return this.active.count
  }

  async status(): Promise<EngineCollectionStatus> {
    const active = this.active
    const { plan, graph, recall } = active.searcher
    const disk = await this.#parts.store.bytes(this.key)
    return { count: active.count, bytes: { disk, memory: active.memoryBytes }, plan, graph, recall }
  }

  put(record: NewRecord): Promise<'added' | 'replaced'> {
    return this.#gate.enter(() => this.#commits.track(this.#put(record)))
  }

  patch(id: string, patch: Metadata): Promise<StoredRecord | null> {
    return this.#commits.track(this.#patch(id, patch))
  }

  async delete(
    which: { readonly ids: readonly string[] } | { readonly filter: Filter },
    signal?: AbortSignal,
  ): Promise<number> {
    const keys =
      'ids' in which
        ? await this.#keysOf(which.ids)
        : await this.#records.matching(which.filter, signal)
    return (await this.#deleteAll(keys, signal)).records
  }

  async erase(ids: readonly string[], signal?: AbortSignal): Promise<Erasure> {
    return await this.#deleteAll(await this.#keysOf(ids), signal)
  }

  erased(): Promise<boolean> {
    return erasedFromFiles([this.active, ...this.#retiring], this.#parts.store)
  }

  async get(id: string, { vector }: { readonly vector: boolean }): Promise<StoredRecord | null> {
    const record = await this.#parts.store.record(this.key, id)
    return record && (vector ? await this.#withVector(record) : toStored(record))
  }

  content(id: string): Promise<KeptContent | null> {
    return this.#parts.store.content(this.key, id)
  }

  summaries(ids: readonly string[]): Promise<readonly (RecordSummary | null)[]> {
    return this.#parts.store.summaries(this.key, ids)
  }

  async scroll(
    { vectors, searchable, ...options }: ScrollOptions,
    signal?: AbortSignal,
  ): Promise<readonly StoredRecord[]> {
    const records = await this.#parts.store.page(this.key, options, signal)
    if (searchable) await this.#commits.settled()
    if (!vectors) return records.map(toStored)
    return await Promise.all(records.map((record) => this.#withVector(record)))
  }

  async count(filter: Filter | null, signal?: AbortSignal): Promise<number> {
    if (filter === null) return await this.#parts.store.generations.records(this.key)
    return (await this.#records.matching(filter, signal)).length
  }

  vectors(): AsyncIterable<VectorBatch> {
    const { generation } = this.active
    return this.#parts.store.vectors(this.key, { generation, ...EVERYTHING })
  }

  alone<T>(work: () => Promise<T>): Promise<T> {
    return this.#gate.alone(work)
  }

  pin(): { readonly generation: Generation; readonly release: () => void } {
    return { generation: this.active, release: this.active.pin() }
  }

  document(name: string): Promise<unknown> {
    return this.#parts.store.document(this.key, name)
  }

  keepDocument(name: string, document: unknown): Promise<void> {
    return this.#parts.store.keepDocument(this.key, name, document)
  }

  generations(): Promise<readonly StoredGeneration[]> {
    return this.#parts.store.generations.list(this.key)
  }

  async beginGeneration(wanted: NewGeneration): Promise<GenerationDraft> {
    const { store } = this.#parts
    const { generation } = await store.generations.begin(this.key, wanted)
    const { stored } = this.active
    const { model, dimensions } = wanted
    const spec = { ...stored.spec, model, dimensions }
    return new EmbeddedDraft(this, this.open({ ...stored, spec, generation }), store)
  }

  dropGeneration(generation: number): Promise<void> {
    return this.#parts.store.generations.drop(this.key, generation)
  }

  /** Adds the keys of versions that end from now on to a list; null for none. */
  noteEnded(keys: number[] | null): void {
    this.#endedForDraft = keys
  }

  /** Makes another generation the active one, for searches that begin from now on. */
  replaceActive(generation: Generation): void {
    const last = this.active
    this.active = generation
    this.#retiring.add(last)
    void last.release().then(() => this.#retiring.delete(last))
  }

  /** Measures the recall of approximate answers once more; false where there is no query to measure with. */
  measureRecall(signal: AbortSignal): Promise<boolean> {
    const active = this.active
    return pinned(active, () => active.searcher.measureRecall(signal))
  }

  release(): Promise<void> {
    return this.active.release()
  }

  async #put(record: NewRecord): Promise<'added' | 'replaced'> {
    const active = this.active
    // What is committed must find its room: it cannot be taken back.
    await active.rows.reserve(this.#commits.count + 1)
    const { key, replacedKey } = await this.#parts.store.put(this.key, record)
    const { id, vector, metadata, image } = record
    const fingerprint = storedFingerprint(image)
    active.put({ key, id, vector, fingerprint, replacedKey }, metadata)
    if (replacedKey === null) return 'added'
    this.#versionsEnded([replacedKey])
    return 'replaced'
  }

  async #patch(id: string, patch: Metadata): Promise<StoredRecord | null> {
    const record = await this.#parts.store.patchMetadata(this.key, id, patch)
    if (record === null) return null
    this.active.identities.changed(record)
    return toStored(record)
  }

  /** Deletes versions, so that a record that was written again meanwhile stays. */
  async deleteVersions(keys: readonly number[], signal?: AbortSignal): Promise<void> {
    await this.#deleteAll(keys, signal)
  }

  async #deleteAll(keys: ArrayLike<number>, signal?: AbortSignal): Promise<Erasure> {
    let [records, vectors, contents] = [0, 0, 0]
    for (let done = 0; done < keys.length; ) {
      signal?.throwIfAborted()
      const some = Array.from({ length: Math.min(KEYS_AT_ONCE, keys.length - done) }, (_, i) => {
        return keys[done + i]!
      })
      const { deleted, left, ...freed } = await this.#gate.enter(() => this.#deleteKeys(some))
      records += deleted.length
      vectors += freed.vectors
      contents += freed.contents
      done += some.length - left
    }
    return { records, vectors, contents }
  }

  #deleteKeys(keys: readonly number[]): Promise<DeletedVersions> {
    const active = this.active
    const deletion = this.#parts.store.deleteKeys(this.key, keys).then((outcome) => {
      active.delete(outcome.deleted)
      this.#versionsEnded(outcome.deleted)
      return outcome
    })
    return this.#commits.track(deletion)
  }

  #versionsEnded(keys: readonly number[]): void {
    this.#endedForDraft?.push(...keys)
    for (const generation of this.#retiring) generation.delete(keys)
  }

  async #keysOf(ids: readonly string[]): Promise<readonly number[]> {
    const keys = await mapBounded(ids, LOOKUPS_AT_ONCE, async (id) => {
      const key = this.active.rows.keyOf(id)
      // Only a generation that was made of another can lack vectors of records that are there.
      if (key !== null || this.activeGeneration === 0) return key
      return (await this.#parts.store.record(this.key, id))?.key ?? null
    })
    return keys.filter((key) => key !== null)
  }

  async #withVector(record: KeyedRecord): Promise<StoredRecord> {
    const active = this.active
    const vector = await pinned(active, () => active.vector(record.id))
    return { ...toStored(record), ...(vector !== null && { vector }) }
  }
}

function toStored({ key: _, ...record }: KeyedRecord): StoredRecord {
  return record
}
