import { RecentMap } from './recent-map.ts'

/** Callers beyond it are forgotten, the one that has been quiet longest first; each then starts anew. */
const MOST_CALLERS = 10_000

/**
 * Bounds how often each caller does something: `most` times at once, and then evenly `most` times in
 * `periodMs`. This is the generic cell rate algorithm (ITU-T I.371): of each caller it keeps the moment at
 * which nothing would be left of what it has done.
 */
export class Rate {
  readonly #forgottenAt = new RecentMap<number>(MOST_CALLERS)
  readonly #clock: () => number
  readonly #periodMs: number
  readonly #costMs: number

  constructor({ most, periodMs, clock }: { most: number; periodMs: number; clock: () => number }) {
    this.#clock = clock
    this.#periodMs = periodMs
    this.#costMs = periodMs / most
  }

  /** Gives the milliseconds until `caller` may do it again; 0 where it may now. */
  waitMs(caller: string): number {
    const forgottenAt = this.#forgottenAt.get(caller)
    if (forgottenAt === undefined) return 0
    const wait = forgottenAt + this.#costMs - this.#periodMs - this.#clock()
    // Sums of fractions may be off by less than a microsecond.
    return wait < 0.001 ? 0 : wait
  }

  /** Notes that `caller` did it. */
  count(caller: string): void {
    const now = this.#clock()
    const forgottenAt = Math.max(now, this.#forgottenAt.get(caller) ?? now)
    this.#forgottenAt.set(caller, forgottenAt + this.#costMs)
  }
}
