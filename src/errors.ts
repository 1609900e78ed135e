/** Every code a caller can meet. docs/errors.md says what each means; a code is never reused. */
export type ErrorCode =
  | 'INVALID_REQUEST'
  | 'INVALID_ID'
  | 'INVALID_NAME'
  | 'INVALID_METADATA'
  | 'INVALID_NUMBER'
  | 'INVALID_FILTER'
  | 'INVALID_CURSOR'
  | 'INVALID_VECTOR'
  | 'DIMENSION_MISMATCH'
  | 'DUPLICATE_ID'
  | 'URL_FETCH_OFF'
  | 'URL_REFUSED'
  | 'IMPORT_OFF'
  | 'IMPORT_FOLDER_REFUSED'
  | 'ARCHIVE_INVALID'
  | 'ARCHIVE_ENTRY_REFUSED'
  | 'URL_FETCH_FAILED'
  | 'UNAUTHENTICATED'
  | 'FORBIDDEN'
  | 'RATE_LIMITED'
  | 'QUOTA_EXCEEDED'
  | 'ROUTE_NOT_FOUND'
  | 'COLLECTION_NOT_FOUND'
  | 'RECORD_NOT_FOUND'
  | 'CONTENT_NOT_FOUND'
  | 'MODEL_NOT_FOUND'
  | 'EXAMPLES_NOT_FOUND'
  | 'JOB_NOT_FOUND'
  | 'GENERATION_NOT_FOUND'
  | 'GENERATION_IN_FORCE'
  | 'REEMBED_REFUSED'
  | 'REEMBED_INCOMPLETE'
  | 'REEMBED_DIFFERS'
  | 'PICTURE_MISSING'
  | 'JOB_INTERRUPTED'
  | 'METHOD_NOT_ALLOWED'
  | 'RANGE_NOT_SATISFIABLE'
  | 'REQUEST_TIMEOUT'
  | 'DEADLINE_EXCEEDED'
  | 'COLLECTION_DIFFERS'
  | 'TOO_MANY_COLLECTIONS'
  | 'COLLECTION_WITHOUT_MODEL'
  | 'COLLECTION_WITHOUT_IDENTITIES'
  | 'COLLECTIONS_NOT_COMPARABLE'
  | 'IDENTITY_NOT_FOUND'
  | 'IDENTITY_TOO_LARGE'
  | 'IDENTITY_EXISTS'
  | 'IDENTITIES_DIFFER'
  | 'CHANGE_NOT_FOUND'
  | 'CHANGE_OVERTAKEN'
  | 'CALIBRATION_NOT_FOUND'
  | 'CALIBRATION_OUTDATED'
  | 'MAP_NOT_FOUND'
  | 'MAP_OUTDATED'
  | 'MAP_IMPOSSIBLE'
  | 'BODY_TOO_LARGE'
  | 'HEADERS_TOO_LARGE'
  | 'TOO_MANY_PIXELS'
  | 'UNSUPPORTED_MEDIA_TYPE'
  | 'NOT_AN_IMAGE'
  | 'UNDECODABLE_IMAGE'
  | 'QUALITY_TOO_LOW'
  | 'NO_USABLE_EMBEDDING'
  | 'QUEUE_FULL'
  | 'NOT_READY'
  | 'SHUTTING_DOWN'
  | 'CANCELLED'
  | 'OUT_OF_MEMORY'
  | 'STORE_FAILED'
  | 'DISK_FULL'
  | 'THREAD_FAILED'
  | 'DATA_FOLDER_LOCKED'
  | 'DATA_FOLDER_UNUSABLE'
  | 'LOG_MISSING'
  | 'CONFIG_INVALID'
  | 'MODEL_INVALID'
  | 'PROVIDER_UNAVAILABLE'
  | 'PROCESSOR_UNSUPPORTED'
  | 'ONNX_INVALID'
  | 'TRAINING_INVALID'
  | 'PREPROCESSING_UNSUPPORTED'
  | 'MODEL_EXISTS'
  | 'DOWNLOAD_FAILED'
  | 'CHECKSUM_MISMATCH'
  | 'EXPORT_DIFFERS'
  | 'SERVICE_UNREACHABLE'
  | 'FILE_UNREADABLE'
  | 'NOTHING_TO_EVALUATE'
  | 'MODEL_IN_USE'
  | 'INTERNAL_ERROR'
  | 'NOT_A_METRIC'
  | 'INDEX_INVALID'
  | 'INDEX_CHANGED'

/** One thing wrong with an input, and where: `path` is a JSON pointer into it. */
export interface InputIssue {
  readonly path: string
  readonly message: string
}

/** An error with a code. The message names the value received and the value wanted. */
export class AppError extends Error {
  readonly code: ErrorCode
  readonly issues: readonly InputIssue[]
  /** Seconds after which a retry may succeed; only for codes that say "not now". */
  readonly retryAfterSeconds: number | undefined

  constructor(
    code: ErrorCode,
    message: string,
    options: { cause?: unknown; issues?: readonly InputIssue[]; retryAfterSeconds?: number } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'AppError'
    this.code = code
    this.issues = options.issues ?? []
    this.retryAfterSeconds = options.retryAfterSeconds
  }
}

/** Gives the message of what was thrown, whatever it is. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown)
}

/** A value cut to a length that is fit for a message. */
export function shown(value: unknown, limit = 60): string {
  const text = typeof value === 'string' ? JSON.stringify(value) : String(value)
  return text.length <= limit ? text : `${text.slice(0, limit)}… (${text.length} characters)`
}
