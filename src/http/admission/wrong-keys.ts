import { AppError } from '../../errors.ts'
import { Rate } from './rate.ts'
import { RecentMap } from './recent-map.ts'

const MOST_AT_ONCE = 30
/** Then five a second. */
const PERIOD_MS = 6000
const LONGEST_WAIT_MS = 5000
const MOST_PROVEN = 10_000

/** The answer to a wrong key, and when to give it. */
export class WrongKeyError extends AppError {
  readonly afterMs: number

  constructor(afterMs: number) {
    super('UNAUTHENTICATED', 'expected a known API key, got an unknown one')
    this.afterMs = afterMs
  }
}

/**
 * Slows those who guess keys. Beyond 30 wrong keys at once from one address, the answers go out at five a
 * second. Where too many wait for theirs, keys from there are refused unseen: those alone pass that
 * have worked from that address before, so that a neighbour who guesses locks nobody out.
 */
export class WrongKeys {
  readonly #rate: Rate
  readonly #proven = new RecentMap<true>(MOST_PROVEN)

  constructor(clock: () => number) {
    this.#rate = new Rate({ most: MOST_AT_ONCE, periodMs: PERIOD_MS, clock })
  }

  /** Gives the answer to a wrong key from an address, or rather from its network: WrongKeyError or RATE_LIMITED. */
  refusal(address: string): AppError {
    const waitMs = this.#rate.waitMs(address)
    if (waitMs > LONGEST_WAIT_MS) return this.#tooMany(address, waitMs)
    this.#rate.count(address)
    return new WrongKeyError(waitMs)
  }

  /** Lets a key that fits pass. @throws RATE_LIMITED where nobody says whether keys from that address fit. */
  letPass(address: string, key: string): void {
    const pair = `${address} ${key}`
    if (this.#proven.get(pair) === true) return
    const waitMs = this.#rate.waitMs(address)
    if (waitMs > LONGEST_WAIT_MS) throw this.#tooMany(address, waitMs)
    this.#proven.set(pair, true)
  }

  #tooMany(address: string, waitMs: number): AppError {
    return new AppError(
      'RATE_LIMITED',
      `expected fewer wrong keys from ${address}, got more than ${MOST_AT_ONCE} at once`,
      { retryAfterSeconds: Math.ceil(waitMs / 1000) },
    )
  }
}
