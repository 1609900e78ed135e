import { isDeepStrictEqual } from 'node:util'
import { AppError } from '../errors.ts'
import { parseExactJson } from './exact-json.ts'

export type MetadataValue =
  | string
  | number
  | boolean
  | null
  | readonly MetadataValue[]
  | { readonly [name: string]: MetadataValue }

export type Metadata = { readonly [name: string]: MetadataValue }

export const MAX_METADATA_BYTES = 64 * 1024
const MAX_METADATA_DEPTH = 16

/**
 * Parses untrusted metadata: an object of JSON values, at most 64 KiB and 16 levels deep.
 * @throws INVALID_METADATA that names what was received.
 */
export function parseMetadata(value: unknown): Metadata {
  if (value === undefined || value === null) return {}
  if (typeof value !== 'object' || Array.isArray(value)) {
    const kind = Array.isArray(value) ? 'an array' : typeof value
    throw new AppError('INVALID_METADATA', `expected metadata to be a JSON object, got ${kind}`)
  }
  checkDepth(value, 1)
  const bytes = Buffer.byteLength(JSON.stringify(value))
  if (bytes > MAX_METADATA_BYTES) {
    const message = `expected metadata of at most ${MAX_METADATA_BYTES} bytes, got ${bytes}`
    throw new AppError('INVALID_METADATA', message)
  }
  return value as Metadata
}

/** Parses metadata from untrusted JSON text. @throws as `parseMetadata`, and INVALID_NUMBER. */
export function parseMetadataText(text: string): Metadata {
  let value: unknown
  try {
    value = parseExactJson(text)
  } catch (cause) {
    if (cause instanceof AppError) throw cause
    const message = `expected metadata to be JSON: ${String(cause)}`
    throw new AppError('INVALID_METADATA', message, { cause })
  }
  return parseMetadata(value)
}

/** Applies a JSON merge patch (RFC 7396): members of `patch` replace, null removes, objects merge. */
export function mergeMetadata(target: Metadata, patch: Metadata): Metadata {
  const merged: Record<string, MetadataValue> = { ...target }
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) {
      delete merged[name]
    } else if (isObject(value)) {
      const inner = Object.hasOwn(merged, name) ? merged[name] : undefined
      setOwn(merged, name, mergeMetadata(isObject(inner) ? inner : {}, value))
    } else {
      setOwn(merged, name, value)
    }
  }
  return merged
}

/**
 * Gives the merge patch that makes `target` of `stored`; null where it would change nothing. A patch cannot set null, so
 * a member that is null counts as one that is not there.
 */
export function metadataPatch(stored: Metadata, target: Metadata): Metadata | null {
  const patch: Record<string, MetadataValue> = {}
  for (const name of Object.keys(stored)) {
    const isGone = !Object.hasOwn(target, name) || target[name] === null
    if (isGone && stored[name] !== null) setOwn(patch, name, null)
  }
  for (const [name, value] of Object.entries(target)) {
    if (value === null) continue
    const present = Object.hasOwn(stored, name) ? stored[name] : undefined
    if (!isObject(value) || !isObject(present)) {
      if (!isDeepStrictEqual(present, value)) setOwn(patch, name, value)
      continue
    }
    const inner = metadataPatch(present, value)
    if (inner !== null) setOwn(patch, name, inner)
  }
  return Object.keys(patch).length > 0 ? patch : null
}

/** Gives an object with another value of a member, in its place; undefined: without it. */
export function withMember(
  object: Metadata,
  name: string,
  value: MetadataValue | undefined,
): Metadata {
  const changed: Record<string, MetadataValue> = { ...object }
  if (value === undefined) delete changed[name]
  else setOwn(changed, name, value)
  return changed
}

/** Assignment would call the setter of a member named `__proto__`. */
function setOwn(target: object, name: string, value: MetadataValue): void {
  const own = { value, enumerable: true, configurable: true, writable: true }
  Object.defineProperty(target, name, own)
}

export function isObject(value: MetadataValue | undefined): value is Metadata {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function checkDepth(value: unknown, depth: number): void {
  if (typeof value !== 'object' || value === null) return
  if (depth > MAX_METADATA_DEPTH) {
    const message = `expected metadata nested at most ${MAX_METADATA_DEPTH} deep, got more`
    throw new AppError('INVALID_METADATA', message)
  }
  for (const member of Object.values(value)) checkDepth(member, depth + 1)
}
