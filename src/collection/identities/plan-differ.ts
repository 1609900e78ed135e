import type { IdentityValue } from '../../engine/identity-value.ts'
import { AppError, shown } from '../../errors.ts'
import type { CurationView, Plan } from './curation-plan.ts'
import { pairOf } from './differences.ts'

/** Pairs of a collection that are said to be different: they are kept in memory. */
const MAX_DIFFERENCES = 100_000

/**
 * Keeps that two identities are not the same; null where that is kept already.
 * @throws IDENTITY_NOT_FOUND, IDENTITY_TOO_LARGE for too many pairs, INVALID_REQUEST for one identity.
 */
export async function planDiffer(
  a: IdentityValue,
  b: IdentityValue,
  view: CurationView,
): Promise<Plan | null> {
  if (a === b) {
    throw new AppError('INVALID_REQUEST', `/b: expected another identity, got ${shown(a)} twice`)
  }
  for (const identity of [a, b]) await view.existing(identity)
  if (view.differences.has(a, b)) return null
  checkRoomToDiffer(view)
  const effect = { subject: pairOf(a, b), before: undefined, after: true } as const
  return { kind: 'differ', what: { a, b }, effects: [{ kind: 'difference', ...effect }] }
}

/** @throws IDENTITY_TOO_LARGE where a collection has as many pairs that differ as it may. */
export function checkRoomToDiffer({ differences }: Pick<CurationView, 'differences'>): void {
  if (differences.size < MAX_DIFFERENCES) return
  throw new AppError(
    'IDENTITY_TOO_LARGE',
    `expected at most ${MAX_DIFFERENCES} pairs that differ in a collection, got one more`,
  )
}
