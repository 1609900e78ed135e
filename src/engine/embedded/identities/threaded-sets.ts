import type { SetAnswer, SetChanges, SetQuery } from '../../../index/metric/row-sets.ts'
import type { VectorRows } from '../../../kernels/vector-rows.ts'
import type { SpaceKind } from '../../../vector/space.ts'
import type { LazyThread } from '../search/lazy-thread.ts'
import type { SetReply, SetTask } from './set-messages.ts'

interface Parts {
  /** Holds the sets of all collections. */
  readonly thread: LazyThread<SetTask, SetReply>
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
  /** Whether the thread was told of anything under this number. */
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
    const { rows, space } = this.#parts
    const first = !this.#used
    this.#used = true
    await this.#ask({ kind: 'put', sets: this.#number, first, space, rows: rows.view(), changes })
  }

  async search(query: SetQuery): Promise<SetAnswer> {
    const { answer } = await this.#ask({ kind: 'search', sets: this.#number, query })
    return answer!
  }

  /** Does as if no set had ever been put. */
  forget(): void {
    if (!this.#used) return
    // A thread that has ended holds no sets any more.
    this.#ask({ kind: 'drop', sets: this.#number }).catch(() => undefined)
    this.#number = this.#parts.newNumber()
    this.#used = false
    this.#rows = 0
  }

  async #ask(task: SetTask): Promise<SetReply> {
    const reply = await this.#parts.thread.ask(task)
    if (task.sets === this.#number) this.#rows = reply.rows
    return reply
  }
}
