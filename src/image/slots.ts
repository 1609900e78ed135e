import { AppError } from '../errors.ts'
import { Lanes, type Priority } from './lanes.ts'

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

interface Waiter {
  start(): void
}

/** Lets so many pieces of work run at once and so many wait; more are refused. */
export class Slots {
  readonly #options: SlotsOptions
  readonly #waiting: Lanes<Waiter>
  readonly #running: Record<Priority, number> = { search: 0, bulk: 0 }

  constructor(options: SlotsOptions) {
    for (const [name, value] of Object.entries(options)) {
      if (!Number.isInteger(value) || value < 1) {
        throw new RangeError(`expected ${name} to be an integer of at least 1, got ${value}`)
      }
    }
    this.#options = options
    this.#waiting = new Lanes(options.maxWaiting)
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
    return new Promise((resolve, reject) => {
      if (signal?.aborted) throw cancelled(signal)
      if (this.#waiting.isFull(priority)) {
        const { maxWaiting, retryAfterSeconds } = this.#options
        throw new AppError(
          'QUEUE_FULL',
          `expected at most ${maxWaiting} images waiting to be decoded, got more`,
          { retryAfterSeconds },
        )
      }
      const abort = () => {
        this.#waiting.delete(waiter, priority)
        reject(cancelled(signal))
      }
      const waiter: Waiter = {
        start: () => {
          signal?.removeEventListener('abort', abort)
          this.#running[priority]++
          resolve()
        },
      }
      signal?.addEventListener('abort', abort, { once: true })
      this.#waiting.add(waiter, priority)
      this.#startWaiting()
    })
  }

  #startWaiting(): void {
    const { maxRunning, maxBulkRunning } = this.#options
    while (this.#running.search + this.#running.bulk < maxRunning) {
      const searchesOnly = this.#running.bulk >= maxBulkRunning
      const next = this.#waiting.take({ searchesOnly })
      if (next === undefined) return
      next.start()
    }
  }
}

function cancelled(signal?: AbortSignal): AppError {
  return new AppError('CANCELLED', 'the caller gave up waiting for a decoded image', {
    cause: signal?.reason,
  })
}
