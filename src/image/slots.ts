import { AppError } from '../errors.ts'

interface Waiter {
  start(): void
}

/** Lets so many pieces of work run at once and so many wait; more are refused. */
export class Slots {
  readonly #maxRunning: number
  readonly #maxWaiting: number
  readonly #retryAfterSeconds: number
  /** In order of arrival. */
  readonly #waiting = new Set<Waiter>()
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
  }

  /**
   * Does `work` when its turn comes.
   * @throws QUEUE_FULL at once; CANCELLED when `signal` aborts before the work begins; what `work`
   * throws.
   */
  async run<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    await this.#enter(signal)
    try {
      return await work()
    } finally {
      this.#leave()
    }
  }

  #enter(signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) throw cancelled(signal)
      if (this.#running < this.#maxRunning) {
        this.#running++
        resolve()
        return
      }
      if (this.#waiting.size >= this.#maxWaiting) {
        throw new AppError(
          'QUEUE_FULL',
          `expected at most ${this.#maxWaiting} images waiting to be decoded, got more`,
          { retryAfterSeconds: this.#retryAfterSeconds },
        )
      }
      const abort = () => {
        this.#waiting.delete(waiter)
        reject(cancelled(signal))
      }
      const waiter: Waiter = {
        start() {
          signal?.removeEventListener('abort', abort)
          resolve()
        },
      }
      signal?.addEventListener('abort', abort, { once: true })
      this.#waiting.add(waiter)
    })
  }

  #leave(): void {
    const [next] = this.#waiting
    if (next === undefined) {
      this.#running--
      return
    }
    // The slot passes on as it is, so that nobody can slip in between.
    this.#waiting.delete(next)
    next.start()
  }
}

function cancelled(signal?: AbortSignal): AppError {
  return new AppError('CANCELLED', 'the caller gave up waiting for a decoded image', {
    cause: signal?.reason,
  })
}
