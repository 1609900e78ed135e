import { Worker } from 'node:worker_threads'
import { AppError } from '../../errors.ts'
import { mergeAnswers } from '../../index/merge-answers.ts'
import type { VectorAnswer, VectorIndex, VectorQuery } from '../../index/vector-index.ts'
import type { BlockMemory } from '../../kernels/block-memory.ts'
import type { RowsView, VectorRows } from '../../kernels/vector-rows.ts'
import type { SpaceKind } from '../../vector/space.ts'
import type { FromThread, ThreadData, ToThread } from './protocol.ts'

interface Options {
  readonly memory: BlockMemory
  /** The compiled kernels. */
  readonly module: WebAssembly.Module
  /** 1 to 64. */
  readonly threads: number
  /** Searches that may be under way or wait at once. */
  readonly maxQueued?: number
  /** Vector components above which a scan is split between the threads. */
  readonly splitAbove?: number
}

interface Pending {
  readonly resolve: (answer: VectorAnswer) => void
  readonly reject: (error: Error) => void
}

interface Thread {
  readonly worker: Worker
  readonly pending: Map<number, Pending>
}

const DEFAULTS = { maxQueued: 512, splitAbove: 4_000_000 } as const

/** Threads that scan shared memory. A query over many rows is split between all of them. */
export class SearchThreads {
  readonly #options: Required<Options>
  readonly #threads: Thread[] = []
  #nextTask = 0
  #searches = 0
  #closed = false

  constructor(options: Options) {
    this.#options = { ...DEFAULTS, ...options }
    for (let i = 0; i < options.threads; i++) this.#threads.push(this.#start(i))
    options.memory.onSegment((memory) => {
      for (const thread of this.#threads) post(thread, { kind: 'segment', memory })
    })
  }

  index(rows: VectorRows, space: SpaceKind): VectorIndex {
    return {
      space,
      dimensions: rows.layout.dimensions,
      search: (query, signal) => this.#search(rows.view(), space, query, signal),
    }
  }

  async close(): Promise<void> {
    this.#closed = true
    await Promise.all(this.#threads.map(({ worker }) => worker.terminate()))
  }

  async #search(
    rows: RowsView,
    space: SpaceKind,
    query: VectorQuery,
    signal?: AbortSignal,
  ): Promise<VectorAnswer> {
    if (this.#closed) throw new AppError('SHUTTING_DOWN', 'the search threads are closed')
    signal?.throwIfAborted()
    if (this.#searches >= this.#options.maxQueued) {
      throw new AppError('QUEUE_FULL', `${this.#options.maxQueued} searches already wait`, {
        retryAfterSeconds: 1,
      })
    }
    this.#searches++
    try {
      const parts = await Promise.all(this.#split(rows, space, query))
      return mergeAnswers(parts, query.k, query.from)
    } finally {
      this.#searches--
    }
  }

  #split(rows: RowsView, space: SpaceKind, query: VectorQuery): Promise<VectorAnswer>[] {
    const blocks = Math.ceil(rows.count / rows.layout.rowsPerBlock)
    const work = rows.count * rows.layout.floats
    const parts = work < this.#options.splitAbove ? 1 : Math.min(this.#threads.length, blocks)
    const idle = [...this.#threads].sort((a, b) => a.pending.size - b.pending.size)
    return Array.from({ length: parts }, (_, i) => {
      const range = {
        first: Math.floor((blocks * i) / parts),
        end: Math.floor((blocks * (i + 1)) / parts),
      }
      return this.#run(idle[i]!, { rows, space, query, range })
    })
  }

  #run(
    thread: Thread,
    work: Omit<Extract<ToThread, { kind: 'search' }>, 'kind' | 'task'>,
  ): Promise<VectorAnswer> {
    return new Promise((resolve, reject) => {
      const task = this.#nextTask++
      thread.pending.set(task, { resolve, reject })
      post(thread, { kind: 'search', task, ...work })
    })
  }

  #start(number: number): Thread {
    const data: ThreadData = { module: this.#options.module, thread: number }
    const worker = new Worker(new URL('./search-thread.js', import.meta.url), { workerData: data })
    const thread: Thread = { worker, pending: new Map() }
    let cause: unknown
    worker.on('message', (message: FromThread) => settle(thread, message))
    worker.on('error', (error) => {
      cause = error
    })
    worker.on('exit', () => {
      const error = this.#closed
        ? new AppError('SHUTTING_DOWN', 'the search threads were closed')
        : new AppError('THREAD_FAILED', `search thread ${number} ended`, { cause })
      for (const { reject } of thread.pending.values()) reject(error)
      thread.pending.clear()
      if (!this.#closed) this.#restart(number)
    })
    return thread
  }

  #restart(number: number): void {
    const thread = this.#start(number)
    for (const memory of this.#options.memory.segments) post(thread, { kind: 'segment', memory })
    this.#threads[number] = thread
  }
}

function post(thread: Thread, message: ToThread): void {
  thread.worker.postMessage(message)
}

function settle(thread: Thread, message: FromThread): void {
  const pending = thread.pending.get(message.task)
  thread.pending.delete(message.task)
  if ('answer' in message) pending?.resolve(message.answer)
  else pending?.reject(new AppError('THREAD_FAILED', message.failure))
}
