interface Options {
  /** Whether nobody else needs the machine now. */
  readonly idle: () => boolean
  /** Does a little; false when there is nothing to do. */
  readonly work: () => Promise<boolean>
}

/** Of the time, at most. */
const SHARE = 0.02
const SHORTEST_REST_MS = 100
/** When there was nothing to do, or it failed. */
const LONG_REST_MS = 1000

/** Does small pieces of work when nobody else needs the machine, and rests in between; the process may end meanwhile. */
export class IdleWork {
  readonly #options: Options
  #timer: NodeJS.Timeout | null = null
  #turn: Promise<void> = Promise.resolve()
  #closed = false

  constructor(options: Options) {
    this.#options = options
    this.#rest(LONG_REST_MS)
  }

  /** Waits for a piece that has begun. */
  async close(): Promise<void> {
    this.#closed = true
    if (this.#timer !== null) clearTimeout(this.#timer)
    await this.#turn
  }

  #rest(ms: number): void {
    if (this.#closed) return
    this.#timer = setTimeout(() => {
      this.#turn = this.#takeTurn()
    }, ms).unref()
  }

  async #takeTurn(): Promise<void> {
    this.#rest(this.#options.idle() ? await this.#work() : SHORTEST_REST_MS)
  }

  /** Resolves to the rest that has been earned. */
  async #work(): Promise<number> {
    const started = performance.now()
    try {
      if (!(await this.#options.work())) return LONG_REST_MS
    } catch {
      // Nobody asked for it. What is broken is named by the next call that needs it.
      return LONG_REST_MS
    }
    return Math.max(SHORTEST_REST_MS, (performance.now() - started) * (1 / SHARE - 1))
  }
}
