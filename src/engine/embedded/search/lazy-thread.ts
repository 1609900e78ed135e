import { AppError } from '../../../errors.ts'
import type { BlockMemory } from '../../../kernels/block-memory.ts'
import { MemoryThread } from './memory-thread.ts'

/** A `MemoryThread` that starts with its first task. */
export class LazyThread<Task, Reply extends { readonly number: number }> {
  readonly #script: URL
  readonly #memory: BlockMemory
  #thread: MemoryThread<Task, Reply> | null = null
  #closed = false

  constructor(script: URL, memory: BlockMemory) {
    this.#script = script
    this.#memory = memory
  }

  /** @throws THREAD_FAILED, SHUTTING_DOWN. */
  ask(task: Task): Promise<Reply> {
    if (this.#closed) {
      return Promise.reject(new AppError('SHUTTING_DOWN', 'the search threads are closed'))
    }
    this.#thread ??= new MemoryThread(this.#script, null, this.#memory)
    return this.#thread.ask(task)
  }

  async close(): Promise<void> {
    this.#closed = true
    await this.#thread?.close()
  }
}
