import type { SetAnswer, SetChanges, SetQuery } from '../../../index/metric/row-sets.ts'
import type { VectorRows } from '../../../kernels/vector-rows.ts'
import type { ThreadClient } from '../../../threads/thread-client.ts'
import type { SpaceKind } from '../../../vector/space.ts'
import type { SetCalls } from './set-thread.ts'

interface Parts {
  /** Holds the sets of all collections. */
  readonly thread: ThreadClient<SetCalls>
  /** A number that no other sets have had. */
  readonly newNumber: () => number
  readonly rows: VectorRows
  readonly space: SpaceKind
}

/**
 * Sets of rows of one collection, searched exactly by Hausdorff distance in a thread that has copies of their vectors.
 * `put` and `search` are seen in the order of their calls. Both throw SHUTTING_DOWN, and THREAD_FAILED, after which
 * sets may be missing: `forget`, and put all of them again.
 */
export class ThreadedSets {
  readonly #parts: Parts
  #number: number
  /** Whether anything was put under this number. */
  #used = false
  #rows = 0

  constructor(parts: Parts) {
    this.#parts = parts
    this.#number = parts.newNumber()
  }

  get memoryBytes(): number {
    return this.#rows * this.#parts.rows.layout.dimensions * 4
  }

  /** The caller pins the rows until it resolves. */
  async put(changes: SetChanges): Promise<void> {
    const { thread, rows, space } = this.#parts
    const sets = this.#number
    const first = !this.#used
    this.#used = true
    const held = await thread.call('put', { sets, first, space, rows: rows.view(), changes })
    if (sets === this.#number) this.#rows = held
  }

  search(query: SetQuery): Promise<SetAnswer> {
    return this.#parts.thread.call('search', { sets: this.#number, query })
  }

  /** Does as if no set had ever been put. */
  forget(): void {
    if (!this.#used) return
    // A thread that has ended holds no sets any more.
    this.#parts.thread.call('drop', { sets: this.#number }).catch(() => undefined)
    this.#number = this.#parts.newNumber()
    this.#used = false
    this.#rows = 0
  }
}
