import { MAX_K } from '../collection/requests.ts'
import { DEFAULT_FILTER_CONDITIONS } from '../engine/filter.ts'
import { invalidRequest } from './schema-check.ts'

/** What one query may ask for. */
export interface QueryLimits {
  /** The largest k, at most MAX_K. */
  readonly maxK: number
  /** The most conditions and values of a filter. */
  readonly maxFilterConditions: number
}

export const DEFAULT_QUERY_LIMITS: QueryLimits = {
  maxK: MAX_K,
  maxFilterConditions: DEFAULT_FILTER_CONDITIONS,
}

/** Reads the body of a call. @throws INVALID_REQUEST and the like. */
export type BodyReader<T> = (body: Uint8Array, limits: QueryLimits) => T

/** @throws INVALID_REQUEST for a k that this service does not answer. */
export function checkK(k: number | undefined, { maxK }: QueryLimits): void {
  if (k === undefined || k <= maxK) return
  throw invalidRequest(`/k: expected an integer of 1 to ${maxK} (LOOKALIKE_MAX_K), got ${k}`)
}
