import type { Slices } from '../../../threads/turns.ts'
import { type FieldPath, fieldPath } from '../../field-path.ts'
import { type IdentityValue, identityAt } from '../../identity-value.ts'
import type { Metadata } from '../../metadata.ts'
import {
  type ChangesReader,
  type ChangesSeen,
  CollectionChanges,
  type Pace,
} from './collection-changes.ts'
import type { Database } from './database.ts'
import { type LiveCollection, liveCollections } from './stored-row.ts'

/** Records of all collections together of which the identity is kept in memory, at about 100 bytes each. */
const MAX_RECORDS = 2_000_000

/** Which versions of records have which identity, as far as the changes were read. */
export class IndexedIdentities implements ChangesSeen, ChangesReader {
  seq: number
  endedSeq: number
  readonly cost = 4
  readonly #path: FieldPath
  readonly #ofKey = new Map<number, IdentityValue>()
  readonly #keysOf = new Map<IdentityValue, Set<number>>()

  constructor(field: string, { seq, endedSeq }: ChangesSeen) {
    this.seq = seq
    this.endedSeq = endedSeq
    this.#path = fieldPath(field)
  }

  get records(): number {
    return this.#ofKey.size
  }

  changed(key: number, metadata: Metadata): void {
    this.ended(key)
    const value = identityAt(metadata, this.#path)
    if (value === null) return
    this.#ofKey.set(key, value)
    const keys = this.#keysOf.get(value)
    if (keys === undefined) this.#keysOf.set(value, new Set([key]))
    else keys.add(key)
  }

  ended(key: number): void {
    const value = this.#ofKey.get(key)
    if (value === undefined) return
    this.#ofKey.delete(key)
    const keys = this.#keysOf.get(value)!
    keys.delete(key)
    if (keys.size === 0) this.#keysOf.delete(value)
  }

  values(): IdentityValue[] {
    return [...this.#keysOf.keys()]
  }

  sizeOf(value: IdentityValue): number {
    return this.#keysOf.get(value)?.size ?? 0
  }

  /** Gives up to `most` versions of an identity. */
  keysOf(value: IdentityValue, most: number): readonly number[] {
    const keys: number[] = []
    for (const key of this.#keysOf.get(value) ?? []) {
      if (keys.length === most) break
      keys.push(key)
    }
    return keys
  }
}

/**
 * Knows which records have which identity. The first call of a collection reads all its metadata, the others what has
 * changed since, slice by slice.
 */
export class IdentityIndex {
  readonly #changes: CollectionChanges
  readonly #live: (collection: number) => LiveCollection
  readonly #advance: (collection: number, indexed: IndexedIdentities, pace: Pace) => Advance
  /** Least recently used first. */
  readonly #indexed = new Map<number, IndexedIdentities>()

  constructor(database: Database) {
    this.#changes = new CollectionChanges(database)
    this.#live = liveCollections(database)
    // A transaction: what is read of tombstones and rows must be of one moment.
    this.#advance = database.transaction(this.#read.bind(this))
  }

  /**
   * Gives the identities of a collection as they are when it resolves: whoever waits then has to ask again.
   * @throws COLLECTION_NOT_FOUND, STOPPED.
   */
  async of(collection: number, field: string, slices: Slices): Promise<IndexedIdentities> {
    const pace = this.#changes.pace(slices)
    let indexed = this.#find(collection, field)
    for (;;) {
      const advance = this.#advance(collection, indexed, pace)
      if (advance === 'done') break
      if (advance === 'more') await slices.next()
      else {
        this.#indexed.delete(collection)
        indexed = this.#find(collection, field)
      }
    }
    this.#makeRoom()
    return indexed
  }

  /** Finds or begins those of a collection, as the ones used last. */
  #find(collection: number, field: string): IndexedIdentities {
    const known =
      this.#indexed.get(collection) ?? new IndexedIdentities(field, this.#changes.begin())
    this.#indexed.delete(collection)
    this.#indexed.set(collection, known)
    return known
  }

  #read(collection: number, indexed: IndexedIdentities, pace: Pace): Advance {
    this.#live(collection)
    if (this.#changes.mayMissEnds(indexed)) return 'lost'
    return this.#changes.read(collection, indexed, indexed, pace) ? 'done' : 'more'
  }

  #makeRoom(): void {
    let records = 0
    for (const indexed of this.#indexed.values()) records += indexed.records
    for (const [collection, indexed] of this.#indexed) {
      if (records <= MAX_RECORDS) return
      this.#indexed.delete(collection)
      records -= indexed.records
    }
  }
}

/** `lost`: some versions ended unseen, so that all has to be read anew. */
type Advance = 'done' | 'more' | 'lost'
