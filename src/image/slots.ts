import { AppError } from '../errors.ts'
import { Lanes, type Priority } from './lanes.ts'

interface Waiter {
  start(): void
}

interface Turn {
  readonly priority: Priority
  readonly signal?: AbortSignal | undefined
}

/** Lets so many pieces of work run at once, and so many of each priority wait; more are refused. */
export class Slots {
  readonly #maxRunning: number
  readonly #maxWaiting: number
  readonly #retryAfterSeconds: number
  readonly #waiting: Lanes<Waiter>
  #running = 0

  constructor(options: { maxRunning: number; maxWaiting: number; retryAfterSeconds: number }) {
    for (const [name, value] of Object.entries(options)) {
      if (!Number.isInteger(value) || value < 1) {
        throw new RangeError(`expected ${name} to be an integer of at least 1, got ${value}`)
      }
    }
    this.#maxRunning = options.maxRunning
    this.#maxWaiting = options.maxWaiting
    this.#retryAfterSeconds = options.retryAfterSeconds
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
  async run<T>(work: () => Promise<T>, turn: Turn): Promise<T> {
    await this.#enter(turn)
    try {
      return await work()
    } finally {
      this.#leave()
    }
  }

  #enter({ priority, signal }: Turn): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) throw cancelled(signal)
      if (this.#running < this.#maxRunning) {
        this.#running++
        resolve()
        return
      }
      if (this.#waiting.isFull(priority)) {
        throw new AppError(
          'QUEUE_FULL',
          `expected at most ${this.#maxWaiting} images waiting to be decoded, got more`,
          { retryAfterSeconds: this.#retryAfterSeconds },
        )
      }
      const abort = () => {
        this.#waiting.delete(waiter, priority)
        reject(cancelled(signal))
      }
      const waiter: Waiter = {
        start() {
          signal?.removeEventListener('abort', abort)
          resolve()
        },
      }
      signal?.addEventListener('abort', abort, { once: true })
      this.#waiting.add(waiter, priority)
    })
  }

  #leave(): void {
    const next = this.#waiting.take()
    // The slot passes on as it is, so that nobody can slip in between.
    if (next === undefined) this.#running--
    else next.start()
  }
}

function cancelled(signal?: AbortSignal): AppError {
  return new AppError('CANCELLED', 'the caller gave up waiting for a decoded image', {
    cause: signal?.reason,
  })
}
