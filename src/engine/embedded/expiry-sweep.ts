import type { Timers } from '../../scheduling/timers.ts'

interface Options {
  readonly timers?: Timers
  /** Deletes some of what has expired, and resolves to whether there was anything. */
  readonly sweep: () => Promise<boolean>
}

/** The rest after a look that found nothing: about the longest that a record is found after it has expired. */
export const SWEEP_EVERY_MS = 10_000
/** The rest after a batch, so that others come between. */
const NEXT_BATCH_AFTER_MS = 20

/** They keep no process alive. */
const UNREFERENCED: Timers<NodeJS.Timeout> = {
  set: (callback, delayMs) => setTimeout(callback, delayMs).unref(),
  clear: (handle) => clearTimeout(handle),
}

/** Deletes what has expired, a batch at a time: at once, and then every few seconds. */
export class ExpirySweep {
  readonly #timers: Timers
  readonly #sweep: Options['sweep']
  #timer: unknown = null
  #turn: Promise<void>
  #closed = false

  constructor({ timers = UNREFERENCED, sweep }: Options) {
    this.#timers = timers
    this.#sweep = sweep
    this.#turn = this.#takeTurn()
  }

  /** Waits for a batch that is under way. */
  async close(): Promise<void> {
    this.#closed = true
    this.#timers.clear(this.#timer)
    await this.#turn
  }

  async #takeTurn(): Promise<void> {
    // Nobody waits for it. What is broken is named by the next call that needs it, and this is tried again.
    const more = await this.#sweep().catch(() => false)
    if (this.#closed) return
    this.#timer = this.#timers.set(
      () => {
        this.#turn = this.#takeTurn()
      },
      more ? NEXT_BATCH_AFTER_MS : SWEEP_EVERY_MS,
    )
  }
}
