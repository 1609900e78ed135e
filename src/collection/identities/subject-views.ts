import type { CollectionSpec } from '../../engine/collection-spec.ts'
import { fieldPath } from '../../engine/field-path.ts'
import { parseFilter } from '../../engine/filter.ts'
import { type IdentityValue, identityAt } from '../../engine/identity-value.ts'
import { MAX_IDENTITY_RECORDS } from '../../engine/query.ts'
import type { StoredRecord } from '../../engine/record.ts'
import { AppError, shown } from '../../errors.ts'
import { exampleRecords, exampleVectors, longest, type SearchParts } from '../query-vector.ts'
import type { QueryExample } from '../requests.ts'

/** A set to search by: that of an identity, which is left out of the answer, or one of its own. */
export type IdentitySet<Image = Uint8Array> =
  | { readonly kind: 'identity'; readonly identity: IdentityValue }
  | { readonly kind: 'examples'; readonly examples: readonly QueryExample<Image>[] }

/** The views of a subject as vectors, and the ids of the records among them. */
export interface SubjectViews {
  readonly vectors: readonly Float32Array[]
  readonly ids: readonly string[]
  readonly decodeMs: number
  readonly embedMs: number
}

/**
 * Makes the views of a subject.
 * @throws IDENTITY_NOT_FOUND, IDENTITY_TOO_LARGE, and as `exampleVectors`.
 */
export async function subjectViews(
  set: IdentitySet,
  parts: SearchParts,
  signal?: AbortSignal,
): Promise<SubjectViews> {
  const { generation } = parts
  if (set.kind === 'examples') {
    const made = await exampleVectors(set.examples, parts, signal)
    const ids = set.examples.flatMap((example) => (example.kind === 'id' ? [example.id] : []))
    return { vectors: made.map(({ vector }) => vector), ids, ...longest(made) }
  }
  const { identity } = set
  const records = await identityRecords(identity, parts)
  if (records.length > MAX_IDENTITY_RECORDS) {
    throw new AppError(
      'IDENTITY_TOO_LARGE',
      `expected an identity of at most ${MAX_IDENTITY_RECORDS} records, got ${shown(identity)} of more`,
    )
  }
  const ids = records.map(({ id }) => id)
  const vectors = await Promise.all(ids.map((id) => generation.vector(id)))
  const views = vectors.filter((vector) => vector !== null)
  if (views.length > 0) return { vectors: views, ids, decodeMs: 0, embedMs: 0 }
  const message = `no identity ${shown(identity)} in ${generation.spec.name}`
  throw new AppError('IDENTITY_NOT_FOUND', message)
}

/** Reads the records of a set; null where some of it are no records. Of an identity that is too large only some. */
export async function subjectRecords(
  set: IdentitySet,
  parts: SearchParts,
): Promise<readonly StoredRecord[] | null> {
  if (set.kind === 'examples') return await exampleRecords(set.examples, parts)
  return await identityRecords(set.identity, parts)
}

/** Reads the records of an identity, in id order: of one that is too large one more than may be. */
async function identityRecords(
  identity: IdentityValue,
  { generation, records }: SearchParts,
): Promise<readonly StoredRecord[]> {
  const { identityField } = generation.spec
  // The search says what is missing.
  if (identityField === null) return []
  const found = await records.scroll({
    after: null,
    limit: MAX_IDENTITY_RECORDS + 1,
    filter: parseFilter({ [identityField]: identity }),
    vectors: false,
    searchable: false,
  })
  // A list of several identities meets the filter, and names none.
  const path = fieldPath(identityField)
  return found.filter(({ metadata }) => identityAt(metadata, path) === identity)
}

/** @throws COLLECTION_WITHOUT_IDENTITIES. */
export function identityFieldOf({ name, identityField }: CollectionSpec): string {
  if (identityField !== null) return identityField
  throw new AppError(
    'COLLECTION_WITHOUT_IDENTITIES',
    `expected a collection with an identityField, got ${name}, which has none`,
  )
}
