import { AppError } from '../../errors.ts'
import { Rate } from './rate.ts'
import { RecentMap } from './recent-map.ts'

const MINUTE_MS = 60_000
const DAY_MS = 86_400_000
const MOST_CALLERS = 10_000

export interface RateLimitOptions {
  /** The most requests of one caller at once, and then in a minute; 0 for no limit. */
  readonly requestsPerMinute: number
  /** The most requests of one caller in a day, which begins at midnight UTC; 0 for no limit. */
  readonly requestsPerDay: number
  /** Milliseconds that only grow. */
  readonly clock: () => number
  /** Milliseconds since 1970. */
  readonly now: () => number
}

/** Counts a request of a caller. @throws RATE_LIMITED, QUOTA_EXCEEDED beyond the limits. */
export type RateLimits = (caller: string) => void

export function createRateLimits(options: RateLimitOptions): RateLimits {
  const { requestsPerMinute, requestsPerDay, clock, now } = options
  const minute = new Rate({ most: requestsPerMinute, periodMs: MINUTE_MS, clock })
  const countedToday = new RecentMap<number>(MOST_CALLERS)
  let today = 0

  function countMinute(caller: string): void {
    const waitMs = minute.waitMs(caller)
    if (waitMs > 0) {
      throw new AppError(
        'RATE_LIMITED',
        `expected at most ${requestsPerMinute} requests a minute of ${caller}, got more`,
        { retryAfterSeconds: Math.ceil(waitMs / 1000) },
      )
    }
    minute.count(caller)
  }

  function countDay(caller: string): void {
    const time = now()
    const day = Math.floor(time / DAY_MS)
    if (day !== today) countedToday.clear()
    today = day
    const counted = countedToday.get(caller) ?? 0
    if (counted >= requestsPerDay) {
      throw new AppError(
        'QUOTA_EXCEEDED',
        `expected at most ${requestsPerDay} requests a day of ${caller}, got more; the next day begins at midnight UTC`,
        { retryAfterSeconds: Math.ceil(((day + 1) * DAY_MS - time) / 1000) },
      )
    }
    countedToday.set(caller, counted + 1)
  }

  return (caller) => {
    if (requestsPerMinute > 0) countMinute(caller)
    if (requestsPerDay > 0) countDay(caller)
  }
}
