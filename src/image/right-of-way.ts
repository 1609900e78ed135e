import { AppError } from '../errors.ts'
import { Lanes, type Priority } from './lanes.ts'

interface RightOfWayOptions {
  /** Milliseconds since some fixed moment; monotonic. */
  readonly clock: () => number
  /** Images to store on their way at once while somebody searches. */
  readonly besideSearches: number
  /** And while nobody does: more than decoders and two batches take. */
  readonly most: number
  /** Further ones that may wait. */
  readonly maxWaiting: number
  /** After its last search somebody may still be searching. */
  readonly searchingMs: number
}

const DEFAULTS = { besideSearches: 1, most: 96, maxWaiting: 1024, searchingMs: 1000 }

/**
 * Keeps processors free for searches by picture: an image that is being decoded or embedded cannot be interrupted, so
 * while somebody searches, few images to store are on their way. Searches never wait here.
 */
export class RightOfWay {
  readonly #options: RightOfWayOptions
  readonly #waiting: Lanes<() => void>
  #bulk = 0
  #searches = 0
  #searchEnded = Number.NEGATIVE_INFINITY

  constructor(options: Partial<RightOfWayOptions> & Pick<RightOfWayOptions, 'clock'>) {
    this.#options = { ...DEFAULTS, ...options }
    for (const name of ['besideSearches', 'most', 'maxWaiting'] as const) {
      const value = this.#options[name]
      if (!Number.isInteger(value) || value < 1) {
        throw new RangeError(`expected ${name} to be an integer of at least 1, got ${value}`)
      }
    }
    this.#waiting = new Lanes(this.#options.maxWaiting)
  }

  /**
   * Does `work`, from the file of an image to its vector.
   * @throws QUEUE_FULL at once; CANCELLED when `signal` aborts before the work begins; what `work` throws.
   */
  async run<T>(priority: Priority, work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    if (priority === 'search') return await this.#search(work)
    await this.#enter(signal)
    try {
      return await work()
    } finally {
      this.#bulk--
      this.#startWaiting()
    }
  }

  async #search<T>(work: () => Promise<T>): Promise<T> {
    this.#searches++
    try {
      return await work()
    } finally {
      this.#searches--
      this.#searchEnded = this.#options.clock()
    }
  }

  #enter(signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) throw cancelled(signal)
      if (this.#waiting.isFull('bulk')) {
        throw new AppError(
          'QUEUE_FULL',
          `expected at most ${this.#options.maxWaiting} images to store waiting, got more`,
          { retryAfterSeconds: 1 },
        )
      }
      const abort = () => {
        this.#waiting.delete(start, 'bulk')
        reject(cancelled(signal))
      }
      const start = () => {
        signal?.removeEventListener('abort', abort)
        this.#bulk++
        resolve()
      }
      signal?.addEventListener('abort', abort, { once: true })
      this.#waiting.add(start, 'bulk')
      this.#startWaiting()
    })
  }

  #startWaiting(): void {
    const { besideSearches, most, searchingMs, clock } = this.#options
    const searching = this.#searches > 0 || clock() - this.#searchEnded < searchingMs
    while (this.#bulk < (searching ? besideSearches : most)) {
      const start = this.#waiting.take()
      if (start === undefined) return
      start()
    }
  }
}

function cancelled(signal?: AbortSignal): AppError {
  return new AppError('CANCELLED', 'the caller gave up waiting for an image to be stored', {
    cause: signal?.reason,
  })
}
