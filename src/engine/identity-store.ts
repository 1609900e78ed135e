import type { Filter } from './filter.ts'
import type { IdentityValue } from './identity-value.ts'
import type { Metadata, MetadataValue } from './metadata.ts'

/** Two identities that are not the same, in the order of `compareIdentities`. */
export type Difference = readonly [a: IdentityValue, b: IdentityValue]

/**
 * One thing that a change of identities changes, and what it must be before. What is not there is undefined: the field of a
 * record, the metadata of an identity, the statement that two are different.
 */
export type IdentityEffect =
  | {
      readonly kind: 'record'
      /** The id of the record. */
      readonly subject: string
      /** The value of its identity field, whether it names an identity or not. */
      readonly before: MetadataValue | undefined
      readonly after: MetadataValue | undefined
    }
  | {
      readonly kind: 'metadata'
      readonly subject: IdentityValue
      readonly before: Metadata | undefined
      readonly after: Metadata | undefined
    }
  | {
      readonly kind: 'difference'
      readonly subject: Difference
      readonly before: true | undefined
      readonly after: true | undefined
    }

export const IDENTITY_CHANGES = [
  'merge',
  'split',
  'assign',
  'differ',
  'rename',
  'describe',
  'undo',
] as const

/** What somebody did to identities. */
export interface IdentityChange {
  readonly kind: (typeof IDENTITY_CHANGES)[number]
  /** The identities that it is about, by their part in it. */
  readonly what: Metadata
  /** The name of the key of whoever did it; null without one. */
  readonly by: string | null
  /** The number of the change that it takes back, where it takes back one. */
  readonly undoes: number | null
}

/** A change as the history has it. */
export interface PastChange extends IdentityChange {
  /** Counts the changes of the collection, from 1; never given twice. */
  readonly change: number
  /** ISO 8601, UTC. */
  readonly at: string
  /** The number of records whose identity it changed. */
  readonly records: number
  /** The change that took it back; null while it holds. */
  readonly undoneBy: number | null
}

/** What is needed to take back a change. */
export interface PastEffects {
  readonly past: PastChange
  readonly effects: readonly IdentityEffect[]
  /** The first later change that holds and changed some of the same; null for none. */
  readonly overtakenBy: PastChange | null
}

export interface KeptIdentity {
  readonly identity: IdentityValue
  /** The number of its records. */
  readonly records: number
  /** Its own metadata; empty where it has none. */
  readonly metadata: Metadata
}

/** What the identity field of a record has, whether it names an identity or not. */
export interface FieldValue {
  readonly value: MetadataValue | undefined
}

export interface IdentityPageOptions {
  /** Only identities that come after this place (`placeOf`); null for all. */
  readonly after: IdentityValue | null
  readonly limit: number
  /** Only identities whose value as text has this in it, in letters of either case; null for all. */
  readonly text: string | null
  /** Of KeptIdentity as plain JSON; null for all. */
  readonly filter: Filter | null
}

export interface IdentityPage {
  readonly identities: readonly KeptIdentity[]
  /** The number of identities that meet text and filter, on all pages. */
  readonly total: number
}

/** How much was erased of what was known beside records. */
export interface Forgotten {
  /** Own metadata of identities, and differences. */
  readonly facts: number
  /** Changes of the history. */
  readonly changes: number
}

/** The most changes that a history has, and the most effects of all of them: the oldest are forgotten. */
export const MAX_CHANGES_KEPT = 10_000
export const MAX_EFFECTS_KEPT = 1_000_000

/**
 * The identities of a collection beside its records: what is known of them, which are different, and what was done to them.
 * An identity is there while it has records, or metadata of its own.
 */
export interface IdentityStore {
  /**
   * Makes all effects of a change and adds it to the history, or makes none; resolves to its number.
   * @throws CHANGE_OVERTAKEN where something is not what it must be before; INVALID_METADATA.
   */
  change(change: IdentityChange, effects: readonly IdentityEffect[]): Promise<number>
  page(options: IdentityPageOptions, signal?: AbortSignal): Promise<IdentityPage>
  /** Gives one identity; null where there is none of this value. */
  find(identity: IdentityValue, signal?: AbortSignal): Promise<KeptIdentity | null>
  /** Gives the ids of the records of an identity, in no order: of one that has more, only `most`. */
  members(identity: IdentityValue, most: number, signal?: AbortSignal): Promise<readonly string[]>
  /** Gives the value of the identity field of each of these records; null where there is no record. */
  valuesOf(ids: readonly string[]): Promise<readonly (FieldValue | null)[]>
  /** Lists the pairs that are said to be different. */
  differences(): Promise<readonly Difference[]>
  /** Lists changes, the newest first, from below a number; null: from the newest. */
  history(below: number | null, limit: number): Promise<readonly PastChange[]>
  /**
   * Erases what is known of an identity beside its records: its own metadata, its differences, and every change of the
   * history that names it or one of these records, which can then not be undone.
   */
  forget(forgotten: {
    readonly identity: IdentityValue | null
    readonly ids: readonly string[]
  }): Promise<Forgotten>
  /** Gives a change and its effects; null where the history has none of this number. */
  past(change: number): Promise<PastEffects | null>
}
