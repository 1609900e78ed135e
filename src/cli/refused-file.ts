import { AppError, type ErrorCode } from '../errors.ts'

/** An image that was refused, as commands report it. */
export interface RefusedFile {
  readonly file: string
  readonly code: ErrorCode
  readonly detail: string
}

/** What is wrong with one image and says nothing about the next. All else ends the work. */
const REFUSALS: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'FILE_UNREADABLE',
  'INVALID_ID',
  'INVALID_METADATA',
  'BODY_TOO_LARGE',
  'TOO_MANY_PIXELS',
  'UNSUPPORTED_MEDIA_TYPE',
  'NOT_AN_IMAGE',
  'UNDECODABLE_IMAGE',
  'NO_USABLE_EMBEDDING',
])

/** The refusal of `file` that an error is. @throws the error itself when it is none. */
export function refusalOf(file: string, error: unknown): RefusedFile {
  if (!(error instanceof AppError && REFUSALS.has(error.code))) throw error
  return { file, code: error.code, detail: error.message }
}

export function refusalLine({ file, code, detail }: RefusedFile): string {
  return `refused ${file}: ${detail} (${code})`
}
