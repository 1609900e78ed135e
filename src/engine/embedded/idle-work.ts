import type { Timers } from '../../scheduling/timers.ts'

interface Options {
  readonly timers?: Timers
  /** Milliseconds since some fixed moment. */
  readonly clock?: () => number
  /** Whether nobody else needs the machine now. */
  readonly idle: () => boolean
  /** Does a little, and ends it when `signal` aborts; false when there is nothing to do. */
  readonly work: (signal: AbortSignal) => Promise<boolean>
}

/** The largest share of the time that work takes. */
const SHARE = 0.02
const SHORTEST_REST_MS = 100
/** The longest that a little may take. */
const LONGEST_WORK_MS = 10_000
/** The rest after there was nothing to do, or it failed. */
const LONG_REST_MS = 1000

/** They keep no process alive. */
const UNREFERENCED: Timers<NodeJS.Timeout> = {
  set: (callback, delayMs) => setTimeout(callback, delayMs).unref(),
  clear: (handle) => clearTimeout(handle),
}

/** Does small pieces of work when nobody else needs the machine, and rests in between; the process may end meanwhile. */
export class IdleWork {
  readonly #options: Required<Options>
  #timer: unknown
  #turn: Promise<void> = Promise.resolve()
  /** Ends the piece that is under way. */
  #piece = new AbortController()
  #closed = false

  constructor(options: Options) {
    this.#options = { timers: UNREFERENCED, clock: () => performance.now(), ...options }
    this.#rest(LONG_REST_MS)
  }

  /** Ends a piece that has begun, and waits for its end. */
  async close(): Promise<void> {
    this.#closed = true
    this.#piece.abort()
    this.#options.timers.clear(this.#timer)
    await this.#turn
  }

  #rest(ms: number): void {
    if (this.#closed) return
    this.#timer = this.#options.timers.set(() => {
      this.#turn = this.#takeTurn()
    }, ms)
  }

  async #takeTurn(): Promise<void> {
    const { timers, clock, idle, work } = this.#options
    if (!idle()) {
      this.#rest(SHORTEST_REST_MS)
      return
    }
    const started = clock()
    const piece = new AbortController()
    this.#piece = piece
    const tooLong = timers.set(() => piece.abort(), LONGEST_WORK_MS)
    // Nobody waits for it. What is broken is named by the next call that needs it.
    const didSome = await work(piece.signal).catch(() => false)
    timers.clear(tooLong)
    const earned = Math.max(SHORTEST_REST_MS, (clock() - started) * (1 / SHARE - 1))
    this.#rest(didSome ? earned : Math.max(LONG_REST_MS, earned))
  }
}
