import { AppError, type ErrorCode, type InputIssue } from '../errors.ts'

/** An error as plain data: classes do not survive the way between threads. */
export interface SentError {
  /** Null for an unexpected error. */
  readonly code: ErrorCode | null
  readonly message: string
  readonly issues: readonly InputIssue[]
  readonly retryAfterSeconds: number | null
  readonly stack: string | null
  readonly cause: string | null
}

export function sentError(error: unknown): SentError {
  const isCoded = error instanceof AppError
  const { message, stack, cause } =
    error instanceof Error ? error : { message: String(error), stack: null, cause: undefined }
  return {
    code: isCoded ? error.code : null,
    message,
    issues: isCoded ? error.issues : [],
    retryAfterSeconds: isCoded ? (error.retryAfterSeconds ?? null) : null,
    stack: isCoded ? null : (stack ?? null),
    cause: cause === undefined ? null : reasonOf(cause),
  }
}

/** An AppError where the sent one had a code; else an Error with the stack of the other thread. */
export function receivedError(sent: SentError): Error {
  const { code, message, issues, retryAfterSeconds, stack } = sent
  const cause = sent.cause === null ? undefined : new Error(sent.cause)
  if (code !== null) {
    const again = retryAfterSeconds === null ? {} : { retryAfterSeconds }
    return new AppError(code, message, { issues, cause, ...again })
  }
  const error = new Error(message, cause && { cause })
  if (stack !== null) error.stack = stack
  return error
}

/** The error itself where it has a code; else one with `code`, whose message begins with `doing`. */
export function codedError(error: unknown, code: ErrorCode, doing: string): AppError {
  if (error instanceof AppError) return error
  const reason = reasonOf(error)
  return new AppError(code, `${doing}: ${reason}`, { cause: new Error(reason) })
}

/** The message, with the code that errors of Node and SQLite have. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const code = 'code' in error ? ` (${String(error.code)})` : ''
  return `${error.message}${code}`
}
