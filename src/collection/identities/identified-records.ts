import type { EngineCollection } from '../../engine/engine.ts'
import { fieldPath } from '../../engine/field-path.ts'
import type { Filter } from '../../engine/filter.ts'
import { type IdentityValue, identityAt } from '../../engine/identity-value.ts'
import type { StoredRecord } from '../../engine/record.ts'
import { identityFieldOf } from './subject-views.ts'

interface Wanted {
  /** Null for every record. */
  readonly filter: Filter | null
  /** Records read at once. */
  readonly limit: number
  /** Whether vectors of the records that are read can be read, too. */
  readonly searchable: boolean
}

/** Walks over records in the order of ids, a page at a time. @throws what `signal` aborts with. */
export async function* recordPages(
  engine: EngineCollection,
  wanted: Wanted,
  signal?: AbortSignal,
): AsyncGenerator<readonly StoredRecord[]> {
  for (let after: string | null = null; ; ) {
    signal?.throwIfAborted()
    const records = await engine.scroll({ ...wanted, after, vectors: false }, signal)
    yield records
    if (records.length < wanted.limit) return
    after = records.at(-1)!.id
  }
}

/**
 * Walks over the records that have an identity, in the order of ids.
 * @throws COLLECTION_WITHOUT_IDENTITIES, and what `signal` aborts with.
 */
export async function* identifiedRecords(
  engine: EngineCollection,
  wanted: Wanted,
  signal: AbortSignal,
): AsyncGenerator<{ readonly record: StoredRecord; readonly identity: IdentityValue }> {
  const path = fieldPath(identityFieldOf(engine.spec))
  for await (const records of recordPages(engine, wanted, signal)) {
    for (const record of records) {
      const identity = identityAt(record.metadata, path)
      if (identity !== null) yield { record, identity }
    }
  }
}
