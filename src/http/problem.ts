import type { InputIssue } from '../errors.ts'
import { AppError } from '../errors.ts'
import { knownError } from './known-error.ts'
import { statusOf } from './status-of.ts'

/** RFC 9457, with our members. */
interface Problem {
  readonly type: string
  readonly title: string
  readonly status: number
  readonly detail: string
  readonly instance: string
  readonly code: string
  readonly requestId: string
  readonly errors?: readonly InputIssue[]
}

export const PROBLEM_MEDIA_TYPE = 'application/problem+json'
const MAX_INSTANCE_LENGTH = 512
const RETRY_AFTER_SECONDS = 1

/** An error as an answer. `unexpected` ones are to be logged: the answer says nothing of them. */
export interface ProblemAnswer {
  readonly problem: Problem
  readonly headers: Readonly<Record<string, string>>
  readonly unexpected: boolean
}

/** @param where `url` is the request's target as sent. */
export function problemOf(
  error: unknown,
  where: { url: string; requestId: string },
): ProblemAnswer {
  const known = knownError(error) ?? new AppError('INTERNAL_ERROR', 'unexpected', { cause: error })
  const status = statusOf(known.code)
  const headers: Record<string, string> = {}
  if (status === 503 || status === 429) {
    headers['retry-after'] = String(known.retryAfterSeconds ?? RETRY_AFTER_SECONDS)
  }
  if (status === 401) headers['www-authenticate'] = 'Bearer realm="lookalike"'
  const problem = {
    type: `urn:lookalike:problem:${known.code.toLowerCase().replaceAll('_', '-')}`,
    title: titleOf(known.code),
    status,
    detail: detailOf(known),
    instance: where.url.split('?', 1)[0]!.slice(0, MAX_INSTANCE_LENGTH),
    code: known.code,
    requestId: where.requestId,
    ...(known.issues.length > 0 ? { errors: known.issues } : {}),
  }
  return { problem, headers, unexpected: status === 500 }
}

/** What a caller may read: a failure of ours may name files and addresses, and stays in the log. */
function detailOf(error: AppError): string {
  return statusOf(error.code) === 500
    ? 'the service failed to answer; its log has the cause under this request id'
    : error.message
}

function titleOf(code: string): string {
  const words = code.toLowerCase().replaceAll('_', ' ')
  return words[0]!.toUpperCase() + words.slice(1)
}
