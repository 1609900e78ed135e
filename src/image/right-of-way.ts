import type { Priority } from './lanes.ts'
import { WaitingTurns } from './waiting-turns.ts'

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
  readonly #waiting: WaitingTurns
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
    this.#waiting = new WaitingTurns({
      maxWaiting: this.#options.maxWaiting,
      retryAfterSeconds: 1,
      what: 'images to store waiting',
      wanted: 'an image to be stored',
    })
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
    const turn = this.#waiting.wait('bulk', signal, () => this.#bulk++)
    this.#startWaiting()
    return turn
  }

  #startWaiting(): void {
    const { besideSearches, most: mostAtOnce, searchingMs, clock } = this.#options
    const searching = this.#searches > 0 || clock() - this.#searchEnded < searchingMs
    const most = searching ? besideSearches : mostAtOnce
    while (this.#bulk < most && this.#waiting.startNext());
  }
}
