import { shown } from '../../errors.ts'
import { invalidRequest } from '../schema-check.ts'
import type { Part } from './multipart-body.ts'

/** Date and time with a zone: without one it would be that of the machine. */
const ISO_8601 = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)$/

/**
 * Reads the time at which a record expires, in milliseconds since 1970; of none it gives no member.
 * @param at where it stands in the request.
 */
export function expiryOf(text: string | undefined, at: string): { readonly expiresAt?: number } {
  if (text === undefined) return {}
  const expiresAt = ISO_8601.test(text) ? Date.parse(text) : Number.NaN
  if (Number.isFinite(expiresAt)) return { expiresAt }
  throw invalidRequest(
    `${at}: expected a date and time in ISO 8601 with a zone, such as 2030-12-31T23:59:59Z, got ${shown(text)}`,
  )
}

/** Reads the part `expiresAt` of a form. */
export function expiryPart(form: readonly Part[]): { readonly expiresAt?: number } {
  const bytes = form.find(({ name }) => name === 'expiresAt')?.bytes
  return expiryOf(bytes && Buffer.from(bytes).toString(), '/expiresAt')
}
