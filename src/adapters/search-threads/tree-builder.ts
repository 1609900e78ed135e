import { AppError } from '../../errors.ts'
import type { BlockMemory } from '../../kernels/block-memory.ts'
import { MemoryThread } from './memory-thread.ts'
import type { TreeReply, TreeTask } from './tree-messages.ts'

/**
 * The one thread that holds the metric trees of all collections; started with the first of them. It does one long
 * task at a time, and while it does, nobody waits for it: a scan answers.
 */
export class TreeBuilder {
  readonly #memory: BlockMemory
  #thread: MemoryThread<TreeTask, TreeReply> | null = null
  #closed = false
  #busy = false
  #trees = 0

  constructor(memory: BlockMemory) {
    this.#memory = memory
  }

  get busy(): boolean {
    return this.#busy
  }

  newTree(): number {
    return this.#trees++
  }

  /** A task of a few milliseconds. @throws THREAD_FAILED, SHUTTING_DOWN. */
  ask(task: TreeTask): Promise<TreeReply> {
    if (this.#closed) {
      return Promise.reject(new AppError('SHUTTING_DOWN', 'the search threads are closed'))
    }
    this.#thread ??= new MemoryThread<TreeTask, TreeReply>(
      // Compiled, the thread's file ends in .js.
      new URL('./tree-thread.js', import.meta.url),
      null,
      this.#memory,
    )
    return this.#thread.ask(task)
  }

  /** A task of any length; only when not `busy`. */
  async askLong(task: TreeTask): Promise<TreeReply> {
    this.#busy = true
    try {
      return await this.ask(task)
    } finally {
      this.#busy = false
    }
  }

  async close(): Promise<void> {
    this.#closed = true
    await this.#thread?.close()
  }
}
