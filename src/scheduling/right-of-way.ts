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

/** From the file of an image to its vector. */
interface ImageWork<Decoded, Vector> {
  decode(): Promise<Decoded>
  embed(decoded: Decoded): Promise<Vector>
}

const DEFAULTS = { besideSearches: 1, most: 96, maxWaiting: 1024, searchingMs: 1000 }
/** Searches that may end while a decoded image waits for a moment without one; then it waits no longer. */
const SEARCHES_IN_A_ROW = 7

/**
 * Keeps processors free for searches by picture: an image that is being decoded or embedded cannot be interrupted, so
 * while somebody searches, few images to store are on their way, and a search that is being decoded finds the model free:
 * images to store are embedded between searches. Searches never wait here.
 */
export class RightOfWay {
  readonly #options: RightOfWayOptions
  readonly #waiting: WaitingTurns
  readonly #decoded: WaitingTurns
  /** Images to store on their way, and those of them that are being embedded. */
  #bulk = 0
  #embedding = 0
  #searches = 0
  #searchEnded = Number.NEGATIVE_INFINITY
  /** Ended since a decoded image was let through. */
  #searchesPassed = 0

  constructor(options: Partial<RightOfWayOptions> & Pick<RightOfWayOptions, 'clock'>) {
    this.#options = { ...DEFAULTS, ...options }
    for (const name of ['besideSearches', 'most', 'maxWaiting'] as const) {
      const value = this.#options[name]
      if (!Number.isInteger(value) || value < 1) {
        throw new RangeError(`expected ${name} to be an integer of at least 1, got ${value}`)
      }
    }
    const told = { retryAfterSeconds: 1, what: 'images to store waiting' }
    this.#waiting = new WaitingTurns({
      ...{ ...told, maxWaiting: this.#options.maxWaiting },
      wanted: 'an image to be stored',
    })
    // As many as may be on their way, so that none is refused half done.
    this.#decoded = new WaitingTurns({
      ...{ ...told, maxWaiting: this.#options.most },
      wanted: 'an embedding',
    })
  }

  /**
   * Does `work`.
   * @throws QUEUE_FULL at once; CANCELLED when `signal` aborts before a half of the work begins; what `work` throws.
   */
  async run<Decoded, Vector>(
    priority: Priority,
    work: ImageWork<Decoded, Vector>,
    signal?: AbortSignal,
  ): Promise<Vector> {
    if (priority === 'search') return await this.#search(work)
    const turn = this.#waiting.wait('bulk', signal, () => this.#bulk++)
    this.#startWaiting()
    await turn
    try {
      return await this.#embed(work, await work.decode(), signal)
    } finally {
      this.#bulk--
      this.#startWaiting()
    }
  }

  async #search<Decoded, Vector>(work: ImageWork<Decoded, Vector>): Promise<Vector> {
    this.#searches++
    try {
      return await work.embed(await work.decode())
    } finally {
      this.#searches--
      this.#searchEnded = this.#options.clock()
      this.#searchesPassed++
      this.#startDecoded()
    }
  }

  async #embed<Decoded, Vector>(
    work: ImageWork<Decoded, Vector>,
    decoded: Decoded,
    signal?: AbortSignal,
  ): Promise<Vector> {
    const turn = this.#decoded.wait('bulk', signal, () => this.#embedding++)
    this.#startDecoded()
    await turn
    try {
      return await work.embed(decoded)
    } finally {
      this.#embedding--
      this.#startDecoded()
    }
  }

  #startWaiting(): void {
    while (this.#bulk < this.#atOnce() && this.#waiting.startNext());
  }

  #startDecoded(): void {
    while (this.#embedding < this.#atOnce() && this.#mayEmbed() && this.#decoded.startNext()) {
      this.#searchesPassed = 0
    }
  }

  #mayEmbed(): boolean {
    return this.#searches === 0 || this.#searchesPassed >= SEARCHES_IN_A_ROW
  }

  #atOnce(): number {
    const { besideSearches, most, searchingMs, clock } = this.#options
    const searching = this.#searches > 0 || clock() - this.#searchEnded < searchingMs
    return searching ? besideSearches : most
  }
}
