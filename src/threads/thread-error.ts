import { AppError, type ErrorCode } from '../errors.ts'

/** An error as plain data: classes do not survive the way between threads. */
export interface SentError {
  readonly message: string
  readonly cause?: string | undefined
  /** The members of an AppError. */
  readonly coded?: Pick<AppError, 'code' | 'issues' | 'retryAfterSeconds'>
  /** The stack of any other error, and the code that Node or SQLite gave it. */
  readonly stack?: string | undefined
  readonly systemCode?: string
}

export function sentError(error: unknown): SentError {
  if (!(error instanceof Error)) return { message: String(error) }
  const { message, stack } = error
  const cause = error.cause === undefined ? undefined : reasonOf(error.cause)
  if (error instanceof AppError) {
    const { code, issues, retryAfterSeconds } = error
    return { message, cause, coded: { code, issues, retryAfterSeconds } }
  }
  const systemCode = 'code' in error ? { systemCode: String(error.code) } : {}
  return { message, cause, stack, ...systemCode }
}

/** Makes an AppError where the sent one was; else an Error with the stack of the other thread. */
export function receivedError({ message, cause, coded, stack, systemCode }: SentError): Error {
  const because = cause === undefined ? {} : { cause: new Error(cause) }
  if (coded !== undefined) {
    const { code, issues, retryAfterSeconds } = coded
    const again = retryAfterSeconds === undefined ? {} : { retryAfterSeconds }
    return new AppError(code, message, { issues, ...because, ...again })
  }
  const error = new Error(message, because)
  if (stack !== undefined) error.stack = stack
  return systemCode === undefined ? error : Object.assign(error, { code: systemCode })
}

/** Gives the error itself where it is coded; else one with `code`, whose message begins with `doing`. */
export function codedError(error: unknown, code: ErrorCode, doing: string): AppError {
  if (error instanceof AppError) return error
  const reason = reasonOf(error)
  return new AppError(code, `${doing}: ${reason}`, { cause: new Error(reason) })
}

/** Gives the message, with the code that errors of Node and SQLite have. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const code = 'code' in error ? ` (${String(error.code)})` : ''
  return `${error.message}${code}`
}
