import type { Static } from 'typebox'
import { AppError } from '../errors.ts'
import { statusOf } from './error-status.ts'
import { closed, Type } from './schemas/type.ts'

/** A problem as RFC 9457 has it, with our members. */
export const ProblemSchema = closed(
  {
    type: Type.String(),
    title: Type.String(),
    status: Type.Integer(),
    detail: Type.String(),
    instance: Type.String(),
    code: Type.String({ description: 'What docs/errors.md explains; never reused.' }),
    requestId: Type.String({ description: 'Also in `X-Request-Id` and in the log.' }),
    errors: Type.Optional(
      Type.Array(
        closed({
          path: Type.String({ description: 'JSON pointer into the input.' }),
          message: Type.String(),
        }),
      ),
    ),
  },
  {
    title: 'Problem',
    examples: [
      {
        type: 'urn:lookalike:problem:collection-not-found',
        title: 'Collection not found',
        status: 404,
        detail: 'no collection named "cats"',
        instance: '/v1/collections/cats',
        code: 'COLLECTION_NOT_FOUND',
        requestId: '4f1c0d5e',
      },
    ],
  },
)

export const PROBLEM_MEDIA_TYPE = 'application/problem+json'

export type Problem = Static<typeof ProblemSchema>

/**
 * Gives an error as an answer. An `unexpected` one is to be logged: the answer shows nothing of it, as a
 * failure of ours may name files and addresses.
 *
 * @param url the request's target as sent.
 */
export function problemOf(error: unknown, requestId = '', url = '') {
  const known = knownError(error) ?? new AppError('INTERNAL_ERROR', 'unexpected', { cause: error })
  const status = statusOf(known.code)
  const headers: Record<string, string> = {}
  if (status === 503 || status === 429)
    headers['retry-after'] = String(known.retryAfterSeconds ?? 1)
  if (status === 401) headers['www-authenticate'] = 'Bearer realm="lookalike"'
  const unexpected = status === 500
  const hidden = 'the service failed to answer; its log has the cause under this request id'
  const problem: Problem = {
    type: `urn:lookalike:problem:${known.code.toLowerCase().replaceAll('_', '-')}`,
    title: titleOf(known.code),
    status,
    detail: unexpected ? hidden : known.message,
    instance: url.split('?', 1)[0]!.slice(0, 512),
    code: known.code,
    requestId,
    ...(known.issues.length > 0 && { errors: [...known.issues] }),
  }
  return { problem, headers, unexpected }
}

function titleOf(code: string): string {
  const words = code.toLowerCase().replaceAll('_', ' ')
  return words[0]!.toUpperCase() + words.slice(1)
}

/** Gives our code for each code of fastify that is the client's doing. */
const OURS = new Map([
  ['FST_ERR_CTP_BODY_TOO_LARGE', 'BODY_TOO_LARGE'],
  ['FST_ERR_CTP_INVALID_MEDIA_TYPE', 'UNSUPPORTED_MEDIA_TYPE'],
  ['FST_ERR_CTP_INVALID_CONTENT_LENGTH', 'INVALID_REQUEST'],
  ['FST_ERR_BAD_URL', 'INVALID_REQUEST'],
  ['FST_ERR_MAX_PARAM_LENGTH', 'INVALID_ID'],
  ['ECONNRESET', 'CANCELLED'],
] as const)

/** Gives the AppError that an error is or stands for; null for one that nobody expected. */
export function knownError(error: unknown): AppError | null {
  if (error instanceof AppError) return error
  if (!(error instanceof Error)) return null
  const { code, statusCode = 500 } = error as { code?: string; statusCode?: number }
  const ours = OURS.get(code as never)
  if (ours !== undefined) return new AppError(ours, error.message, { cause: error })
  // Whatever else fastify's plugins call the client's doing; of files, their messages may name the folder.
  if (statusCode === 403 || statusCode === 404) {
    return new AppError('ROUTE_NOT_FOUND', 'no such file', { cause: error })
  }
  if (statusCode >= 400 && statusCode < 500) {
    const message = `expected a request that fits what is there, got one of status ${statusCode}`
    return new AppError('INVALID_REQUEST', message, { cause: error })
  }
  return null
}
