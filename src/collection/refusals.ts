import { AppError, type ErrorCode } from '../errors.ts'

/** The codes of errors that concern one image and not the next. */
const REFUSALS: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'FILE_UNREADABLE',
  'INVALID_ID',
  'DUPLICATE_ID',
  'INVALID_METADATA',
  'BODY_TOO_LARGE',
  'TOO_MANY_PIXELS',
  'UNSUPPORTED_MEDIA_TYPE',
  'NOT_AN_IMAGE',
  'UNDECODABLE_IMAGE',
  'NO_USABLE_EMBEDDING',
  'QUALITY_TOO_LOW',
  'URL_REFUSED',
  'URL_FETCH_FAILED',
  'ARCHIVE_ENTRY_REFUSED',
  'PICTURE_MISSING',
])

/** Tells whether an error refuses one image of many; all others end the work on the rest too. */
export function isRefusal(error: unknown): error is AppError {
  return error instanceof AppError && REFUSALS.has(error.code)
}
