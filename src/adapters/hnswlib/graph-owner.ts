import { AppError } from '../../errors.ts'
import type { BlockMemory } from '../../kernels/block-memory.ts'
import { MemoryThread } from '../search-threads/memory-thread.ts'
import type { GraphReply, GraphTask } from './graph-messages.ts'

/** Searches that may be under way or wait at once, of all collections together. */
const MAX_SEARCHES = 512

// Compiled, the thread's file ends in .js.
const THREAD = new URL('./graph-thread.js', import.meta.url)

/** The one thread that owns the graphs of all collections; started with the first of them. */
export class GraphOwner {
  readonly #memory: BlockMemory
  readonly #script: URL
  #thread: MemoryThread<GraphTask, GraphReply> | null = null
  #closed = false
  #graphs = 0
  #searches = 0

  /** @param script of the thread. */
  constructor(memory: BlockMemory, script = THREAD) {
    this.#memory = memory
    this.#script = script
  }

  newGraph(): number {
    return this.#graphs++
  }

  /** @throws THREAD_FAILED, SHUTTING_DOWN. */
  ask(task: GraphTask): Promise<GraphReply> {
    if (this.#closed) {
      return Promise.reject(new AppError('SHUTTING_DOWN', 'the graph thread is closed'))
    }
    this.#thread ??= new MemoryThread<GraphTask, GraphReply>(this.#script, null, this.#memory)
    return this.#thread.ask(task)
  }

  /** @throws QUEUE_FULL too. */
  async search(task: GraphTask & { kind: 'search' }): Promise<Float64Array> {
    if (this.#searches >= MAX_SEARCHES) {
      throw new AppError('QUEUE_FULL', `${MAX_SEARCHES} searches already wait for a graph`, {
        retryAfterSeconds: 1,
      })
    }
    this.#searches++
    try {
      const { result } = await this.ask(task)
      return result?.kind === 'found' ? result.keys : new Float64Array()
    } finally {
      this.#searches--
    }
  }

  async close(): Promise<void> {
    this.#closed = true
    await this.#thread?.close()
  }
}
