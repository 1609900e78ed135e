import { plainText } from '../text-table.ts'

/** Writes a line to standard error, so that standard output stays the result. */
export function notify(text: string): void {
  process.stderr.write(`${plainText(text)}\n`)
}

/** Writes the result of a command to standard output: as JSON if that was asked for, else as text. */
export function printResult(json: true | undefined, value: unknown, text: () => string): void {
  if (json === true) printJson(value)
  else process.stdout.write(text())
}

export function printJson(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value, null, 2)}\n`)
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
