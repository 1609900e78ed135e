import { AppError } from '../../errors.ts'
import type { SentError } from './thread-messages.ts'

/** Threads copy an error without its code. */
export function sentError(error: unknown): SentError {
  if (error instanceof AppError) {
    const { code, message, issues } = error
    return { code, message, issues }
  }
  const message = error instanceof Error ? (error.stack ?? error.message) : String(error)
  return { code: null, message, issues: [] }
}

export function receivedError({ code, message, issues }: SentError): Error {
  return code === null ? new Error(message) : new AppError(code, message, { issues })
}
