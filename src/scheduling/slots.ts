import type { Priority } from './lanes.ts'
import { WaitingTurns } from './waiting-turns.ts'

interface SlotsOptions {
  readonly maxRunning: number
  /** Bulk work running at once at most; fewer than `maxRunning` keeps slots for searches. */
  readonly maxBulkRunning: number
  /** Of each priority. */
  readonly maxWaiting: number
  readonly retryAfterSeconds: number
}

interface Turn {
  readonly priority: Priority
  readonly signal?: AbortSignal | undefined
}

/** Lets so many pieces of work run at once and so many wait; more are refused. */
export class Slots {
  readonly #options: SlotsOptions
  readonly #waiting: WaitingTurns
  readonly #running: Record<Priority, number> = { search: 0, bulk: 0 }

  constructor(options: SlotsOptions) {
    for (const [name, value] of Object.entries(options)) {
      if (!Number.isInteger(value) || value < 1) {
        throw new RangeError(`expected ${name} to be an integer of at least 1, got ${value}`)
      }
    }
    this.#options = options
    const { maxWaiting, retryAfterSeconds } = options
    this.#waiting = new WaitingTurns({
      ...{ maxWaiting, retryAfterSeconds },
      what: 'images waiting to be decoded',
      wanted: 'a decoded image',
    })
  }

  get waiting(): number {
    return this.#waiting.size
  }

  /**
   * Does `work` when its turn comes.
   * @throws QUEUE_FULL at once; CANCELLED when `signal` aborts before the work begins; what `work`
   * throws.
   */
  async run<T>(work: () => Promise<T>, { priority, signal }: Turn): Promise<T> {
    await this.#enter(priority, signal)
    try {
      return await work()
    } finally {
      this.#running[priority]--
      this.#startWaiting()
    }
  }

  #enter(priority: Priority, signal?: AbortSignal): Promise<void> {
    const turn = this.#waiting.wait(priority, signal, () => this.#running[priority]++)
    this.#startWaiting()
    return turn
  }

  #startWaiting(): void {
    const { maxRunning, maxBulkRunning } = this.#options
    while (this.#running.search + this.#running.bulk < maxRunning) {
      const searchesOnly = this.#running.bulk >= maxBulkRunning
      if (!this.#waiting.startNext({ searchesOnly })) return
    }
  }
}
