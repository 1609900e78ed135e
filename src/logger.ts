import { type Logger, pino } from 'pino'

export interface Log {
  readonly logger: Logger
  /** The lines that were dropped because nobody read the log in time. */
  readonly droppedLines: number
  /** Writes what waits, for as long as somebody reads it, then drops the rest: nobody can hold up the stop. */
  close(): Promise<void>
}

interface LogOptions {
  readonly level: string
  /** A file descriptor that does not block. */
  readonly fd?: number
  /** The bytes that wait for a reader; a line beyond them is dropped. */
  readonly maxWaitingBytes?: number
  /** Milliseconds that `close`, and the end of the process, wait for the reader. */
  readonly closeTimeoutMs?: number
}

/** Opens the log: JSON lines on standard output. Once it is read again it says how many lines were dropped. */
export function openLog({
  level,
  // Node makes a pipe non-blocking when it first looks at this; a blocking one would hold a thread, and the exit.
  fd = process.stdout.fd,
  maxWaitingBytes = 4 * 1024 * 1024,
  closeTimeoutMs = 2000,
}: LogOptions): Log {
  let dropped = 0
  let told = 0
  let closed = false
  let giveUpAt = Number.POSITIVE_INFINITY
  const retryEAGAIN = () => performance.now() < giveUpAt
  const destination = pino.destination({
    dest: fd,
    sync: false,
    maxLength: maxWaitingBytes,
    retryEAGAIN,
  })
  const logger = pino(
    { level },
    {
      write(line) {
        if (closed) dropped++
        else destination.write(line)
      },
    },
  )
  destination.on('drop', () => dropped++)
  // A reader that went away, and one that was given up: there is nowhere left to say so.
  destination.on('error', () => undefined)
  destination.on('drain', () => {
    if (dropped === told) return
    const lines = dropped - told
    told = dropped
    logger.warn({ lines }, 'log lines dropped')
  })
  // Before pino's own listener, which would write for ever.
  const exiting = () => {
    giveUpAt = performance.now() + closeTimeoutMs
    try {
      destination.flushSync()
    } catch {}
    closed = true
    destination.destroy()
  }
  process.prependListener('exit', exiting)

  return {
    logger,
    get droppedLines() {
      return dropped
    },
    async close() {
      process.off('exit', exiting)
      giveUpAt = performance.now() + closeTimeoutMs
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, closeTimeoutMs)
        destination.once('close', () => {
          clearTimeout(timer)
          resolve()
        })
        destination.end()
      })
      closed = true
      destination.destroy()
    },
  }
}
