import type {
  Difference,
  FieldValue,
  Forgotten,
  IdentityChange,
  IdentityEffect,
  IdentityPage,
  IdentityPageOptions,
  IdentityStore,
  KeptIdentity,
  PastChange,
  PastEffects,
} from '../../identity-store.ts'
import type { IdentityValue } from '../../identity-value.ts'
import type { Metadata, MetadataValue } from '../../metadata.ts'
import type { WireEffect } from './identity-changes.ts'
import type { PastRow } from './identity-reads.ts'
import type { StoreThreads } from './store-threads.ts'
import { type KeyedRecord, withMetadata } from './stored-row.ts'

type WirePage = { readonly identities: readonly string[]; readonly total: number }

/** About the bytes of an effect in a queue beside its texts. */
const EFFECT_BYTES = 64

export interface SqliteIdentityParts {
  readonly threads: StoreThreads
  readonly now: () => Date
  readonly collection: number
  /** The identity field of the collection. */
  readonly field: string
  /** Is called with every change that is under way. */
  readonly track: <T>(change: Promise<T>) => Promise<T>
  /** Is called with the records of a change in the turn in which its commit is known. */
  readonly changed: (records: readonly KeyedRecord[]) => void
}

/** The identities of one collection beside the records, in the same database. Calls throw as those of RecordStore. */
export class SqliteIdentityStore implements IdentityStore {
  readonly #parts: SqliteIdentityParts

  constructor(parts: SqliteIdentityParts) {
    this.#parts = parts
  }

  change(change: IdentityChange, effects: readonly IdentityEffect[]): Promise<number> {
    return this.#parts.track(this.#change(change, effects))
  }

  page(options: IdentityPageOptions, signal?: AbortSignal): Promise<IdentityPage> {
    const { threads, collection, field } = this.#parts
    const read = ({ identities, total }: WirePage) => {
      return { identities: identities.map((text) => JSON.parse(text) as KeptIdentity), total }
    }
    const args = { collection, field, ...options }
    return threads.scanner.call('identityPage', args, { signal, read })
  }

  find(identity: IdentityValue, signal?: AbortSignal): Promise<KeptIdentity | null> {
    const { threads, collection, field } = this.#parts
    const read = (text: string | null) => {
      return text === null ? null : (JSON.parse(text) as KeptIdentity)
    }
    return threads.scanner.call('identity', { collection, field, identity }, { signal, read })
  }

  members(identity: IdentityValue, most: number, signal?: AbortSignal): Promise<readonly string[]> {
    const { threads, collection, field } = this.#parts
    const args = { collection, field, identity, most }
    return threads.scanner.call('identityMembers', args, { signal })
  }

  valuesOf(ids: readonly string[]): Promise<readonly (FieldValue | null)[]> {
    const { threads, collection, field } = this.#parts
    let bytes = 0
    for (const id of ids) bytes += id.length
    const read = (values: readonly (readonly string[] | null)[]) => values.map(toFieldValue)
    return threads.reader.call('identityValues', { collection, field, ids }, { bytes, read })
  }

  differences(): Promise<readonly Difference[]> {
    const { threads, collection } = this.#parts
    const read = (texts: readonly string[]) => texts.map((text) => JSON.parse(text) as Difference)
    return threads.reader.call('identityDifferences', { collection }, { read })
  }

  history(below: number | null, limit: number): Promise<readonly PastChange[]> {
    const { threads, collection } = this.#parts
    const read = (rows: readonly PastRow[]) => rows.map(toPast)
    return threads.reader.call('identityHistory', { collection, below, limit }, { read })
  }

  async past(change: number): Promise<PastEffects | null> {
    const { threads, collection } = this.#parts
    const found = await threads.reader.call('identityPast', { collection, change })
    if (found === null) return null
    const { past, effects, overtakenBy } = found
    return {
      past: toPast(past),
      effects: effects.map(fromWire),
      overtakenBy: overtakenBy && toPast(overtakenBy),
    }
  }

  forget({ identity, ids }: Parameters<IdentityStore['forget']>[0]): Promise<Forgotten> {
    const { threads, collection, track } = this.#parts
    const subjects = ids.map((id) => JSON.stringify(id))
    const bytes = subjects.reduce((sum, subject) => sum + EFFECT_BYTES + subject.length, 0)
    const asked = {
      collection,
      identity: identity === null ? null : JSON.stringify(identity),
      subjects,
    }
    return track(threads.writer.call('forgetIdentity', asked, { bytes, read: (found) => found }))
  }

  async #change(
    { what, ...change }: IdentityChange,
    effects: readonly IdentityEffect[],
  ): Promise<number> {
    const { threads, collection, field, now, changed } = this.#parts
    const texts = effects.map(toWire)
    let bytes = 0
    for (const { subject, before, after } of texts) {
      bytes += EFFECT_BYTES + subject.length + (before?.length ?? 0) + (after?.length ?? 0)
    }
    const asked = { ...change, what: JSON.stringify(what), at: now().toISOString() }
    const args = { collection, field, ...asked, effects: texts }
    const made = await threads.writer.call('changeIdentities', args, {
      bytes,
      read: ({ change: number, records }) => ({ number, records: records.map(withMetadata) }),
    })
    changed(made.records)
    return made.number
  }
}

function toPast({ what, ...row }: PastRow): PastChange {
  return { ...row, what: JSON.parse(what) as Metadata } as PastChange
}

function toWire({ kind, subject, before, after }: IdentityEffect): WireEffect {
  return { kind, subject: JSON.stringify(subject), before: textOf(before), after: textOf(after) }
}

function fromWire({ kind, subject, before, after }: WireEffect): IdentityEffect {
  const value = (text: string | null) => (text === null ? undefined : JSON.parse(text))
  return { kind, subject: JSON.parse(subject), before: value(before), after: value(after) }
}

function toFieldValue(texts: readonly string[] | null): FieldValue | null {
  if (texts === null) return null
  return { value: texts.length === 0 ? undefined : (JSON.parse(texts[0]!) as MetadataValue) }
}

function textOf(value: MetadataValue | undefined): string | null {
  return value === undefined ? null : JSON.stringify(value)
}
