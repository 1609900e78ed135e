import { AppError, type ErrorCode, type InputIssue } from '../errors.ts'

/** An error as plain data: classes do not survive the way between threads. */
export interface SentError {
  /** Null for an unexpected error. */
  readonly code: ErrorCode | null
  readonly message: string
  readonly issues: readonly InputIssue[]
  readonly retryAfterSeconds: number | null
  readonly cause: string | null
  /** The stack of an unexpected error, and the code that Node or SQLite gave it. */
  readonly stack: string | null
  readonly systemCode: string | null
}

export function sentError(error: unknown): SentError {
  if (!(error instanceof Error)) return { ...UNKNOWN, message: String(error) }
  const { message } = error
  const cause = error.cause === undefined ? null : reasonOf(error.cause)
  if (error instanceof AppError) {
    const { code, issues, retryAfterSeconds = null } = error
    return { ...UNKNOWN, code, message, issues, retryAfterSeconds, cause }
  }
  const systemCode = 'code' in error ? String(error.code) : null
  return { ...UNKNOWN, message, cause, stack: error.stack ?? null, systemCode }
}

const UNKNOWN: Omit<SentError, 'message'> = {
  code: null,
  issues: [],
  retryAfterSeconds: null,
  cause: null,
  stack: null,
  systemCode: null,
}

/** An AppError where the sent one was; else an Error with the stack of the other thread. */
export function receivedError(sent: SentError): Error {
  const { code, message, issues, retryAfterSeconds, stack, systemCode } = sent
  const cause = sent.cause === null ? {} : { cause: new Error(sent.cause) }
  if (code !== null) {
    const again = retryAfterSeconds === null ? {} : { retryAfterSeconds }
    return new AppError(code, message, { issues, ...cause, ...again })
  }
  const error = new Error(message, cause)
  if (stack !== null) error.stack = stack
  return systemCode === null ? error : Object.assign(error, { code: systemCode })
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
