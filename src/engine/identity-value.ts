import { compareIds } from './collection-spec.ts'
import { type FieldPath, valueAt } from './field-path.ts'
import type { Metadata } from './metadata.ts'

/** A value that names a person, product or animal. Values of different types are different: 7 is not "7". */
export type IdentityValue = string | number | boolean

/** Gives the plain value of a field; null where the record has none there, or a list is on the way. */
export function identityAt(metadata: Metadata, path: FieldPath): IdentityValue | null {
  const value = valueAt(metadata, path)
  return value === undefined || typeof value === 'object' ? null : value
}

const TYPES = ['boolean', 'number', 'string']

/** Orders the identities of an answer: false, true, numbers, then text by code point. */
export function compareIdentities(a: IdentityValue, b: IdentityValue): number {
  if (typeof a === 'string' && typeof b === 'string') return compareIds(a, b)
  return TYPES.indexOf(typeof a) - TYPES.indexOf(typeof b) || Number(a) - Number(b)
}
