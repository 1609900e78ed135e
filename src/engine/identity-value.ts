import { compareIds } from './collection-spec.ts'
import { type FieldPath, meetsAt, valueAt } from './field-path.ts'
import type { Metadata, MetadataValue } from './metadata.ts'

/** A value that names a person, product or animal. Values of different types are different: 7 is not "7". */
export type IdentityValue = string | number | boolean

/** Gives the plain value of a field; null where the record has none there, or a list is on the way. */
export function identityAt(metadata: Metadata, path: FieldPath): IdentityValue | null {
  const value = valueAt(metadata, path)
  return value === undefined || typeof value === 'object' ? null : value
}

/** Gives the plain values of a field, each once: those that a filter finds in it, so that a list has several. */
export function valuesAt(metadata: Metadata, path: FieldPath): ReadonlySet<IdentityValue> {
  const found = new Set<IdentityValue>()
  const take = (value: MetadataValue) => {
    if (Array.isArray(value)) {
      for (const item of value) if (isPlain(item)) found.add(item)
    } else if (isPlain(value)) found.add(value)
    return false
  }
  meetsAt(metadata, path, take)
  return found
}

function isPlain(value: unknown): value is IdentityValue {
  return TYPES.includes(typeof value)
}

const TYPES = ['boolean', 'number', 'string']

/** Orders the identities of an answer: false, true, numbers, then text by code point. */
export function compareIdentities(a: IdentityValue, b: IdentityValue): number {
  if (typeof a === 'string' && typeof b === 'string') return compareIds(a, b)
  return TYPES.indexOf(typeof a) - TYPES.indexOf(typeof b) || Number(a) - Number(b)
}
