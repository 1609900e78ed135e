import type { BlockMemory } from '../../../kernels/block-memory.ts'
import { LazyThread } from '../search/lazy-thread.ts'
import type { TreeReply, TreeTask } from './tree-messages.ts'

/**
 * The one thread that holds the metric trees of all collections; started with the first of them. It does one long
 * task at a time, and while it does, nobody waits for it: a scan answers.
 */
export class TreeBuilder {
  readonly #thread: LazyThread<TreeTask, TreeReply>
  #busy = false
  #trees = 0

  constructor(memory: BlockMemory) {
    // Compiled, the thread's file ends in .js.
    this.#thread = new LazyThread(new URL('./tree-thread.js', import.meta.url), memory)
  }

  get busy(): boolean {
    return this.#busy
  }

  newTree(): number {
    return this.#trees++
  }

  /** A task of a few milliseconds. @throws THREAD_FAILED, SHUTTING_DOWN. */
  ask(task: TreeTask): Promise<TreeReply> {
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

  close(): Promise<void> {
    return this.#thread.close()
  }
}
