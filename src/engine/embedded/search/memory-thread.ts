import { type Transferable, Worker } from 'node:worker_threads'
import { AppError } from '../../../errors.ts'
import type { BlockMemory } from '../../../kernels/block-memory.ts'
import { sameFacts } from './same-facts.ts'

/** One call of a library takes far less. */
const END_WITHIN_MS = 10_000

interface Pending<Reply> {
  readonly resolve: (reply: Reply) => void
  readonly reject: (error: Error) => void
}

type Numbered = { readonly number: number }
type Failed = Numbered & { readonly failure: string }

/**
 * A thread that shares the block memory: told of every segment, asked in numbered tasks. When it
 * dies its tasks fail with THREAD_FAILED and it is started again.
 */
export class MemoryThread<Task, Reply extends Numbered> {
  readonly #script: URL
  readonly #workerData: unknown
  readonly #memory: BlockMemory
  readonly #pending = new Map<number, Pending<Reply>>()
  /** What the worker that runs now was told last, by kind. */
  readonly #told = new Map<string, object>()
  #worker: Worker
  #next = 0
  #closed = false
  #ending: Promise<void> | null = null

  constructor(script: URL, workerData: unknown, memory: BlockMemory) {
    this.#script = script
    this.#workerData = workerData
    this.#memory = memory
    this.#worker = this.#start()
    memory.onSegment((segment) => this.#worker.postMessage({ kind: 'segment', memory: segment }))
  }

  /** Tasks that wait or run. */
  get pending(): number {
    return this.#pending.size
  }

  ask(task: Task, transfer: readonly Transferable[] = []): Promise<Reply> {
    if (this.#closed) {
      return Promise.reject(new AppError('SHUTTING_DOWN', 'the search threads are closed'))
    }
    return new Promise((resolve, reject) => {
      const number = this.#next++
      this.#pending.set(number, { resolve, reject })
      this.#worker.postMessage({ kind: 'task', number, task }, transfer)
    })
  }

  /**
   * Tells what the tasks after it rest on, until another message of this kind; nothing where the worker knows. So it
   * keeps what it has made of it, and is not sent the same with each task.
   */
  tell<Message extends { readonly kind: string }>(message: Message): void {
    if (sameFacts(this.#told.get(message.kind), message)) return
    this.#told.set(message.kind, message)
    this.#worker.postMessage(message)
  }

  async close(): Promise<void> {
    this.#closed = true
    await this.#worker.terminate()
  }

  /**
   * As `close`, of a thread that calls a native library and knows the message `end`: terminated inside a call, it would
   * abort the whole process (node-addon-api, `napi_throw`).
   */
  end(): Promise<void> {
    this.#closed = true
    this.#ending ??= this.#end()
    return this.#ending
  }

  async #end(): Promise<void> {
    const worker = this.#worker
    const exited = new Promise((resolve) => worker.once('exit', resolve))
    worker.postMessage({ kind: 'end' })
    const timer = setTimeout(() => void worker.terminate(), END_WITHIN_MS)
    await exited
    clearTimeout(timer)
  }

  #start(): Worker {
    this.#told.clear()
    const worker = new Worker(this.#script, { workerData: this.#workerData })
    let cause: unknown
    worker.on('message', (reply: Reply | Failed) => this.#settle(reply))
    worker.on('error', (error) => {
      cause = error
    })
    worker.on('exit', () => this.#ended(cause))
    return worker
  }

  #settle(reply: Reply | Failed): void {
    const pending = this.#pending.get(reply.number)
    this.#pending.delete(reply.number)
    if ('failure' in reply) pending?.reject(new AppError('THREAD_FAILED', reply.failure))
    else pending?.resolve(reply)
  }

  #ended(cause: unknown): void {
    const error = this.#closed
      ? new AppError('SHUTTING_DOWN', 'the search threads were closed')
      : new AppError('THREAD_FAILED', 'a search thread ended', { cause })
    for (const { reject } of this.#pending.values()) reject(error)
    this.#pending.clear()
    if (this.#closed) return
    this.#worker = this.#start()
    for (const memory of this.#memory.segments) {
      this.#worker.postMessage({ kind: 'segment', memory })
    }
  }
}
