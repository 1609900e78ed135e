import { Worker } from 'node:worker_threads'
import { AppError } from '../../../errors.ts'
import {
  type CallMessage,
  type CallTable,
  type FromThread,
  fromWireError,
  type Reply,
} from './thread-protocol.ts'

export interface ThreadLimits {
  /** Calls that wait for an answer of this thread. */
  readonly maxQueued: number
  /** Payload of those calls. One call alone may exceed it. */
  readonly maxQueuedBytes: number
  readonly openWithinMs: number
  readonly closeWithinMs: number
  /** Told once when the thread ends unasked: every later call will be refused. */
  readonly onFailure: (error: AppError) => void
}

interface Pending {
  readonly bytes: number
  resolve(result: unknown): void
  reject(error: unknown): void
}

interface SendOptions<Wire, Result> {
  /** Of the payload, about. */
  readonly bytes?: number
  readonly transfer?: readonly ArrayBuffer[]
  /** Makes the result from what crossed the threads. */
  readonly read: (wire: Wire) => Result
}

/**
 * The calling side of one thread of the store. Answers settle their calls in the order in which the
 * thread gave them, within one turn and without steps between, so that callers see commits in order.
 */
export class StoreThreadCalls<Calls extends CallTable> {
  readonly #name: string
  readonly #limits: ThreadLimits
  readonly #worker: Worker
  readonly #pending = new Map<number, Pending>()
  readonly #opened: Promise<void>
  readonly #exited: Promise<void>
  #settleOpened: { resolve(): void; reject(error: unknown): void } | null = null
  #whenDrained: (() => void) | null = null
  #nextCall = 0
  #queuedBytes = 0
  /** Why no further call is taken. */
  #refusal: AppError | null = null
  /** Why the thread ended when nobody asked it to. */
  #failure: AppError | null = null
  #closing: Promise<void> | null = null
  #end: 'unexpected' | 'asked' = 'unexpected'

  constructor(file: URL, name: string, path: string, limits: ThreadLimits) {
    this.#name = name
    this.#limits = limits
    this.#worker = new Worker(file, {
      name,
      workerData: { path },
      // Room for the metadata cache at its bounds; a limit, not a reservation.
      // Records are soon dropped: collected often, they leave little behind in the allocator.
      resourceLimits: { maxOldGenerationSizeMb: 4096, maxYoungGenerationSizeMb: 3 },
    })
    this.#opened = new Promise((resolve, reject) => {
      this.#settleOpened = { resolve, reject }
    })
    this.#exited = new Promise((resolve) => {
      this.#worker.once('exit', (status) => {
        if (this.#end === 'unexpected' || this.#pending.size > 0) {
          this.#fail(`it ended with exit status ${status}`, null)
        }
        resolve()
      })
    })
    this.#worker.on('message', (message: FromThread) => this.#receive(message))
    this.#worker.on('error', (cause) => this.#fail(cause.message, cause))
    this.#worker.on('messageerror', (cause) => this.#fail(cause.message, cause))
  }

  /** Resolves once the thread has opened its connection. @throws what it threw, STORE_FAILED. */
  async opened(): Promise<void> {
    const { openWithinMs } = this.#limits
    const timer = setTimeout(
      () => this.#fail(`it did not open within ${openWithinMs / 1000} s`, null),
      openWithinMs,
    )
    try {
      await this.#opened
    } finally {
      clearTimeout(timer)
    }
  }

  call<Kind extends keyof Calls & string, Result>(
    kind: Kind,
    args: Calls[Kind]['args'],
    { bytes = 0, transfer = [], read }: SendOptions<Calls[Kind]['result'], Result>,
  ): Promise<Result> {
    return new Promise<Result>((resolve, reject) => {
      this.#admit(bytes)
      const call = this.#nextCall++
      const message: CallMessage<Calls> = { call, kind, args, bytes }
      this.#worker.postMessage(message, transfer)
      this.#queuedBytes += bytes
      this.#pending.set(call, { bytes, resolve: (wire) => resolve(read(wire)), reject })
    })
  }

  /** From now on calls are rejected with SHUTTING_DOWN; those accepted go on. */
  refuse(): void {
    this.#refusal ??= new AppError(
      'SHUTTING_DOWN',
      'the store is closing and takes no further call',
    )
  }

  /** Finishes the calls that were accepted, then ends the thread. @throws STORE_FAILED. */
  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  /** Ends the thread at once; for one that was never used. */
  async abandon(): Promise<void> {
    this.#end = 'asked'
    await this.#worker.terminate()
  }

  #admit(bytes: number): void {
    if (this.#refusal !== null) throw this.#refusal
    const { maxQueued, maxQueuedBytes } = this.#limits
    const waiting = this.#pending.size
    if (waiting >= maxQueued) {
      throw queueFull(`expected at most ${maxQueued} calls to wait for the ${this.#name}, got more`)
    }
    if (waiting > 0 && this.#queuedBytes + bytes > maxQueuedBytes) {
      throw queueFull(
        `expected at most ${maxQueuedBytes} bytes to wait for the ${this.#name}, got ${this.#queuedBytes + bytes}`,
      )
    }
  }

  #receive(message: FromThread): void {
    if (message.kind === 'ready') {
      this.#settleOpened?.resolve()
    } else if (message.kind === 'refused') {
      this.#end = 'asked'
      this.#settleOpened?.reject(fromWireError(message.error))
    } else {
      for (const reply of message.replies) this.#settle(reply)
      if (this.#pending.size === 0) this.#whenDrained?.()
    }
  }

  #settle(reply: Reply): void {
    const pending = this.#pending.get(reply.call)
    if (pending === undefined) return
    this.#pending.delete(reply.call)
    this.#queuedBytes -= pending.bytes
    try {
      if ('error' in reply) throw fromWireError(reply.error)
      pending.resolve(reply.result)
    } catch (error) {
      pending.reject(error)
    }
  }

  #fail(reason: string, cause: Error | null): void {
    if (this.#failure === null) {
      const message = `the ${this.#name} of the store failed: ${reason}`
      this.#failure = new AppError('STORE_FAILED', message, { cause: cause ?? undefined })
      this.#limits.onFailure(this.#failure)
    }
    this.#refusal = this.#failure
    this.#settleOpened?.reject(this.#failure)
    for (const { reject } of this.#pending.values()) reject(this.#failure)
    this.#pending.clear()
    this.#queuedBytes = 0
    this.#whenDrained?.()
  }

  async #close(): Promise<void> {
    this.refuse()
    const { closeWithinMs } = this.#limits
    const timer = setTimeout(() => {
      this.#fail(`it did not close within ${closeWithinMs / 1000} s`, null)
      void this.#worker.terminate()
    }, closeWithinMs)
    try {
      if (this.#pending.size > 0) {
        await new Promise<void>((resolve) => {
          this.#whenDrained = resolve
        })
      }
      this.#end = 'asked'
      this.#worker.postMessage({ kind: 'close' })
      await this.#exited
    } finally {
      clearTimeout(timer)
    }
    if (this.#failure !== null) throw this.#failure
  }
}

function queueFull(message: string): AppError {
  return new AppError('QUEUE_FULL', message, { retryAfterSeconds: 1 })
}
