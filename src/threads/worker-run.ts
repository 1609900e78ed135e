import { Worker } from 'node:worker_threads'
import type { FromThread, ToThread } from './call-table.ts'
import type { ThreadOptions } from './thread-options.ts'

/** One run of a thread's script. It has no events any more once it was given up. */
export class WorkerRun {
  readonly worker: Worker
  readonly exited: Promise<void>
  /** The error that ends the worker. */
  cause: Error | undefined
  /** The number of replies that it owes since it was given up. */
  #owed: number | null = null
  /** The facts that it was given last, by kind. */
  readonly #facts = new Map<string, unknown>()
  #hasFlags = false

  constructor(
    { script, worker, firstNotices }: ThreadOptions,
    onMessage: (message: FromThread) => void,
    onExit: (exitCode: number) => void,
  ) {
    this.worker = new Worker(script, worker)
    this.worker.on('message', (message: FromThread) => {
      if (this.#owed === null) onMessage(message)
      else if (message.type === 'replies') this.giveUp(this.#owed - message.replies.length)
    })
    this.worker.on('error', (error) => {
      this.cause = error
    })
    this.worker.on('messageerror', (error) => {
      this.cause = error
      void this.worker.terminate()
    })
    this.exited = new Promise((resolve) => {
      this.worker.once('exit', (exitCode) => {
        if (this.#owed === null) onExit(exitCode)
        resolve()
      })
    })
    for (const notice of firstNotices?.() ?? []) this.worker.postMessage(notice)
  }

  /** Notes a fact that the worker is given. @returns whether it has another, or none, from before. */
  learns(kind: string, value: unknown): boolean {
    if (this.#facts.has(kind) && sameFacts(this.#facts.get(kind), value)) return false
    this.#facts.set(kind, value)
    return true
  }

  /** Gives the worker the stop flags of its calls, unless it has them. */
  giveFlags(words: Int32Array): void {
    if (!this.#hasFlags) this.worker.postMessage({ type: 'flags', words } satisfies ToThread)
    this.#hasFlags = true
  }

  /** Terminates the worker when it has sent this number of replies; until then it keeps no process alive. */
  giveUp(owed: number): void {
    this.#owed = owed
    if (owed > 0) this.worker.unref()
    else void this.worker.terminate()
  }
}

export async function inTime(promise: Promise<void>, withinMs: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(resolve, withinMs, false)
  })
  const isInTime = await Promise.race([promise.then(() => true), late])
  clearTimeout(timer)
  return isInTime
}

/**
 * Tells whether two values state the same facts: plain objects member by member, all else by identity, so that shared memory
 * counts as the same where it is the same memory, whatever is in it by now.
 */
function sameFacts(a: unknown, b: unknown): boolean {
  if (a === b) return true
  if (!isPlain(a) || !isPlain(b)) return false
  const names = Object.keys(a)
  if (names.length !== Object.keys(b).length) return false
  return names.every((name) => name in b && sameFacts(a[name], b[name]))
}

function isPlain(value: unknown): value is Record<string, unknown> {
  return (
    typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype
  )
}
