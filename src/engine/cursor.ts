import { createHash } from 'node:crypto'
import { AppError, shown } from '../errors.ts'
import type { IdentityValue } from './identity-value.ts'

/** A place in the order of answers: by distance, then id. */
export interface Position {
  readonly distance: number
  readonly id: string
}

interface SearchCursor extends Position {
  /** The number of matches of `k` that are still to come; null when only a radius was given. */
  readonly left: number | null
}

/** Makes a short name of a request, so that a cursor is only used with the request it came from. */
export function requestHash(parts: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('base64url').slice(0, 16)
}

/** Makes a short name of a search, for as long as the process runs: quicker than `requestHash`, as its numbers stay bytes. */
export function searchName(vector: Float32Array, parts: readonly unknown[]): string {
  const bytes = new Uint8Array(vector.buffer, vector.byteOffset, vector.byteLength)
  return createHash('sha256').update(bytes).update(JSON.stringify(parts)).digest('base64url')
}

export function writeSearchCursor(cursor: SearchCursor, request: string): string {
  return encode([request, cursor.distance, cursor.id, cursor.left])
}

/** @throws INVALID_CURSOR for text that no answer gave, or that belongs to another request. */
export function readSearchCursor(text: string, request: string): SearchCursor {
  const [from, distance, id, left] = decode(text)
  const whole = left === null || (typeof left === 'number' && Number.isInteger(left) && left > 0)
  if (typeof distance !== 'number' || !(distance >= 0) || typeof id !== 'string' || !whole) {
    throw invalid(text)
  }
  checkRequest(from, request)
  return { distance, id, left }
}

/** Writes a place in a list of identities that belongs to one request. */
export function writeIdentityCursor(place: IdentityValue, request: string): string {
  return encode([request, place])
}

/** Reads the place after which the list goes on. @throws as `readSearchCursor`. */
export function readIdentityCursor(text: string, request: string): IdentityValue {
  const [from, place] = decode(text)
  if (!['string', 'number', 'boolean'].includes(typeof place)) throw invalid(text)
  checkRequest(from, request)
  return place as IdentityValue
}

export function writePageCursor(id: string): string {
  return encode([id])
}

/** Reads the id after which a page begins. @throws INVALID_CURSOR. */
export function readPageCursor(text: string): string {
  const [id] = decode(text)
  if (typeof id !== 'string') throw invalid(text)
  return id
}

/** Writes the place of a walk in id order that belongs to one request. */
export function writeWalkCursor(id: string, request: string): string {
  return encode([request, id])
}

/** Reads the id after which the walk resumes. @throws as `readSearchCursor`. */
export function readWalkCursor(text: string, request: string): string {
  const [from, id] = decode(text)
  if (typeof id !== 'string') throw invalid(text)
  checkRequest(from, request)
  return id
}

function checkRequest(from: unknown, request: string): void {
  if (from === request) return
  const message = 'the cursor belongs to another request: repeat the request it came from'
  throw new AppError('INVALID_CURSOR', message)
}

function encode(parts: readonly unknown[]): string {
  return Buffer.from(JSON.stringify(parts)).toString('base64url')
}

function decode(text: string): unknown[] {
  try {
    const parts: unknown = JSON.parse(Buffer.from(text, 'base64url').toString())
    if (Array.isArray(parts)) return parts
  } catch {
    // Thrown below: whatever is wrong with it, it is no cursor.
  }
  throw invalid(text)
}

function invalid(text: string): AppError {
  const message = `expected a cursor from an earlier answer, got ${shown(text)}`
  return new AppError('INVALID_CURSOR', message)
}
