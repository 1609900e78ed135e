import { AppError, shown } from '../../errors.ts'
import { type CollectionSpec, compareIds, VECTOR_MEMORIES } from '../collection-spec.ts'
import type { Engine, EngineCapabilities, EngineStatus } from '../engine.ts'
import type { JobStore } from '../job-store.ts'
import { type CollectionParts, EmbeddedCollection } from './embedded-collection.ts'
import type { ExpiredVersion } from './store/stored-row.ts'

interface Parts extends CollectionParts {
  /** The most collections; one more is not created. */
  readonly maxCollections: number
  /** Aborts when the engine is closed: then loading and measuring end. */
  readonly closing: AbortSignal
  /** Bytes of the memory that holds vectors. */
  readonly vectorBytes: () => number
  readonly isWritable: () => boolean
  readonly close: () => Promise<void>
}

/** Expired records that are deleted before others have their turn. */
const EXPIRED_AT_ONCE = 256

type State =
  | { readonly kind: 'loading' }
  | { readonly kind: 'ready'; readonly collection: EmbeddedCollection }
  | { readonly kind: 'failed'; readonly cause: unknown }

/** The engine in this process: the truth in SQLite, and vectors in shared memory that threads search. */
export class EmbeddedEngine implements Engine {
  readonly capabilities: EngineCapabilities = {
    accuracies: ['auto', 'exact', 'approximate'],
    exactIndexes: ['scan', 'vp-tree', 'm-tree'],
    memories: VECTOR_MEMORIES,
    identities: true,
    fingerprints: true,
    statistics: true,
    joins: true,
  }
  readonly loaded: Promise<void>
  readonly jobs: JobStore
  readonly #parts: Parts
  readonly #states = new Map<string, State>()
  /** Creating and dropping take turns, so that a name means one thing at a time. */
  #turn: Promise<unknown> = Promise.resolve()
  /** The number of times that recall was to be measured: each collection has its turn. */
  #measured = 0

  /** Begins to load what the store holds. */
  constructor(parts: Parts) {
    this.#parts = parts
    this.jobs = parts.store.jobs
    this.loaded = this.#load()
    // Whoever awaits it gets the failure; nobody has to.
    this.loaded.catch(() => undefined)
  }

  get names(): readonly string[] {
    return [...this.#states.keys()].sort(compareIds)
  }

  get status(): EngineStatus {
    const ready = this.#ready()
    return {
      collections: this.#states.size,
      records: ready.reduce((sum, { size }) => sum + size, 0),
      vectorBytes: this.#parts.vectorBytes(),
      writable: this.#parts.isWritable(),
      recall: ready.flatMap(({ active }) => active.searcher.recall),
    }
  }

  collection(name: string): EmbeddedCollection {
    const state = this.#states.get(name)
    const named = `collection ${name}`
    switch (state?.kind) {
      case 'ready':
        return state.collection
      case 'loading':
        throw new AppError('NOT_READY', `${named} is still loading`, { retryAfterSeconds: 2 })
      case 'failed':
        throw new AppError('STORE_FAILED', `${named} could not be loaded`, { cause: state.cause })
      case undefined:
        throw new AppError('COLLECTION_NOT_FOUND', `no collection ${shown(name)}`)
    }
  }

  create(spec: CollectionSpec) {
    return this.#inTurn(async () => {
      if (this.#states.has(spec.name)) {
        const collection = this.collection(spec.name)
        checkEqual(collection.spec, spec)
        return { created: false, collection }
      }
      const { maxCollections } = this.#parts
      if (this.#states.size >= maxCollections) {
        throw new AppError(
          'TOO_MANY_COLLECTIONS',
          `expected at most ${maxCollections} collections (LOOKALIKE_MAX_COLLECTIONS), got ${shown(spec.name)} beside them`,
        )
      }
      const stored = await this.#parts.store.createCollection(spec)
      const collection = new EmbeddedCollection(stored, this.#parts)
      await collection.active.rows.filled()
      this.#states.set(spec.name, { kind: 'ready', collection })
      return { created: true, collection }
    })
  }

  drop(name: string): Promise<void> {
    return this.#inTurn(async () => {
      const collection = this.collection(name)
      await this.#parts.store.dropCollection(collection.key)
      this.#states.delete(name)
      void collection.release()
    })
  }

  close(): Promise<void> {
    return this.#parts.close()
  }

  /** Measures recall once more, in the collection whose turn it is; false when none has a query to measure with. */
  async measureRecall(signal: AbortSignal): Promise<boolean> {
    const ready = this.#ready()
    for (let i = 0; i < ready.length; i++) {
      if (await ready[this.#measured++ % ready.length]!.measureRecall(signal)) return true
    }
    return false
  }

  /**
   * Deletes some of what has expired, in the collections that are loaded; resolves to whether there may be more. What a collection
   * that failed has is passed over.
   */
  async deleteExpired(signal: AbortSignal): Promise<boolean> {
    const ready = new Map(this.#ready().map((collection) => [collection.key, collection]))
    for (let after: ExpiredVersion | null = null; ; ) {
      const found = await this.#parts.store.expired(after, EXPIRED_AT_ONCE)
      const wanted = found.filter(({ collection }) => ready.has(collection))
      for (const [key, collection] of ready) {
        const keys = wanted.filter((one) => one.collection === key).map((one) => one.key)
        if (keys.length > 0) await collection.deleteVersions(keys, signal)
      }
      if (wanted.length > 0) return true
      if (found.length < EXPIRED_AT_ONCE) return false
      after = found.at(-1)!
    }
  }

  /** Loads one collection after the other; the first failure is thrown at the end. */
  async #load(): Promise<void> {
    const stored = await this.#parts.store.collections()
    for (const { spec } of stored) this.#states.set(spec.name, { kind: 'loading' })
    const failures: unknown[] = []
    for (const one of stored) {
      const { name } = one.spec
      try {
        const collection = new EmbeddedCollection(one, this.#parts)
        await collection.load(this.#parts.closing)
        this.#states.set(name, { kind: 'ready', collection })
      } catch (cause) {
        this.#states.set(name, { kind: 'failed', cause })
        failures.push(cause)
      }
    }
    if (failures.length > 0) throw failures[0]
  }

  #ready(): readonly EmbeddedCollection[] {
    const states = [...this.#states.values()]
    return states.flatMap((state) => (state.kind === 'ready' ? [state.collection] : []))
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#turn.then(work)
    this.#turn = result.catch(() => undefined)
    return result
  }
}

/** @throws COLLECTION_DIFFERS that names every member that differs. */
function checkEqual(existing: CollectionSpec, wanted: CollectionSpec): void {
  const members = Object.keys(wanted) as (keyof CollectionSpec)[]
  const different = members
    .filter((member) => JSON.stringify(existing[member]) !== JSON.stringify(wanted[member]))
    .map((m) => `${m} ${JSON.stringify(existing[m])}, not ${JSON.stringify(wanted[m])}`)
  if (different.length === 0) return
  throw new AppError(
    'COLLECTION_DIFFERS',
    `collection ${wanted.name} exists with ${different.join(', ')}`,
  )
}
