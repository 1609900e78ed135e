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

/** Knows the versions that ended while the file of a graph may still hold their vectors, and when to erase those. */
export class EndedInFile {
  readonly #options: Required<Options>
  #keys: number[] = []
  #hasFile = false
  #restsUntil = 0
  #timer: unknown = null

  constructor(options: Options) {
    this.#options = { timers: UNREFERENCED, clock: () => performance.now(), ...options }
  }

  get count(): number {
    return this.#keys.length
  }

  /** Whether something waits and the rest after the last time is over. */
  get isDue(): boolean {
    return this.count > 0 && this.#options.clock() >= this.#restsUntil
  }

  /** To be called before the file is read or written. @param keys of versions that have ended and that it holds. */
  hasFile(keys: Iterable<number> = []): void {
    this.#hasFile = true
    for (const key of keys) this.ended(key)
  }

  hasNoFile(): void {
    this.#hasFile = false
    this.#keys = []
  }

  ended(key: number): void {
    if (!this.#hasFile) return
    this.#keys.push(key)
    this.#wait()
  }

  /** Erases what waits, then rests. */
  async erase(work: (keys: Float64Array) => Promise<void>): Promise<void> {
    const { clock } = this.#options
    const keys = Float64Array.from(this.#keys)
    this.#keys = []
    const started = clock()
    await work(keys)
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
