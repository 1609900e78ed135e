import { checkDistinct } from '../../engine/collection-spec.ts'
import type { IdentityEffect } from '../../engine/identity-store.ts'
import { checkNewIdentity, type IdentityValue } from '../../engine/identity-value.ts'
import type { MetadataValue } from '../../engine/metadata.ts'
import { AppError, shown } from '../../errors.ts'
import type { CurationView, Plan } from './curation-plan.ts'
import { pairOf } from './differences.ts'
import { checkRoomToDiffer } from './plan-differ.ts'

export interface SplitRequest {
  readonly identity: IdentityValue
  /** Records of it that are of somebody else. */
  readonly ids: readonly string[]
  /** The name of the new identity that they become. */
  readonly to: IdentityValue
}

export interface AssignRequest {
  readonly ids: readonly string[]
  /** The identity that they get, which may be new; null: none. */
  readonly identity: IdentityValue | null
}

/**
 * Makes some records of an identity another one, and keeps that the two are not the same.
 * @throws IDENTITY_NOT_FOUND, IDENTITY_EXISTS, IDENTITY_TOO_LARGE for too many pairs that differ, RECORD_NOT_FOUND, DUPLICATE_ID, INVALID_ID, INVALID_REQUEST.
 */
export async function planSplit(
  { identity, ids, to }: SplitRequest,
  view: CurationView,
): Promise<Plan> {
  const { records } = await view.existing(identity)
  if (to === identity) {
    throw new AppError('INVALID_REQUEST', `/to: expected another identity, got ${shown(to)} itself`)
  }
  await view.checkFree(checkNewIdentity(to))
  const values = await valuesOf(ids, view)
  const other = values.find(({ value }) => value !== identity)
  if (other !== undefined) {
    throw new AppError(
      'INVALID_REQUEST',
      `/ids: expected records of ${shown(identity)}, got ${shown(other.id)} of ${named(other.value)}`,
    )
  }
  if (ids.length >= records) {
    throw new AppError(
      'INVALID_REQUEST',
      `/ids: expected some of the ${records} records of ${shown(identity)}, got all: rename it instead`,
    )
  }
  const subject = pairOf(identity, to)
  const isKnown = view.differences.has(identity, to)
  if (!isKnown) checkRoomToDiffer(view)
  const effects: IdentityEffect[] = ids.map((id) => {
    return { kind: 'record', subject: id, before: identity, after: to }
  })
  if (!isKnown) effects.push({ kind: 'difference', subject, before: undefined, after: true })
  return { kind: 'split', what: { identity, to }, effects }
}

/**
 * Gives records an identity, or none; null where all have it already.
 * @throws RECORD_NOT_FOUND, DUPLICATE_ID, INVALID_ID.
 */
export async function planAssign(
  { ids, identity }: AssignRequest,
  view: CurationView,
): Promise<Plan | null> {
  const values = await valuesOf(ids, view)
  if (identity !== null && (await view.engine.identities.find(identity)) === null) {
    checkNewIdentity(identity)
  }
  const after = identity ?? undefined
  const effects = values
    .filter(({ value }) => value !== after)
    .map(({ id, value }): IdentityEffect => {
      return { kind: 'record', subject: id, before: value, after }
    })
  return effects.length === 0 ? null : { kind: 'assign', what: { identity }, effects }
}

async function valuesOf(
  ids: readonly string[],
  { engine }: CurationView,
): Promise<readonly { readonly id: string; readonly value: MetadataValue | undefined }[]> {
  checkDistinct(ids.map((id) => ({ id })))
  const values = await engine.identities.valuesOf(ids)
  return ids.map((id, i) => {
    const found = values[i] ?? null
    if (found !== null) return { id, value: found.value }
    const message = `no record ${shown(id)} in collection ${engine.spec.name}`
    throw new AppError('RECORD_NOT_FOUND', message)
  })
}

function named(value: MetadataValue | undefined): string {
  return value === undefined ? 'none' : shown(value)
}
