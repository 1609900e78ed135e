import { Worker } from 'node:worker_threads'
import { AppError } from '../../errors.ts'
import type { enlarge } from '../../image/enlarge.ts'
import type { EnlargeJob, EnlargeResult } from './enlarge-messages.ts'

interface Pending {
  resolve(pixels: Uint8Array): void
  reject(error: Error): void
}

const SCRIPT = new URL('./enlarge-worker.js', import.meta.url)

/**
 * Enlarges small pictures off the main thread, in one thread that starts with the first of them and
 * keeps no process alive while it has nothing to do.
 * Whoever calls bounds how many wait.
 */
export class EnlargingThread {
  readonly #script: URL
  readonly #pending = new Map<number, Pending>()
  #worker: Worker | null = null
  #closed = false
  #jobs = 0

  /** @param script of the thread; a test may give one that dies. */
  constructor(script: URL = SCRIPT) {
    this.#script = script
  }

  /** As `enlarge`. @throws THREAD_FAILED when the thread dies, SHUTTING_DOWN after `close`. */
  async enlarge(...parameters: Parameters<typeof enlarge>): Promise<Uint8Array> {
    if (this.#closed) throw shuttingDown()
    this.#worker ??= this.#start()
    const worker = this.#worker
    const job = this.#jobs++
    return await new Promise((resolve, reject) => {
      this.#pending.set(job, { resolve, reject })
      worker.ref()
      worker.postMessage({ job, parameters } satisfies EnlargeJob)
    })
  }

  async close(): Promise<void> {
    this.#closed = true
    const worker = this.#worker
    this.#worker = null
    this.#rejectAll(shuttingDown())
    await worker?.terminate()
  }

  #start(): Worker {
    const worker = new Worker(this.#script)
    worker.on('message', ({ job, pixels }: EnlargeResult) => {
      const pending = this.#pending.get(job)
      this.#pending.delete(job)
      if (this.#pending.size === 0) worker.unref()
      pending?.resolve(pixels)
    })
    worker.on('error', (cause) => this.#lost(worker, cause))
    worker.on('exit', (code) => this.#lost(worker, new Error(`exit status ${code}`)))
    return worker
  }

  /** The next picture starts a new thread. */
  #lost(worker: Worker, cause: unknown): void {
    if (this.#worker !== worker) return
    this.#worker = null
    this.#rejectAll(
      new AppError('THREAD_FAILED', 'the thread that enlarges pictures ended', { cause }),
    )
  }

  #rejectAll(error: AppError): void {
    const waiting = [...this.#pending.values()]
    this.#pending.clear()
    for (const { reject } of waiting) reject(error)
  }
}

function shuttingDown(): AppError {
  return new AppError('SHUTTING_DOWN', 'the decoder is closed')
}
