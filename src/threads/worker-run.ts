import { type Transferable, Worker } from 'node:worker_threads'
import { type CallTable, type FromThread, START, type ToThread } from './call-table.ts'
import { sameFacts } from './same-facts.ts'
import { receivedError } from './thread-error.ts'
import type { ThreadEnd, ThreadOptions } from './thread-options.ts'

interface RunEvents {
  readonly onMessage: (message: FromThread) => void
  /** The worker has exited. @param cause the error that ended it. */
  readonly onExit: (exitCode: number, cause: Error | undefined) => void
}

/** Milliseconds after which a terminated worker is not waited for any more. */
const EXIT_WITHIN_MS = 5000

/** One run of a thread's script. It has no events any more once it was given up. */
export class WorkerRun {
  /** Resolves when the worker has exited. */
  readonly exited: Promise<void>
  readonly #worker: Worker
  /** The facts that the worker was given last, by kind. */
  readonly #facts = new Map<string, unknown>()
  /** The replies that a worker owes which was given up; null before. */
  #owed: number | null = null
  #isLeftBehind = false
  #cause: Error | undefined

  constructor({ script, worker, firstNotices }: ThreadOptions, events: RunEvents) {
    this.#worker = new Worker(script, worker)
    this.#worker.on('message', (message: FromThread) => {
      if (this.#owed !== null) this.#receiveLate(message)
      else {
        this.#cause ??= startError(message)
        events.onMessage(message)
      }
    })
    this.#worker.on('error', (error) => {
      this.#cause = error
    })
    this.#worker.on('messageerror', (error) => {
      this.#cause = error
      void this.#worker.terminate()
    })
    this.exited = new Promise((resolve) => {
      this.#worker.once('exit', (exitCode) => {
        if (this.#owed === null) events.onExit(exitCode, this.#cause)
        resolve()
      })
    })
    for (const notice of firstNotices?.() ?? []) this.post(notice)
  }

  post<Calls extends CallTable>(
    message: ToThread<Calls>,
    transfer: readonly Transferable[] = [],
  ): void {
    this.#worker.postMessage(message, transfer)
  }

  /** Sends a notice, unless the last of its kind had the same value. */
  provide(kind: string, value: unknown): void {
    if (this.#facts.has(kind) && sameFacts(this.#facts.get(kind), value)) return
    this.#facts.set(kind, value)
    this.post({ type: 'notice', kind, value })
  }

  keepProcessAlive(wanted: boolean): void {
    if (wanted) this.#worker.ref()
    else this.#worker.unref()
  }

  async terminate(): Promise<void> {
    await this.#worker.terminate()
  }

  /** Terminates the worker; one to `leave behind` that owes replies only when it has sent them. */
  giveUp(owed: number, late: ThreadEnd['late'] | undefined): void {
    this.#owed = owed
    this.#isLeftBehind = late === 'leave behind' && owed > 0
    if (this.#isLeftBehind) this.#worker.unref()
    else void this.#worker.terminate()
  }

  /** Waits for the exit of a worker that was given up: not for ever, and not at all for one that was left behind. */
  async gone(): Promise<void> {
    if (!this.#isLeftBehind) await inTime(this.exited, EXIT_WITHIN_MS)
  }

  #receiveLate(message: FromThread): void {
    if (message.type === 'replies') this.#owed! -= message.replies.length
    if (this.#owed! <= 0) void this.#worker.terminate()
  }
}

/** Whether it resolves within these milliseconds. */
export async function inTime(promise: Promise<void>, withinMs: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(resolve, withinMs, false)
  })
  try {
    return await Promise.race([promise.then(() => true), late])
  } finally {
    clearTimeout(timer)
  }
}

/** A script that throws at its start sends the error, and ends. */
function startError(message: FromThread): Error | undefined {
  const [reply] = message.type === 'replies' ? message.replies : []
  return reply?.call === START && 'error' in reply ? receivedError(reply.error) : undefined
}
