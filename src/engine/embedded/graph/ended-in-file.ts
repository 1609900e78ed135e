import type { Clock, Timers } from '../../../scheduling/timers.ts'

interface Options {
  readonly timers?: Timers
  readonly clock?: Clock
  /** Is called when the rest is over and something waits to be erased. */
  readonly whenDue: () => void
}

/** The largest share of the time that erasing takes: each time the whole file is read. */
const SHARE = 0.05
const SHORTEST_REST_MS = 1000

/** They keep no process alive. */
const UNREFERENCED: Timers<NodeJS.Timeout> = {
  set: (callback, delayMs) => setTimeout(callback, delayMs).unref(),
  clear: (handle) => clearTimeout(handle),
}

/** Knows how many versions ended while the file of a graph may still hold their vectors, and when to erase those. */
export class EndedInFile {
  readonly #options: Required<Options>
  #count = 0
  #hasFile = false
  #restsUntil = 0
  #timer: unknown = null

  constructor(options: Options) {
    this.#options = { timers: UNREFERENCED, clock: () => performance.now(), ...options }
  }

  get count(): number {
    return this.#count
  }

  /** Whether something waits and the rest after the last time is over. */
  get isDue(): boolean {
    return this.count > 0 && this.#options.clock() >= this.#restsUntil
  }

  /** To be called before the file is read or written. @param ended versions in it that have. */
  hasFile(ended = 0): void {
    this.#hasFile = true
    if (ended > 0) this.ended(ended)
  }

  hasNoFile(): void {
    this.#hasFile = false
    this.#count = 0
  }

  ended(versions = 1): void {
    if (!this.#hasFile) return
    this.#count += versions
    this.#wait()
  }

  /** Erases what waits, then rests. */
  async erase(work: () => Promise<void>): Promise<void> {
    const { clock } = this.#options
    this.#count = 0
    const started = clock()
    await work()
    const now = clock()
    this.#restsUntil = now + Math.max(SHORTEST_REST_MS, (now - started) * (1 / SHARE - 1))
    if (this.count > 0) this.#wait()
  }

  #wait(): void {
    const { timers, clock, whenDue } = this.#options
    this.#timer ??= timers.set(
      () => {
        this.#timer = null
        if (this.isDue) whenDue()
        else if (this.count > 0) this.#wait()
      },
      Math.max(0, this.#restsUntil - clock()),
    )
  }
}
