import { AppError } from '../errors.ts'

/** Codes of fastify and its multipart plugin that are the client's doing, and ours for them. */
const OURS = new Map([
  ['FST_ERR_CTP_BODY_TOO_LARGE', 'BODY_TOO_LARGE'],
  ['FST_REQ_FILE_TOO_LARGE', 'BODY_TOO_LARGE'],
  ['FST_PARTS_LIMIT', 'BODY_TOO_LARGE'],
  ['FST_FILES_LIMIT', 'BODY_TOO_LARGE'],
  ['FST_FIELDS_LIMIT', 'BODY_TOO_LARGE'],
  ['FST_ERR_CTP_INVALID_MEDIA_TYPE', 'UNSUPPORTED_MEDIA_TYPE'],
  ['FST_ERR_CTP_INVALID_CONTENT_LENGTH', 'INVALID_REQUEST'],
  ['FST_INVALID_MULTIPART_CONTENT_TYPE', 'UNSUPPORTED_MEDIA_TYPE'],
  ['FST_PROTO_VIOLATION', 'INVALID_REQUEST'],
  ['FST_MP_PREMATURE_CLOSE', 'CANCELLED'],
  ['FST_ERR_BAD_URL', 'INVALID_REQUEST'],
  ['FST_ERR_MAX_PARAM_LENGTH', 'INVALID_ID'],
  ['ECONNRESET', 'CANCELLED'],
] as const)

/** The AppError that an error is or stands for; null for one that nobody expected. */
export function knownError(error: unknown): AppError | null {
  if (error instanceof AppError) return error
  if (!(error instanceof Error)) return null
  const ours = OURS.get((error as { code?: string }).code as never)
  return ours === undefined ? null : new AppError(ours, error.message, { cause: error })
}
