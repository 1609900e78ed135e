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

/** Of the time, at most. */
const SHARE = 0.02
const SHORTEST_REST_MS = 100
/** When there was nothing to do, or it failed. */
const LONG_REST_MS = 1000

/** They keep no process alive. */
const UNREFERENCED: Timers<NodeJS.Timeout> = {
  set: (callback, delayMs) => setTimeout(callback, delayMs).unref(),
  clear: (handle) => clearTimeout(handle),
}

/** Does small pieces of work when nobody else needs the machine, and rests in between; the process may end meanwhile. */
export class IdleWork {
  readonly #options: Required<Options>
  #timer: { readonly handle: unknown } | null = null
  #turn: Promise<void> = Promise.resolve()
  #closed = false

  constructor(options: Options) {
    this.#options = { timers: UNREFERENCED, clock: () => performance.now(), ...options }
    this.#rest(LONG_REST_MS)
  }

  /** Waits for a piece that has begun. */
  async close(): Promise<void> {
    this.#closed = true
    if (this.#timer !== null) this.#options.timers.clear(this.#timer.handle)
    await this.#turn
  }

  #rest(ms: number): void {
    if (this.#closed) return
    const handle = this.#options.timers.set(() => {
      this.#turn = this.#takeTurn()
    }, ms)
    this.#timer = { handle }
  }

  async #takeTurn(): Promise<void> {
    this.#rest(this.#options.idle() ? await this.#work() : SHORTEST_REST_MS)
  }

  /** Resolves to the rest that has been earned. */
  async #work(): Promise<number> {
    const { clock } = this.#options
    const started = clock()
    try {
      if (!(await this.#options.work())) return LONG_REST_MS
    } catch {
      // Nobody asked for it. What is broken is named by the next call that needs it.
      return LONG_REST_MS
    }
    return Math.max(SHORTEST_REST_MS, (clock() - started) * (1 / SHARE - 1))
  }
}
