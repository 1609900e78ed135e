import { type Logger, pino } from 'pino'

export interface Log {
  readonly logger: Logger
  /** The lines that were dropped because nobody read the log in time. */
  readonly droppedLines: number
  /** Writes what waits, for as long as somebody reads it, then drops the rest: nobody can hold up the stop. */
  close(): Promise<void>
}

/** Milliseconds that a line waits for others: each write is work for the thread that logs, and for the pool that decodes images. */
const GATHERED_MS = 20
/** The characters of lines that wait for no others. */
const GATHERED_LENGTH = 16 * 1024

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
  let gathered = ''
  let timer: NodeJS.Timeout | null = null
  const pass = () => {
    if (timer !== null) clearTimeout(timer)
    timer = null
    const lines = gathered
    gathered = ''
    if (lines !== '' && !closed) destination.write(lines)
  }
  const logger = pino(
    { level },
    {
      write(line) {
        if (closed) {
          dropped++
          return
        }
        gathered += line
        if (gathered.length >= GATHERED_LENGTH) pass()
        else timer ??= setTimeout(pass, GATHERED_MS).unref()
      },
    },
  )
  destination.on('drop', (lines: string) => {
    dropped += countLines(lines)
  })
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
      pass()
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
      pass()
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, closeTimeoutMs)
        destination.once('close', () => {
          clearTimeout(timer)
          resolve()
        })
        destination.end()
      })
      closed = true
      dropped += countLines(gathered)
      destination.destroy()
    },
  }
}

function countLines(text: string): number {
  return text.split('\n').length - 1
}
