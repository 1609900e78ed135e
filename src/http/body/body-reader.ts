import { Worker } from 'node:worker_threads'
import { AppError } from '../../errors.ts'
import { BODY_READERS, type BodyKind, type BodyOf } from './body-readers.ts'
import type { BodyJob, BodyResult } from './body-thread-messages.ts'

interface Pending {
  readonly resolve: (value: never) => void
  readonly reject: (error: Error) => void
}

/**
 * Reads JSON bodies without holding up the event loop: small ones in place, others in one worker thread
 * that starts with the first of them.
 */
export class BodyReader {
  readonly #inPlaceBytes: number
  readonly #maxPending: number
  readonly #pending = new Map<number, Pending>()
  #worker: Worker | null = null
  #state: 'open' | 'closed' = 'open'
  #jobs = 0

  /** Defaults: 64 KiB read in place (a few milliseconds), 64 bodies waiting. */
  constructor(options: { inPlaceBytes?: number; maxPending?: number } = {}) {
    this.#inPlaceBytes = options.inPlaceBytes ?? 64 * 1024
    this.#maxPending = options.maxPending ?? 64
  }

  /**
   * @param body given away: its memory may move to the thread.
   * @throws what the reader of `kind` throws; QUEUE_FULL, THREAD_FAILED, SHUTTING_DOWN after close.
   */
  async read<K extends BodyKind>(kind: K, body: Uint8Array): Promise<BodyOf<K>> {
    if (body.byteLength <= this.#inPlaceBytes) return BODY_READERS[kind](body) as BodyOf<K>
    if (this.#state === 'closed') throw new AppError('SHUTTING_DOWN', 'the service is stopping')
    if (this.#pending.size >= this.#maxPending) {
      throw new AppError('QUEUE_FULL', `${this.#maxPending} large bodies already wait`, {
        retryAfterSeconds: 1,
      })
    }
    const job = this.#jobs++
    const owned = ownMemory(body)
    this.#worker ??= this.#start()
    const worker = this.#worker
    return await new Promise<BodyOf<K>>((resolve, reject) => {
      this.#pending.set(job, { resolve, reject })
      worker.postMessage({ job, kind, body: owned } satisfies BodyJob, [owned.buffer])
    })
  }

  async close(): Promise<void> {
    this.#state = 'closed'
    const worker = this.#worker
    this.#worker = null
    await worker?.terminate()
    this.#rejectAll(new AppError('SHUTTING_DOWN', 'the service is stopping'))
  }

  #start(): Worker {
    const worker = new Worker(new URL('./body-worker.js', import.meta.url))
    worker.on('message', (result: BodyResult) => this.#settle(result))
    worker.on('error', (cause) => this.#lost(worker, cause))
    worker.on('exit', (code) => this.#lost(worker, new Error(`exit status ${code}`)))
    return worker
  }

  /** The next body starts a new thread. */
  #lost(worker: Worker, cause: unknown): void {
    if (this.#worker !== worker) return
    this.#worker = null
    this.#rejectAll(new AppError('THREAD_FAILED', 'the body thread ended', { cause }))
  }

  #settle(result: BodyResult): void {
    const pending = this.#pending.get(result.job)
    if (pending === undefined) return
    this.#pending.delete(result.job)
    if (result.kind === 'read') pending.resolve(result.value as never)
    else if (result.kind === 'refused') {
      pending.reject(new AppError(result.code, result.message, { issues: result.issues }))
    } else {
      pending.reject(new AppError('THREAD_FAILED', `the body thread failed: ${result.message}`))
    }
  }

  #rejectAll(error: AppError): void {
    const waiting = [...this.#pending.values()]
    this.#pending.clear()
    for (const { reject } of waiting) reject(error)
  }
}

/** Bytes in memory of their own: a part of Node's shared buffer pool cannot be moved. */
function ownMemory(body: Uint8Array): Uint8Array<ArrayBuffer> {
  return body.byteLength === body.buffer.byteLength
    ? (body as Uint8Array<ArrayBuffer>)
    : Uint8Array.from(body)
}
