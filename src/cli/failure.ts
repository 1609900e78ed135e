import { CommanderError } from 'commander'
import { AppError, type ErrorCode } from '../errors.ts'
import { plainText } from '../text-table.ts'

/** What the process exits with. Scripts stand on these. */
export const EXIT = { done: 0, failed: 1, usage: 2, someRefused: 3 } as const

const USAGE: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'CONFIG_INVALID',
  'INVALID_REQUEST',
  'INVALID_FILTER',
  'INVALID_NAME',
])

/**
 * Says on standard error what went wrong, in one line with the code; the stack only at
 * LOOKALIKE_LOG_LEVEL debug or trace.
 * @returns the exit status.
 */
export function reportFailure(error: unknown, environment: NodeJS.ProcessEnv): number {
  // commander has written its message by itself; help and version are no failures.
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage
  const message = error instanceof Error ? error.message : String(error)
  const code = error instanceof AppError ? ` (${error.code})` : ''
  process.stderr.write(`lookalike: ${plainText(message)}${code}\n`)
  const wantsStack = ['debug', 'trace'].includes(environment.LOOKALIKE_LOG_LEVEL ?? '')
  if (wantsStack) process.stderr.write(`${stackOf(error)}\n`)
  return error instanceof AppError && USAGE.has(error.code) ? EXIT.usage : EXIT.failed
}

function stackOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const cause = error.cause === undefined ? '' : `\ncaused by: ${stackOf(error.cause)}`
  return `${error.stack ?? error.message}${cause}`
}
