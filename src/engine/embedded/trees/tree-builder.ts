import type { BlockMemory } from '../../../kernels/block-memory.ts'
import { type MemoryThread, memoryThread } from '../search/memory-thread.ts'
import type { TreeCalls, TreeState } from './tree-calls.ts'

// Compiled, the thread's file ends in .js.
const SCRIPT = new URL('./tree-thread.js', import.meta.url)

/**
 * The one thread that holds the metric trees of all collections. It does one long call at a time, and while it does,
 * nobody waits for it: a scan answers.
 */
export class TreeBuilder {
  readonly thread: MemoryThread<TreeCalls>
  #busy = false
  #trees = 0

  constructor(memory: BlockMemory) {
    this.thread = memoryThread<TreeCalls>(SCRIPT, memory)
  }

  get busy(): boolean {
    return this.#busy
  }

  newTree(): number {
    return this.#trees++
  }

  /** Makes a call of any length; only when not `busy`. */
  async callLong<Kind extends 'build' | 'update'>(
    kind: Kind,
    args: TreeCalls[Kind]['args'],
  ): Promise<TreeState> {
    this.#busy = true
    try {
      return await this.thread.call(kind, args)
    } finally {
      this.#busy = false
    }
  }
}
