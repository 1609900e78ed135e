import { CommanderError } from 'commander'
import { AppError, type ErrorCode, messageOf } from '../errors.ts'
import { plainText } from '../text-table.ts'

/** The exit statuses of the process. Scripts stand on these. */
export const EXIT = { done: 0, failed: 1, usage: 2, someRefused: 3 } as const

const USAGE: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'CONFIG_INVALID',
  'INVALID_REQUEST',
  'INVALID_FILTER',
  'INVALID_NAME',
])

/** Writes a line to standard error, so that standard output stays the result. */
export function notify(text: string): void {
  process.stderr.write(`${plainText(text)}\n`)
}

/** Writes the result of a command to standard output, as JSON or as text. */
export function printResult(json: true | undefined, value: unknown, text: () => string): void {
  if (json === true) printJson(value)
  else process.stdout.write(text())
}

export function printJson(value: unknown): void {
  process.stdout.write(`${plainJson(JSON.stringify(value, null, 2))}\n`)
}

/** Escapes in JSON what JSON itself leaves as it is, and a terminal may obey: C1 controls and marks of direction. */
export function plainJson(json: string): string {
  return json.replace(/[\u007f-\u009f\p{Cf}\p{Zl}\p{Zp}]/gu, (character) => {
    const units = Array.from({ length: character.length }, (_, i) => character.charCodeAt(i))
    return units.map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`).join('')
  })
}

/** Runs work that the first Ctrl-C aborts; the second one meets the default, which ends the process. */
export async function interruptible<T>(
  onInterrupt: { readonly notice?: string; readonly reason?: Error },
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const interrupted = new AbortController()
  const stop = () => {
    if (onInterrupt.notice !== undefined) notify(onInterrupt.notice)
    interrupted.abort(onInterrupt.reason)
  }
  process.once('SIGINT', stop)
  try {
    return await work(interrupted.signal)
  } finally {
    process.off('SIGINT', stop)
  }
}

/** Writes the error in one line; its stack too at LOOKALIKE_LOG_LEVEL debug or trace. @returns the exit status. */
export function reportFailure(error: unknown, environment: NodeJS.ProcessEnv): number {
  // commander has written its message by itself; help and version are no failures.
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage
  const message = messageOf(error)
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
