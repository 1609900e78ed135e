import { createHash } from 'node:crypto'
import { AppError, shown } from '../errors.ts'
import { checkNewId, compareIds } from './collection-spec.ts'
import { type FieldPath, meetsAt, valueAt } from './field-path.ts'
import type { Metadata, MetadataValue } from './metadata.ts'

/** A value that names a person, product or animal. Values of different types are different: 7 is not "7". */
export type IdentityValue = string | number | boolean

/** Gives the plain value of a field; null where the record has none there, or a list is on the way. */
export function identityAt(metadata: Metadata, path: FieldPath): IdentityValue | null {
  const value = valueAt(metadata, path)
  return value === undefined || typeof value === 'object' ? null : value
}

/**
 * Reads an identity that stands in an address or on a command line.
 * @throws INVALID_REQUEST for text that is no value of the type.
 */
export function identityOfText(
  text: string,
  type: 'text' | 'number' | 'boolean' = 'text',
): IdentityValue {
  if (type === 'text') return text
  if (type === 'boolean' && (text === 'true' || text === 'false')) return text === 'true'
  const number = Number(text)
  if (type === 'number' && text.trim() !== '' && Number.isFinite(number)) return number
  throw new AppError('INVALID_REQUEST', `/identity: expected a ${type}, got ${shown(text)}`)
}

/** Checks an identity that is to be made: text has to fit into an address. @throws INVALID_ID, as for ids of records. */
export function checkNewIdentity(identity: IdentityValue): IdentityValue {
  return typeof identity === 'string' ? checkNewId(identity) : identity
}

const MAX_PLACE = 512

/**
 * Gives the place of an identity in a list, in the order of `compareIdentities`: its value, or of long text the beginning
 * and a hash of all, so that a cursor can have it.
 */
export function placeOf(identity: IdentityValue): IdentityValue {
  if (typeof identity !== 'string' || identity.length <= MAX_PLACE) return identity
  return identity.slice(0, MAX_PLACE) + createHash('sha256').update(identity).digest('hex')
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
