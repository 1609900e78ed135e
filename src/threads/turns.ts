import type { StopSign } from './stop-flags.ts'

/** Milliseconds of a slice. */
const SLICE_MS = 4
/** The cost after which a slice looks at the clock; a cost of 1 is well below a microsecond. */
const COST_A_LOOK = 256

type Clock = () => number

interface Waiting {
  readonly stop: StopSign
  readonly resume: () => void
}

/**
 * Lets long pieces of work in one thread take turns, a slice each. Messages come between two slices, and what is new
 * begins at once: a short piece of work waits for one slice of the others, however many there are.
 */
export class Turns {
  readonly #clock: Clock
  #waiting: Waiting[] = []

  /** @param clock milliseconds, from any moment. */
  constructor(clock: Clock = () => performance.now()) {
    this.#clock = clock
  }

  begin(stop: StopSign): Slices {
    return new Slices(() => this.#next(stop), stop, this.#clock)
  }

  #next(stop: StopSign): Promise<void> {
    return new Promise((resume) => {
      this.#waiting.push({ stop, resume })
      if (this.#waiting.length === 1) setImmediate(() => this.#wake())
    })
  }

  /** One a turn of the event loop, and all that are to end: they would wait for a turn each, however many come after. */
  #wake(): void {
    const [first, ...others] = this.#waiting
    this.#waiting = []
    first!.resume()
    // Each flag is read once: another thread may raise it at any moment.
    for (const waiting of others) {
      if (waiting.stop.isSet) waiting.resume()
      else this.#waiting.push(waiting)
    }
    if (this.#waiting.length > 0) setImmediate(() => this.#wake())
  }
}

/** One piece of work, slice by slice. */
export class Slices {
  readonly #turn: () => Promise<void>
  readonly #stop: StopSign
  readonly #clock: Clock
  #until: number
  #left = COST_A_LOOK

  constructor(turn: () => Promise<void>, stop: StopSign, clock: Clock) {
    this.#turn = turn
    this.#stop = stop
    this.#clock = clock
    this.#until = clock() + SLICE_MS
  }

  /** Takes note of a step. @returns whether the slice is over: then `next` comes before the next step. */
  spend(cost: number): boolean {
    this.#left -= cost
    if (this.#left > 0) return false
    this.#left = COST_A_LOOK
    return this.#clock() >= this.#until
  }

  /** Resolves when the next slice begins. @throws STOPPED. */
  async next(): Promise<void> {
    await this.#turn()
    this.#stop.check()
    this.#until = this.#clock() + SLICE_MS
  }
}
