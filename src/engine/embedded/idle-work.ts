import type { Timers } from '../../scheduling/timers.ts'

interface Options {
  readonly timers?: Timers
  /** Milliseconds since some fixed moment. */
  readonly clock?: () => number
  /** Whether nobody else needs the machine now. */
  readonly idle: () => boolean
  /** Does a little; false when there is nothing to do. */
  readonly work: () => Promise<boolean>
}

/** The largest share of the time that work takes. */
const SHARE = 0.02
const SHORTEST_REST_MS = 100
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
  #closed = false

  constructor(options: Options) {
    this.#options = { timers: UNREFERENCED, clock: () => performance.now(), ...options }
    this.#rest(LONG_REST_MS)
  }

  /** Waits for a piece that has begun. */
  async close(): Promise<void> {
    this.#closed = true
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
    const { clock, idle, work } = this.#options
    if (!idle()) {
      this.#rest(SHORTEST_REST_MS)
      return
    }
    const started = clock()
    // Nobody waits for it. What is broken is named by the next call that needs it.
    const didSome = await work().catch(() => false)
    const earned = Math.max(SHORTEST_REST_MS, (clock() - started) * (1 / SHARE - 1))
    this.#rest(didSome ? earned : LONG_REST_MS)
  }
}
